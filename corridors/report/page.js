"use strict";
// Draws the charts that the page carries as data, lets its controls set the map's parameters, switches between plans,
// sorts tables and hands them out as CSV.
(() => {
  const { pool, plans } = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const NARROW = 600;
  const LEAST = 600; // pixels of width that charts with names and figures need; narrower screens scroll them sideways
  const WORDY = ["comparison", "bottlenecks", "corridors", "modes", "flows", "changes", "scorecard"];
  const A4 = 700; // pixels between the margins of a printed page
  const NEAR = 6; // magnification at which a place that was searched for is shown
  const MATCHES = 8; // places listed of those that are searched for
  const views = []; // charts that are drawn: {view, name, figure, plan}
  const maps = []; // by plan: how to set its map
  const used = new Set(); // values of the pool that a chart has: Vega writes into what it is given
  const state = { zoom: 1, x: 0, y: 0, found: null }; // of the map, kept when the plan is switched

  function value(place) {
    const one = pool[place];
    if (one && one.columns && one.rows) {
      return one.rows.map((row) => Object.fromEntries(one.columns.map((name, n) => [name, row[n]])));
    }
    if (used.has(place)) return structuredClone(one);
    used.add(place);
    return one;
  }

  /** Put a chart together from what plans share. */
  function specification(plan, name) {
    const chart = plans[plan].charts[name];
    if (!chart) return null;
    const datasets = {};
    for (const [one, place] of Object.entries(chart.data)) datasets[one] = value(place);
    return { ...pool[chart.spec], datasets };
  }

  /** Return the height of the map: what is left of the window below the finding. */
  function mapHeight(figure, width) {
    const other = views.find((one) => one.name === "map" && one.plan === shown);
    if (!figure.offsetParent && other) return other.view.height(); // not shown yet: as high as the one that is
    const top = figure.getBoundingClientRect().top + scrollY;
    const legend = figure.parentElement.querySelector(".legend");
    const left = innerHeight - top - (legend ? legend.offsetHeight + 14 : 0);
    return Math.round(Math.max(300, Math.min(620, width * 0.6, Math.max(left, width * 0.4))));
  }

  /** Fit a chart to the width there is. */
  function fitted(name, spec, width, figure) {
    const narrow = width < NARROW;
    const config = { ...spec.config, legend: { ...spec.config.legend, labelLimit: narrow ? 150 : 240 } };
    const one = { ...spec, config };
    if (!document.querySelector("[data-titled]")) delete one.title;
    if (name === "map") {
      one.padding = 0;
      one.height = mapHeight(figure, width);
    }
    one.width = WORDY.includes(name) ? Math.max(LEAST, width) : width;
    one.autosize = { type: "fit-x", contains: "padding" };
    return one;
  }

  async function draw(figure, plan) {
    const name = figure.dataset.chart || "chart";
    const spec = specification(plan, name);
    if (!spec) return null;
    try {
      const seen = figure.clientWidth || articles[shown]?.querySelector("[data-chart=map]").clientWidth || 0;
      const width = Math.max(280, seen);
      const made = await vegaEmbed(figure, fitted(name, spec, width, figure), { actions: false, renderer: "svg", mode: "vega-lite" });
      figure.dataset.drawn = "yes";
      views.push({ view: made.view, name, figure, plan });
      return made.view;
    } catch (error) {
      const said = document.createElement("p");
      said.className = "failed";
      said.textContent = `${name}: ${error.message}`;
      figure.replaceChildren(said);
      throw error;
    }
  }

  /** Project a place as the map does: Lambert's azimuthal equal-area projection about the view's centre. */
  function project(lon, lat, frame) {
    const rad = Math.PI / 180;
    const [lam, phi, mid] = [(lon - frame.lon) * rad, lat * rad, frame.lat * rad];
    const k = Math.sqrt(2 / (1 + Math.sin(mid) * Math.sin(phi) + Math.cos(mid) * Math.cos(phi) * Math.cos(lam)));
    return [k * Math.cos(phi) * Math.sin(lam), k * (Math.cos(mid) * Math.sin(phi) - Math.sin(mid) * Math.cos(phi) * Math.cos(lam))];
  }

  /** Let the form, the buttons, the keys and the pointer set a map's parameters. */
  function steer(view, figure, plan, article) {
    const form = article.querySelector(".controls");
    const frames = plans[plan].frames;
    const frame = () => frames[new FormData(form).get("view")];
    let waiting = false;
    const show = () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        view.signal("zoom", state.zoom).signal("pan_x", state.x).signal("pan_y", state.y).runAsync();
      });
    };
    const apply = async () => {
      const chosen = new FormData(form);
      view.signal("frame", frame()).signal("near", chosen.get("view")).signal("modes", chosen.getAll("mode"))
        .signal("commodity", chosen.get("commodity")).signal("direction", chosen.get("direction"))
        .signal("zoom", state.zoom).signal("pan_x", state.x).signal("pan_y", state.y)
        .data("sought", state.found ? [{ ...state.found }] : []);
      await view.runAsync();
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
      if (event.target.name === "search") return;
      if (event.target.name === "view") Object.assign(state, { zoom: 1, x: 0, y: 0 });
      apply();
    });
    for (const button of article.querySelectorAll("[data-zoom]")) {
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
    search(form, pool[plans[plan].places], (place) => {
      state.found = place && { name: place[0], lon: place[1], lat: place[2] };
      if (place) {
        const { left, right, bottom, top } = frame();
        const [x, y] = project(place[1], place[2], frame());
        const scale = NEAR * Math.min(view.width() / (right - left), view.height() / (top - bottom));
        Object.assign(state, { zoom: NEAR, x: -scale * (x - (left + right) / 2), y: scale * (y - (bottom + top) / 2) });
      }
      apply();
    });
    maps[plan] = { form, apply };
  }

  /** Return a text as it is searched for: small letters without accents. */
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();

  /** Let a place be searched for by its name in any language: what begins with the letters first, the busiest first. */
  function search(form, places, go) {
    const box = form.querySelector("[role=combobox]");
    const list = form.querySelector("[role=listbox]");
    let found = [];
    let at = -1;
    const mark = (next) => {
      at = next;
      [...list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === at)));
      if (at >= 0) box.setAttribute("aria-activedescendant", list.children[at].id);
      else box.removeAttribute("aria-activedescendant");
    };
    const close = () => {
      list.hidden = true;
      box.setAttribute("aria-expanded", "false");
      mark(-1);
    };
    const choose = (place) => {
      box.value = place[0];
      close();
      go(place);
    };
    const item = (text, n, place) => {
      const line = document.createElement("li");
      line.textContent = text;
      line.id = `${list.id}-${n}`;
      if (place) {
        line.setAttribute("role", "option");
        line.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(place); });
      }
      return line;
    };
    box.addEventListener("input", () => {
      const sought = plain(box.value);
      if (!sought) { found = []; close(); go(null); return; }
      const rank = (place) => Math.min(...place.filter((_, n) => n > 2 || n === 0).map((name) => {
        const where = plain(name).indexOf(sought);
        return where < 0 ? 3 : where === 0 ? 0 : /\p{L}/u.test(plain(name)[where - 1]) ? 2 : 1;
      }));
      const ranked = places.map((place) => [rank(place), place]).filter(([one]) => one < 3);
      found = ranked.sort((one, other) => one[0] - other[0]).slice(0, MATCHES).map(([, place]) => place);
      list.replaceChildren(...found.map((place, n) => item(place[0], n, place)));
      if (!found.length) list.append(item(list.dataset.none, 0, null));
      list.hidden = false;
      box.setAttribute("aria-expanded", "true");
      at = -1;
      if (found.length) mark(0);
    });
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { box.value = ""; found = []; close(); go(null); return; }
      if (event.key === "Enter") {
        event.preventDefault();
        if (found[at]) choose(found[at]);
      } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && found.length) {
        event.preventDefault();
        mark((at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
      }
    });
    box.addEventListener("blur", close);
  }

  /** Sort a table by the column whose button was pressed; pressed again, the other way round. */
  function sort(head) {
    const table = head.closest("table");
    const place = head.cellIndex;
    const figures = head.classList.contains("figure");
    const before = head.getAttribute("aria-sort");
    const down = before ? before === "ascending" : figures;
    const body = table.tBodies[0];
    const collator = new Intl.Collator(root.lang, { numeric: true });
    const key = (row) => row.cells[place].dataset.key;
    const rows = [...body.rows].sort((one, other) => {
      const [a, b] = [key(one), key(other)];
      if (figures && (a === undefined || b === undefined)) return (a === undefined) - (b === undefined);
      const order = figures ? a - b : collator.compare(one.cells[place].textContent, other.cells[place].textContent);
      return down ? -order : order;
    });
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.replaceChildren(...rows);
  }

  /** Return a table as CSV (RFC 4180) with all digits of its figures, and no text that a spreadsheet would run. */
  function csv(table) {
    const safe = (text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
    const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const heads = [...table.tHead.rows[0].cells];
    const cell = (one, n) => {
      if (one.dataset.key !== undefined) return one.dataset.key;
      return heads[n].classList.contains("figure") ? "" : quoted(safe(one.textContent.trim()));
    };
    const lines = [heads.map((one) => quoted(safe(one.textContent.trim()))), ...[...table.tBodies[0].rows].map((row) => [...row.cells].map(cell))];
    return lines.map((line) => `${line.join(",")}\r\n`).join("");
  }

  /** Hand a table out as a file; its mark of byte order tells Excel that it is UTF-8. */
  function download(button) {
    const text = csv(button.closest(".listing").querySelector("table"));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
    link.download = `${button.dataset.csv.replace(/[^\p{L}\p{N}.-]+/gu, "-")}.csv`;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  function furnish(article) {
    for (const button of article.querySelectorAll(".sortable th button")) {
      button.addEventListener("click", () => sort(button.closest("th")));
    }
    for (const button of article.querySelectorAll("button.csv")) button.addEventListener("click", () => download(button));
  }

  /** Put in what reads as in the first plan. */
  function complete(article) {
    const first = document.querySelector("[data-plan='0']");
    for (const empty of article.querySelectorAll("[data-same]")) {
      const copy = first.querySelector(`[data-listing="${empty.dataset.same}"]`).cloneNode(true);
      const table = copy.querySelector("table");
      if (table) table.id = `p${Number(article.dataset.plan) + 1}-${table.id}`;
      empty.replaceWith(copy);
    }
  }

  /** Draw the charts of a plan that are not drawn yet, the map first, which then can be steered, as long as it is shown. */
  async function drawAll(plan) {
    const article = articles[plan];
    await drawMap(plan);
    return async () => {
      for (const figure of article.querySelectorAll("figure.chart:not([data-drawn])")) {
        await idle();
        if (shown === plan) await draw(figure, plan);
      }
    };
  }

  /** Draw the map of a plan once, shown or not, and let it be steered. */
  function drawMap(plan) {
    const article = articles[plan];
    const map = article.querySelector("[data-chart=map]");
    drawn[plan] ??= draw(map, plan).then((view) => steer(view, map, plan, article));
    return drawn[plan];
  }

  /** Wait until the browser has painted what it was told. */
  const painted = () => new Promise((next) => requestAnimationFrame(() => setTimeout(next)));

  /** Wait until nobody waits for the page: a click is answered first. */
  const idle = () => new Promise((next) => (window.requestIdleCallback ? requestIdleCallback(next, { timeout: 300 }) : setTimeout(next)));

  const drawn = []; // by plan: its map, drawn or being drawn
  const articles = [...document.querySelectorAll("article.plan")];
  let shown = 0;
  let controls = null; // the form that the map was set with last

  /** Show another plan: the same section of it, the map as it was set. */
  async function change(plan) {
    const [before, after] = [articles[shown], articles[plan]];
    const here = [...before.querySelectorAll("[data-section]")].filter((one) => one.getBoundingClientRect().top < innerHeight / 3).pop();
    if (maps[shown]) controls = maps[shown].form;
    before.hidden = true;
    after.hidden = false;
    shown = plan;
    if (!furnished.has(plan)) {
      complete(after);
      furnish(after);
      furnished.add(plan);
    }
    after.querySelector("[data-chart=map]").style.minHeight = before.querySelector("[data-chart=map]").style.minHeight;
    await painted(); // the finding and its tiles first
    root.dataset.answered = String(plan);
    const others = await drawAll(plan);
    if (shown !== plan) return;
    if (resized.delete(plan)) refit();
    if (controls && controls !== maps[plan].form) carry(controls, maps[plan].form);
    await maps[plan].apply();
    if (here && scrollY > 200) after.querySelector(`[data-section="${here.dataset.section}"]`)?.scrollIntoView({ behavior: "instant" });
    root.dataset.shown = String(plan);
    await others();
    root.dataset.complete = String(plan);
  }

  /** Set one map's controls as another's are, where it has the like. */
  function carry(from, to) {
    for (const one of to.elements) {
      if (!one.name || one.tagName === "FIELDSET") continue;
      const like = [...from.elements].find((other) => other.name === one.name && (one.type === "radio" || one.type === "checkbox" ? other.value === one.value : true));
      if (!like) continue;
      if (one.type === "radio" || one.type === "checkbox") one.checked = like.checked;
      else if (one.tagName !== "SELECT" || [...one.options].some((option) => option.value === like.value)) one.value = like.value;
    }
  }

  /** Draw all charts of the plan that is shown anew in the width that there is, or in so many pixels. */
  function refit(pixels) {
    for (const { view, name, figure, plan } of views) {
      if (plan !== shown) continue;
      const one = fitted(name, pool[plans[plan].charts[name].spec], pixels || Math.max(280, figure.clientWidth), figure);
      if (name === "map") figure.style.minHeight = "";
      view.width(one.width);
      if (name === "map") view.height(pixels ? Math.round(pixels * 0.56) : one.height);
      view.resize().run();
    }
  }

  async function start() {
    if (!articles.length) {
      await draw(document.querySelector("figure.chart"), 0);
      root.dataset.ready = performance.now().toFixed(0);
      return;
    }
    document.getElementById("switch")?.addEventListener("change", (event) => change(Number(event.target.value)));
    furnish(articles[0]);
    const map = articles[0].querySelector("[data-chart=map]");
    const others = await drawAll(0);
    root.dataset.interactive = performance.now().toFixed(0);
    map.style.minHeight = `${map.offsetHeight}px`;
    await others();
    root.dataset.ready = performance.now().toFixed(0);
    for (let plan = 1; plan < plans.length && shown === 0; plan += 1) {
      await idle(); // the others, while nobody waits
      await drawMap(plan);
    }
    root.dataset.prepared = "yes";
  }

  const furnished = new Set();
  const resized = new Set(); // plans whose charts were drawn before the window changed its size
  let later = 0;
  addEventListener("resize", () => {
    clearTimeout(later);
    later = setTimeout(() => {
      for (const { plan } of views) if (plan !== shown) resized.add(plan);
      refit();
    }, 200);
  });
  addEventListener("beforeprint", () => refit(A4));
  addEventListener("afterprint", () => refit());
  start();
})();
