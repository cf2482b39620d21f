// The panel where there is little room: a sheet to pull up on a phone, a column that fits on paper.

const SHEET = ["low", "half", "high"];

// A grip above the panel: a tap goes to the next height, a pull to the nearest.
function makeSheet(app, panel) {
  const { map, say } = app;
  const set = (height) => {
    document.body.dataset.sheet = height;
    panel.style.removeProperty("top");
    grip.setAttribute("aria-expanded", String(height !== "low"));
    map.invalidateSize({ animate: false });
  };
  const grip = h("button", { type: "button", class: "grip", "aria-label": say("fold"), "aria-controls": "panel", onclick: () => {
    if (!pulled) set(SHEET[(SHEET.indexOf(document.body.dataset.sheet) + 1) % SHEET.length]);
  } });
  let from = null, pulled = false;
  grip.addEventListener("pointerdown", (event) => {
    from = event.clientY;
    pulled = false;
    grip.setPointerCapture(event.pointerId);
  });
  grip.addEventListener("pointermove", (event) => {
    if (from === null || Math.abs(event.clientY - from) < 6) return;
    pulled = true;
    panel.style.top = `${Math.max(0, event.clientY - 12)}px`;
  });
  const drop = (event) => {
    if (from === null) return;
    from = null;
    if (!pulled) return;
    const share = 1 - event.clientY / window.innerHeight;
    set(share < 0.3 ? "low" : share < 0.7 ? "half" : "high");
  };
  grip.addEventListener("pointerup", drop);
  grip.addEventListener("pointercancel", drop);
  panel.prepend(grip);
  document.body.dataset.sheet = "half";
  grip.setAttribute("aria-expanded", "true");
}

// One A3 sheet: the column is made as small as it must be to fit, in two rows where that would be too
// small to read; what explains the figures stands below the map, with the sources and the date.
const SHEET_WIDTH = 1525, SHEET_HEIGHT = 1055, COLUMN = 300, READABLE = 0.62, WANTED = 0.76, SLACK_OF_FONTS = 0.98;

function preparePaper({ say, data }, panel) {
  const foot = h("footer", { class: "foot" });
  window.addEventListener("beforeprint", () => {
    const { body } = document;
    body.classList.add("on-paper");
    const lines = [...panel.querySelectorAll(".about p:not(.tools)")].map((line) => line.textContent);
    const today = new Date().toLocaleDateString(data.lang === "zh" ? "zh-CN" : "en-GB");
    foot.replaceChildren(...[...lines, say("printed", { date: today })].map((line) => h("p", {}, line)));
    body.append(foot);
    const below = Math.ceil(foot.getBoundingClientRect().height);
    const fit = (columns) => {
      let scale = WANTED;
      for (let turn = 0; turn < 6; turn++) {
        panel.style.width = `${(columns * COLUMN) / scale}px`;
        panel.style.height = "auto";
        panel.style.columnCount = columns;
        const needed = (SLACK_OF_FONTS * SHEET_HEIGHT) / panel.scrollHeight;
        if (needed >= scale) break;
        scale = Math.max(needed, scale * 0.9);
      }
      return scale;
    };
    let columns = 1, scale = fit(1);
    if (scale < READABLE) {
      columns = 2;
      scale = fit(2);
    }
    panel.style.height = `${SHEET_HEIGHT / scale}px`;
    panel.style.zoom = scale;
    body.style.setProperty("--column", `${columns * COLUMN}px`);
    body.style.setProperty("--below", `${below}px`);
  });
  window.addEventListener("afterprint", () => {
    foot.remove();
    document.body.classList.remove("on-paper");
    panel.removeAttribute("style");
  });
}
