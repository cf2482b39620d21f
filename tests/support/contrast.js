// Finds every visible text and part of a control, and how well it stands out from what lies behind it.
() => {
  const parse = (text) => {
    const [r, g, b, a = 1] = (text.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a), 1];
  // invert(1) hue-rotate(180deg), as the dark display turns the ground of the map over
  const turned = ([r, g, b, a]) => {
    const [x, y, z] = [255 - r, 255 - g, 255 - b];
    const m = [[-0.574, 1.43, 0.144], [0.426, 0.43, 0.144], [0.426, 1.43, -0.856]];
    return [...m.map((row) => Math.min(255, Math.max(0, row[0] * x + row[1] * y + row[2] * z))), a];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ratio = (a, b) => {
    const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const chain = (element) => { const all = []; for (let e = element; e; e = e.parentElement) all.push(e); return all; };
  const onMap = (element) => element.closest("#plan_map");
  // What lies behind an element: colours from the nearest up, the first opaque one last.
  const behind = (element) => {
    const layers = [];
    for (const one of chain(element)) {
      const style = getComputedStyle(one);
      const colour = parse(style.backgroundColor);
      if (one.id === "plan_map") {
        const halo = (getComputedStyle(element).textShadow.match(/rgba?\([^)]*\)/) || [])[0];
        if (halo && !layers.some((layer) => layer[3] === 1)) layers.push([...parse(halo).slice(0, 3), 1]);
      }
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1 && one.id !== "plan_map") break;
      if (layers.some((layer) => layer[3] === 1)) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const opacity = (element) => chain(element).reduce((so, one) => so * Number(getComputedStyle(one).opacity), 1);
  const flipped = (element) => chain(element).some((one) => getComputedStyle(one).filter.includes("invert"));
  const seen = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !element.closest(".told");
  };
  const poor = [];
  let texts = 0, parts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (!text || /^(SCRIPT|STYLE|OPTION)$/.test(element.tagName) || !seen(element) || element.closest(":disabled")) continue;
    const style = getComputedStyle(element);
    const turn = flipped(element) ? turned : (colour) => colour;
    const ground = behind(element.matches(".pin b") ? element.previousElementSibling : element);
    const [r, g, b, a] = parse(style.color);
    const ink = over([r, g, b, a * opacity(element)], ground);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const found = ratio(turn(ink), turn(ground));
    texts += 1;
    if (found < (large ? 3 : 4.5) - 0.005) poor.push(["text", text.slice(0, 30), Math.round(100 * found) / 100]);
    if (onMap(element) && !element.closest(".leaflet-popup, .tip, .leaflet-control, .stamp, .notice, .pin, .swipe") && !/\d/.test(style.textShadow) && parse(style.backgroundColor)[3] === 0) poor.push(["no halo", text.slice(0, 30), 0]);
  }
  for (const element of document.querySelectorAll("input[type=search], select, .theme, .tools button, .choice, .swatch:not(.text):not(.dots):not(.line):not(.border):not(.ring)")) {
    if (!seen(element) || element.closest(":disabled")) continue;
    const style = getComputedStyle(element);
    const ground = behind(element.parentElement);
    const edge = over(parse(style.borderTopColor), ground);
    const turn = flipped(element) ? turned : (colour) => colour;
    const of = (colour) => ratio(turn(colour), flipped(element) && !flipped(element.parentElement) ? ground : turn(ground));
    const found = Math.max(of(edge), of(over(parse(style.backgroundColor), ground)));
    parts += 1;
    if (found < 3 - 0.005) poor.push(["part", element.className || element.id, Math.round(100 * found) / 100]);
  }
  return { poor, texts, parts };
}
