"use strict";
// Two systems: the paired difference, figures and slices side by side, and the pairs that one of them gets right alone.
(() => {
  const { systems, columns, differences, slices, sliceLabels, disputes, element, interval, number, words, small, load } = counterclaim;
  const by = (id) => document.getElementById(id);
  const [first, second] = [by("a"), by("b")];
  const LABELS = { c: "contradiction", e: "entailment", n: "neutral", x: "not contradiction" };
  const PAGE = 25;
  let only = { a: [], b: [] };
  let limit = PAGE;

  const marked = (n, kind) => element("span", {}, element("i", { class: `mark ${kind}` }), " ", named(n));
  const named = (n) => element("bdi", {}, systems[n].name);
  const heading = (...texts) => element("thead", {}, element("tr", {}, ...texts.map((text, n) => {
    return element("th", n ? { scope: "col" } : { scope: "col", class: "name" }, text);
  })));

  const difference = (i, j) => {
    const [low, high] = i < j ? [i, j] : [j, i];
    const place = low * systems.length - (low * (low + 1)) / 2 + (high - low - 1);
    const [value, start, end, p, holm] = differences[place];
    return i < j ? { value, start, end, p, holm } : { value: -value, start: end === null ? null : -end, end: start === null ? null : -start, p, holm };
  };

  const verdict = (i, j) => {
    const gap = difference(i, j);
    const apart = gap.holm < 0.05;
    const ahead = gap.value >= 0 ? [i, j] : [j, i];
    by("sentence").replaceChildren(
      ...(apart
        ? [named(ahead[0]), " is better than ", named(ahead[1]), ` by ${number(Math.abs(gap.value))} in contradiction F1.`]
        : [named(i), " and ", named(j), ` cannot be told apart: they are ${number(Math.abs(gap.value))} apart in contradiction F1.`]),
    );
    const span = Math.max(0.05, Math.abs(gap.value), Math.abs(gap.start ?? 0), Math.abs(gap.end ?? 0)) * 1.15;
    const at = (value) => 20 + ((value + span) / (2 * span)) * 300;
    const svg = element("svg", { viewBox: "0 0 340 62", role: "img", "aria-label": `Difference ${number(gap.value)}, 95% interval from ${number(gap.start)} to ${number(gap.end)}`, class: gap.value < 0 ? "interval b" : "interval" });
    svg.append(element("line", { class: "rail", x1: 20, x2: 320, y1: 24, y2: 24 }), element("line", { class: "zero", x1: at(0), x2: at(0), y1: 6, y2: 42 }));
    if (gap.start !== null) svg.append(element("line", { class: "span", x1: at(gap.start), x2: at(gap.end), y1: 24, y2: 24 }));
    svg.append(element("circle", { class: "dot", cx: at(gap.value), cy: 24, r: 5 }));
    svg.append(element("text", { x: 20, y: 58 }, "second better"), element("text", { x: at(0), y: 58, "text-anchor": "middle" }, "0"), element("text", { x: 320, y: 58, "text-anchor": "end" }, "first better"));
    by("drawn").replaceChildren(svg);
    by("test").textContent = `First minus second: ${number(gap.value)}, 95% interval ${number(gap.start)} to ${number(gap.end)} by paired bootstrap over disputes; p ${number(gap.p, 4)}, ${number(gap.holm, 4)} after Holm’s correction over all pairs of systems.`;
  };

  const figureCell = (figure, kind, digits, scale) => {
    const cell = element("td", { class: "nowrap" });
    cell.append(element("b", {}, figure ? number(figure[0], digits) : "–"));
    if (figure && scale) cell.append(" ", interval(figure, scale[0], 1, kind, 90));
    return cell;
  };
  const gapCell = (one, other, digits) =>
    element("td", {}, one && other ? number(one[0] - other[0], digits) : "–");

  const figures = (i, j) => {
    const body = element("tbody", {});
    columns.forEach((column, n) => {
      const [one, other] = [systems[i].figures[n], systems[j].figures[n]];
      if (!one && !other) return;
      const scale = column.digits ? [column.short === "MCC" ? -1 : 0] : null;
      body.append(element("tr", {}, element("th", { scope: "row", class: "name" }, column.title, " ", element("span", { class: "soft" }, `${column.better} is better`)),
        figureCell(one, "a", column.digits, scale), figureCell(other, "b", column.digits, scale), gapCell(one, other, column.digits)));
    });
    by("figures").replaceChildren(heading("metric", marked(i, "a"), marked(j, "b"), "difference"), body);
  };

  const sliceTable = (i, j) => {
    const rows = sliceLabels.map((label, n) => ({ label, one: slices[i][n], other: slices[j][n] }));
    if (by("order").value === "gap") {
      const gap = (row) => (row.one && row.other ? Math.abs(row.one[0] - row.other[0]) : -1);
      rows.sort((x, y) => gap(y) - gap(x));
    }
    const body = element("tbody", {});
    for (const { label: [field, value, metric, , pairs], one, other } of rows) {
      body.append(element("tr", {}, element("th", { scope: "row", class: "name" }, `${field}: `, element("b", {}, words(value)), " ", element("span", { class: "soft" }, `${small(metric)}, ${pairs.toLocaleString("en")} pairs`)),
        figureCell(one, "a", 3, [0]), figureCell(other, "b", 3, [0]), gapCell(one, other, 3)));
    }
    by("slices").replaceChildren(heading("slice", marked(i, "a"), marked(j, "b"), "difference"), body);
  };

  // Every scored pair, in the order of the letters.
  const everyPair = function* () {
    let n = 0;
    for (const [event, title, claims, gold] of disputes) {
      let m = 0;
      for (const one of claims) {
        for (const other of claims) {
          if (one !== other) yield { n: n++, event, title, one, other, gold: gold[m++] };
        }
      }
    }
  };
  const pairs = [...everyPair()];

  const split = (saidA, saidB) => {
    only = { a: [], b: [] };
    for (const pair of pairs) {
      if (pair.gold !== pair.gold.toLowerCase()) continue;
      const right = (said) => (said[pair.n] === "c") === (pair.gold === "c");
      if (right(saidA) !== right(saidB)) only[right(saidA) ? "a" : "b"].push({ ...pair, said: [saidA[pair.n], saidB[pair.n]] });
    }
  };
  const label = (letter) => element("b", { class: `label-${letter === "x" ? "n" : letter}` }, LABELS[letter]);

  const listPairs = (i, j) => {
    const who = document.querySelector("[name=who]:checked").value;
    const wanted = by("label").value;
    const found = only[who].filter((pair) => !wanted || pair.gold === wanted);
    by("pairs").replaceChildren(...found.slice(0, limit).map((pair) => {
      const text = ([, speaker, words]) => element("p", {}, words, " ", element("span", { class: "soft" }, speaker));
      return element("li", {}, text(pair.one), text(pair.other),
        element("p", { class: "soft" }, "is ", label(pair.gold), " · ", named(i), " said ", label(pair.said[0]), " · ", named(j), " said ", label(pair.said[1]), " · ",
          element("a", { href: `disputes/${pair.event}.html?system=${systems[who === "a" ? j : i].slug}#${pair.one[0]}-${pair.other[0]}` }, pair.title)));
    }));
    if (!found.length) by("pairs").append(element("li", { class: "soft" }, "There is no such pair."));
    by("more").hidden = found.length <= limit;
    by("more").textContent = `Show more of ${found.length}`;
  };

  const selected = () => [first, second].map((select) => systems.findIndex((system) => system.slug === select.value));
  const show = async () => {
    const [i, j] = selected();
    const same = i === j;
    by("verdict").hidden = by("parts").hidden = same;
    by("status").textContent = same ? "Choose two different systems." : "";
    history.replaceState(null, "", `?a=${first.value}&b=${second.value}`);
    if (same) return;
    verdict(i, j);
    figures(i, j);
    sliceTable(i, j);
    try {
      const [saidA, saidB] = await Promise.all([load(systems[i].slug), load(systems[j].slug)]);
      if (selected().join() !== [i, j].join()) return;
      split(saidA, saidB);
    } catch (error) {
      by("status").textContent = error.message;
      return;
    }
    by("only-a").replaceChildren(named(i), `: ${only.a.length.toLocaleString("en")}`);
    by("only-b").replaceChildren(named(j), `: ${only.b.length.toLocaleString("en")}`);
    limit = PAGE;
    listPairs(i, j);
  };

  if (systems.length < 2) {
    by("status").textContent = "There are fewer than two systems to compare.";
    by("choose").hidden = true;
    return;
  }
  const asked = new URLSearchParams(location.search);
  for (const [select, key, place] of [[first, "a", 0], [second, "b", 1]]) {
    for (const system of systems) select.append(element("option", { value: system.slug }, `${system.name} (${system.team})`));
    select.value = asked.get(key) ?? "";
    if (select.selectedIndex < 0) select.selectedIndex = place;
    select.addEventListener("change", show);
  }
  if (first.value === second.value) second.selectedIndex = first.selectedIndex ? 0 : 1;
  by("swap").addEventListener("click", () => { [first.value, second.value] = [second.value, first.value]; show(); });
  by("order").addEventListener("change", () => sliceTable(...selected()));
  by("label").addEventListener("change", () => { limit = PAGE; listPairs(...selected()); });
  for (const radio of document.querySelectorAll("[name=who]")) radio.addEventListener("change", () => { limit = PAGE; listPairs(...selected()); });
  by("more").addEventListener("click", () => { limit += PAGE * 4; listPairs(...selected()); });
  by("choose").addEventListener("submit", (event) => event.preventDefault());
  show();
})();
