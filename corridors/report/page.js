"use strict";
// Draws the charts that the page carries as data, and lets its controls set the map's parameters.
(() => {
  const { specs, frames } = JSON.parse(document.getElementById("data").textContent);
  const NARROW = 600;
  const LEAST = 600; // pixels of width that charts with names and figures need; narrower screens scroll them sideways
  const WORDY = ["comparison", "bottlenecks", "corridors", "modes", "flows", "changes"];
  const A4 = 700; // pixels between the margins of a printed page
  const FEW = 9; // places named on a narrow map
  const views = [];

  /** Fit a chart to the width there is. */
  function fitted(name, spec, width) {
    const narrow = width < NARROW;
    const config = { ...spec.config, legend: { ...spec.config.legend, labelLimit: narrow ? 150 : 240 } };
    config.axisY = { ...spec.config.axisY, labelLimit: Math.min(290, Math.round(width * 0.36)) };
    const one = { ...spec, config };
    if (!document.querySelector("[data-titled]")) delete one.title;
    if (name === "map") {
      config.legend.orient = "bottom";
      config.legend.columns = narrow ? 2 : 3; // three fit A4, too
      config.legend.direction = narrow ? "vertical" : "horizontal";
      one.height = Math.round(Math.max(300, Math.min(600, width * 0.56)));
    }
    one.width = WORDY.includes(name) ? Math.max(LEAST, width) : width;
    if (name === "map" && narrow) {
      one.params = one.params.map((param) => (param.name === "named" ? { ...param, value: FEW } : param));
    }
    one.autosize = { type: "fit-x", contains: "padding" };
    return one;
  }

  async function draw(figure) {
    const name = figure.dataset.chart || "chart";
    const spec = specs[name];
    if (!spec) return null;
    try {
      const width = Math.max(280, figure.clientWidth);
      const shown = await vegaEmbed(figure, fitted(name, spec, width), { actions: false, renderer: "svg", mode: "vega-lite" });
      figure.dataset.drawn = "yes";
      views.push({ view: shown.view, name, figure });
      return shown.view;
    } catch (error) {
      const said = document.createElement("p");
      said.className = "failed";
      said.textContent = `${name}: ${error.message}`;
      figure.replaceChildren(said);
      throw error;
    }
  }

  /** Let the form, the buttons, the keys and the pointer set the map's parameters. */
  function steer(view, figure) {
    const form = document.getElementById("controls");
    const state = { zoom: 1, x: 0, y: 0 };
    let waiting = false;
    const show = () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        view.signal("zoom", state.zoom).signal("pan_x", state.x).signal("pan_y", state.y).runAsync();
      });
    };
    const zoom = (by) => {
      const next = by === 0 ? 1 : Math.min(40, Math.max(0.5, state.zoom * by));
      const moved = by === 0 ? 0 : next / state.zoom;
      Object.assign(state, { zoom: next, x: state.x * moved, y: state.y * moved });
      show();
    };
    const pan = (x, y) => { state.x += x; state.y += y; show(); };
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", (event) => {
      const chosen = new FormData(form);
      if (event.target.name === "view") {
        Object.assign(state, { zoom: 1, x: 0, y: 0 });
        view.signal("zoom", 1).signal("pan_x", 0).signal("pan_y", 0);
      }
      view.signal("frame", frames[chosen.get("view")]).signal("near", chosen.get("view"))
        .signal("modes", chosen.getAll("mode")).signal("commodity", chosen.get("commodity"))
        .signal("direction", chosen.get("direction")).runAsync();
    });
    for (const button of document.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => zoom(Number(button.dataset.zoom)));
    }
    const keys = { ArrowLeft: () => pan(60, 0), ArrowRight: () => pan(-60, 0), ArrowUp: () => pan(0, 60),
      ArrowDown: () => pan(0, -60), "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), 0: () => zoom(0) };
    figure.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
      event.preventDefault();
      keys[event.key]();
    });
    let last = null;
    figure.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse" || event.button !== 0) return;
      last = [event.clientX, event.clientY];
      figure.classList.add("dragged");
    });
    addEventListener("pointermove", (event) => {
      if (!last) return;
      pan(event.clientX - last[0], event.clientY - last[1]);
      last = [event.clientX, event.clientY];
    });
    addEventListener("pointerup", () => { last = null; figure.classList.remove("dragged"); });
  }

  /** Sort a table by the column whose button was pressed; pressed again, the other way round. */
  function sort(head) {
    const table = head.closest("table");
    const place = head.cellIndex;
    const figures = head.classList.contains("figure");
    const before = head.getAttribute("aria-sort");
    const down = before ? before === "ascending" : figures;
    const body = table.tBodies[0];
    const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
    const value = (row) => row.cells[place].dataset.key;
    const rows = [...body.rows].sort((one, other) => {
      const [a, b] = [value(one), value(other)];
      if (figures && (a === undefined || b === undefined)) return (a === undefined) - (b === undefined);
      const order = figures ? a - b : collator.compare(one.cells[place].textContent, other.cells[place].textContent);
      return down ? -order : order;
    });
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.replaceChildren(...rows);
  }

  for (const button of document.querySelectorAll(".sortable th button")) {
    button.addEventListener("click", () => sort(button.closest("th")));
  }

  async function all() {
    const figures = [...document.querySelectorAll("figure.chart")];
    const map = figures.find((figure) => figure.dataset.chart === "map");
    if (map) {
      steer(await draw(map), map);
      document.documentElement.dataset.interactive = performance.now().toFixed(0);
    }
    for (const figure of figures) {
      if (figure === map) continue;
      await new Promise((next) => setTimeout(next));
      await draw(figure);
    }
    document.documentElement.dataset.ready = performance.now().toFixed(0);
  }
  all();

  /** Draw all charts anew in the width that there is, or in so many pixels. */
  function refit(pixels) {
    for (const { view, name, figure } of views) {
      const one = fitted(name, specs[name], pixels || Math.max(280, figure.clientWidth));
      view.width(one.width);
      if (name === "map") view.height(one.height);
      view.resize().run();
    }
  }

  let later = 0;
  addEventListener("resize", () => {
    clearTimeout(later);
    later = setTimeout(() => refit(), 200);
  });
  addEventListener("beforeprint", () => refit(A4));
  addEventListener("afterprint", () => refit());
})();
