"use strict";
// The board: sort, filter, mark ties, show a slice, choose two to compare.
(() => {
  const table = document.getElementById("board");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const find = document.getElementById("find");
  const slice = document.getElementById("slice");
  const compare = document.getElementById("compare");
  const params = new URLSearchParams(location.hash.slice(1));

  const sort = (head, direction) => {
    const column = heads.indexOf(head);
    const numeric = head.dataset.type === "number";
    const sign = direction === "ascending" ? 1 : -1;
    const keyed = rows.map((row, n) => {
      const value = row.cells[column].dataset.v;
      return { row, n, value: numeric ? (value === "" ? NaN : Number(value)) : value };
    });
    keyed.sort((x, y) => {
      if (!numeric) return sign * x.value.localeCompare(y.value) || x.n - y.n;
      if (Number.isNaN(x.value) || Number.isNaN(y.value)) return Number.isNaN(x.value) - Number.isNaN(y.value) || x.n - y.n;
      return sign * (x.value - y.value) || x.n - y.n;
    });
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", direction);
    body.append(...keyed.map((one) => one.row));
  };
  for (const head of heads) {
    head.querySelector("button")?.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      const first = head.dataset.first ?? "ascending";
      sort(head, now ? (now === "ascending" ? "descending" : "ascending") : first);
    });
  }

  const filter = () => {
    const kinds = new Set([...document.querySelectorAll("[name=kind]:checked")].map((box) => box.value));
    const words = find.value.trim().toLowerCase();
    const alone = document.getElementById("bests").checked;
    let shown = 0;
    for (const row of rows) {
      const name = row.querySelector(".line").textContent + row.querySelector(".team").textContent + row.dataset.slug;
      row.hidden = (alone && row.dataset.best === undefined) || !kinds.has(row.dataset.kind) || !name.toLowerCase().includes(words);
      shown += !row.hidden;
    }
    document.getElementById("count").textContent = `${shown} of ${rows.length} systems`;
  };
  document.getElementById("filters").addEventListener("input", filter);
  document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());

  for (const button of table.querySelectorAll(".ties")) {
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      for (const other of table.querySelectorAll(".ties")) other.setAttribute("aria-pressed", "false");
      button.setAttribute("aria-pressed", String(on));
      const own = button.closest("tr");
      const tied = new Set(on ? [own.dataset.slug, ...own.dataset.tied.split(" ")] : []);
      for (const row of rows) row.classList.toggle("tied", tied.has(row.dataset.slug));
    });
  }

  const chosen = () => [...table.querySelectorAll(".two:checked")].map((box) => box.value);
  body.addEventListener("change", (event) => {
    if (!event.target.matches(".two")) return;
    const two = chosen();
    if (two.length > 2) {
      for (const box of table.querySelectorAll(".two:checked")) {
        if (box !== event.target && box.value === two.find((slug) => slug !== event.target.value)) box.checked = false;
      }
    }
    const [a, b] = chosen();
    compare.classList.toggle("ready", Boolean(b));
    compare.textContent = a ? (b ? "Compare these two" : "Compare with…") : "Compare two";
    compare.href = `compare.html${a ? `?a=${a}${b ? `&b=${b}` : ""}` : ""}`;
  });

  // The figures of slices are many, so that they are read when the first slice is chosen.
  const withSlices = (then) => {
    if (globalThis.counterclaim?.slices) return then();
    const wanted = ["static/draw.js", "data/systems.js", "data/slices.js"];
    let missing = wanted.length;
    for (const source of wanted) {
      const script = document.createElement("script");
      script.src = source;
      script.onload = () => { if (!--missing) then(); };
      document.head.append(script);
    }
  };
  const showSlice = () => withSlices(() => {
    const { slices, sliceLabels, systems, interval, number, words, small } = counterclaim;
    const n = slice.value === "" ? -1 : Number(slice.value);
    const head = heads.find((one) => one.classList.contains("slice"));
    head.hidden = n < 0;
    if (n >= 0) {
      const [field, value, metric, higher] = sliceLabels[n];
      head.firstElementChild.textContent = `${words(value)}: ${small(metric)}`;
      head.firstElementChild.title = `${field}: ${words(value)}`;
      head.dataset.first = higher ? "descending" : "ascending";
    }
    const bySlug = new Map(systems.map((system, at) => [system.slug, slices[at]]));
    for (const row of rows) {
      const cell = row.querySelector("td.slice");
      const figure = n < 0 ? null : bySlug.get(row.dataset.slug)?.[n];
      cell.hidden = n < 0;
      cell.dataset.v = figure ? figure[0] : "";
      cell.replaceChildren(...(figure ? [Object.assign(document.createElement("b"), { textContent: number(figure[0]) }), interval(figure)] : ["–"]));
    }
    if (n < 0 && head.hasAttribute("aria-sort")) sort(heads[0], "ascending");
  });
  slice.addEventListener("change", showSlice);
  if (params.get("find")) { find.value = params.get("find"); }
  filter();
  if (slice.value) showSlice();
})();
