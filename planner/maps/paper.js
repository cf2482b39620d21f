// On paper the map takes the sheet beside the panel and shows what the screen showed. A canvas prints
// opaque, so that what lies below it is lost: what is drawn on canvas is drawn as SVG meanwhile.
function preparePrint(app, renderers) {
  const { map } = app;
  const swaps = Object.entries(renderers).filter(([, renderer]) => renderer instanceof L.Canvas && !(renderer instanceof Painting))
    .map(([pane, canvas]) => ({ canvas, svg: L.svg({ pane, padding: 0.1 }) }));
  const swap = (from, to) => {
    const moved = [];
    map.eachLayer((layer) => {
      const found = layer instanceof L.Path && swaps.find((one) => one[from] === layer.options.renderer);
      if (found) moved.push([layer, found[to]]);
    });
    for (const [layer, renderer] of moved) {
      layer.remove();
      layer.options.renderer = renderer;
      layer.addTo(map);
    }
    for (const one of swaps) one[from].remove();
  };
  const paintings = Object.values(renderers).filter((renderer) => renderer instanceof Painting);
  let view = null;
  const fit = (onPaper) => {
    document.body.classList.toggle("on-paper", onPaper);
    map.invalidateSize({ animate: false });
    map.fitBounds(view, { animate: false });
  };
  window.addEventListener("beforeprint", () => {
    view = map.getBounds();
    swap("canvas", "svg");
    fit(true);
    for (const painting of paintings) painting.onPaper(true);
  });
  window.addEventListener("afterprint", () => {
    for (const painting of paintings) painting.onPaper(false);
    fit(false);
    swap("svg", "canvas");
  });
}
