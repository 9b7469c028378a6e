"use strict";
// One dispute: how a claim stands to the others, the matrix of pairs, and what systems made of it.
(() => {
  const { pairs, verdicts, meanings } = JSON.parse(document.getElementById("pairs-data").textContent);
  const systems = globalThis.counterclaim?.systems ?? [];
  const LABELS = { c: "contradiction", e: "entailment", n: "neutral", x: "not contradiction" };
  const SIGNS = { c: "✕", e: "⇒", n: "·", x: "·" };
  const cards = new Map([...document.querySelectorAll(".claim")].map((card) => [card.dataset.claim, card]));
  const cells = [...document.querySelectorAll("#matrix a")];
  const claims = [...document.querySelectorAll("#matrix tbody th")].map((head) => head.textContent);
  const known = new Map();
  for (const pair of pairs) {
    known.set(`${pair[0]}-${pair[1]}`, pair);
    known.set(`${pair[1]}-${pair[0]}`, pair);
  }
  const words = (text) => text.replaceAll("_", " ");
  const make = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  // How `other` stands to `id`, in words.
  const standing = (id, other) => {
    const [a, b, relation, dispute, expression, reason] = known.get(`${id}-${other}`);
    if (relation === "contradiction") return ["contradiction", `contradicts ${id}: ${words(dispute)}, by ${words(expression)}`];
    if (relation === "equivalence") return ["agreement", `says the same as ${id}`];
    if (relation === "neutral") return ["neutral", `neutral to ${id}: ${words(reason)}`];
    const follows = (relation === "entails" ? b : a) === other;
    return ["agreement", follows ? `follows from ${id}` : `makes ${id} true`];
  };

  const graph = document.getElementById("graph");
  let picked = null;
  const pick = (id) => {
    picked = id === picked ? null : id;
    graph.classList.toggle("picked", picked !== null);
    for (const [other, card] of cards) {
      const note = card.querySelector(".relation");
      card.classList.toggle("on", other === picked);
      card.querySelector("button").setAttribute("aria-pressed", String(other === picked));
      note.hidden = picked === null || other === picked;
      if (note.hidden) { card.classList.remove("far"); continue; }
      const [kind, text] = standing(picked, other);
      card.classList.toggle("far", kind === "neutral");
      note.className = `relation ${kind}`;
      note.textContent = text;
    }
    for (const edge of document.querySelectorAll(".edge")) {
      edge.classList.toggle("on", edge.dataset.a === picked || edge.dataset.b === picked);
    }
  };
  for (const [id, card] of cards) {
    card.addEventListener("click", (event) => {
      if (!event.target.closest("a") && String(getSelection()) === "") pick(id);
    });
  }
  addEventListener("keydown", (event) => { if (event.key === "Escape" && picked) pick(picked); });

  const right = (n, said) => said[n] === verdicts.gold[n].toLowerCase() || (said[n] === "x" && verdicts.gold[n].toLowerCase() !== "c");
  const matrix = document.getElementById("matrix");
  let reader = -1;
  const paint = () => {
    if (!verdicts) return;
    matrix.classList.toggle("shares", reader < 0);
    matrix.classList.toggle("system", reader >= 0);
    cells.forEach((cell, n) => {
      const box = cell.parentElement;
      const gold = SIGNS[verdicts.gold[n].toLowerCase()];
      const said = reader < 0 ? "" : verdicts.said[reader];
      box.classList.remove("ok", "miss", "shaded");
      if (reader < 0) {
        box.classList.add("shaded");
        box.classList.toggle("low", verdicts.share[n] < 0.5);
        box.style.setProperty("--strength", Math.round(90 * Math.abs(verdicts.share[n] - 0.5)));
        cell.replaceChildren(gold);
      } else {
        box.classList.add(right(n, said) ? "ok" : "miss");
        cell.replaceChildren(SIGNS[said[n]], ...(right(n, said) ? [] : [make("small", {}, gold)]));
      }
      const told = reader < 0 ? `${Math.round(100 * verdicts.share[n])}% of systems are right` : `this system said ${LABELS[said[n]]}`;
      cell.setAttribute("aria-label", `${name(n)}: ${LABELS[verdicts.gold[n].toLowerCase()]}, ${told}`);
    });
    document.getElementById("reading").replaceChildren(...(reader < 0
      ? ["Shades: the share of systems that are right. Choose a system below to see its reading."]
      : ["Signs: what ", make("bdi", {}, systems[reader].name), " said; framed where it is wrong, the label in the corner."]));
    for (const [n, button] of [...document.querySelectorAll("#systems button")].entries()) {
      button.setAttribute("aria-pressed", String(n === reader));
    }
  };
  const two = (n) => {
    const row = Math.floor(n / (claims.length - 1));
    const column = n % (claims.length - 1);
    return [claims[row], claims[column + (column >= row)]];
  };
  const name = (n) => two(n).join(" ");

  const quote = (id) => {
    const card = cards.get(id);
    const side = ["left", "right"].find((value) => card.classList.contains(value)) ?? "beside";
    return make("blockquote", { class: side }, card.querySelector("p").textContent, make("cite", {}, `${id} · ${card.querySelector("header b").textContent}`));
  };
  const listed = (kind, title, found) =>
    make("p", { class: `${kind}-list` }, make("b", {}, `${title} (${found.length}): `), ...found.slice(0, 30).flatMap((n, at) => [at ? ", " : "", make("bdi", {}, systems[n].name)]), found.length > 30 ? " and others" : found.length ? "" : "none");
  const explain = (n) => {
    const [one, other] = two(n);
    const [a, , relation, dispute, expression, reason, readings] = known.get(`${one}-${other}`);
    const letter = cells[n].parentElement.className.match(/g-(\w)/)[1];
    const parts = [make("h3", {}, `${one} and ${other}: `, make("span", { class: `label-${letter}` }, LABELS[letter])), quote(one), quote(other)];
    const notes = [];
    if (dispute) notes.push(`It is about ${words(dispute)} (${meanings.dispute[dispute]}), and shows by ${words(expression)}: ${meanings.expression[expression]}.`);
    if (reason) notes.push(`Neutral by ${words(reason)}: ${meanings.reason[reason]}.`);
    if (relation.startsWith("entail")) notes.push((relation === "entails") === (a === one) ? "The second follows from the first, not the other way round." : "The first follows from the second, not the other way round.");
    if (relation === "equivalence") notes.push("Each makes the other true.");
    notes.push(`Readings: ${readings}.`);
    parts.push(make("p", { class: "soft" }, notes.join(" ")));
    if (verdicts) {
      const all = systems.map((_, at) => at);
      parts.push(listed("ok", "Right", all.filter((at) => right(n, verdicts.said[at]))), listed("miss", "Wrong", all.filter((at) => !right(n, verdicts.said[at]))));
    }
    document.getElementById("pair").replaceChildren(...parts);
    for (const cell of cells) cell.removeAttribute("aria-current");
    cells[n].setAttribute("aria-current", "true");
  };

  // One tab stop; arrows move within the matrix.
  const focusable = (n) => cells.forEach((cell, at) => { cell.tabIndex = at === n ? 0 : -1; });
  focusable(0);
  const width = claims.length;
  const place = (n) => { const [one, other] = two(n); return [claims.indexOf(one), claims.indexOf(other)]; };
  const at = (row, column) => (row === column ? -1 : row * (width - 1) + column - (column > row));
  matrix.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step || !event.target.matches("a")) return;
    event.preventDefault();
    let [row, column] = place(Number(event.target.dataset.n));
    do { row += step[0]; column += step[1]; } while (row === column && row >= 0 && row < width);
    if (row < 0 || column < 0 || row >= width || column >= width) return;
    focusable(at(row, column));
    cells[at(row, column)].focus();
  });
  matrix.addEventListener("click", (event) => {
    const cell = event.target.closest("a");
    if (!cell) return;
    event.preventDefault();
    history.replaceState(null, "", cell.getAttribute("href"));
    focusable(Number(cell.dataset.n));
    explain(Number(cell.dataset.n));
  });

  const strip = (said) => {
    const ns = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(ns, "svg");
    svg.setAttribute("class", "strip");
    svg.setAttribute("width", 4 * said.length);
    svg.setAttribute("height", 18);
    svg.setAttribute("aria-hidden", "true");
    [...said].forEach((_, n) => {
      const bar = document.createElementNS(ns, "rect");
      const positive = verdicts.gold[n] === "c";
      bar.setAttribute("class", `${right(n, said) ? "ok" : "miss"}${positive ? " c" : ""}`);
      bar.setAttribute("x", 4 * n);
      bar.setAttribute("y", positive ? 0 : 7);
      bar.setAttribute("width", 3);
      bar.setAttribute("height", positive ? 18 : 11);
      svg.append(bar);
    });
    return svg;
  };
  const listSystems = () => {
    const count = (said, fits) => [...said].filter((letter, n) => fits(letter, verdicts.gold[n], n)).length;
    const positives = [...verdicts.gold].filter((letter) => letter === "c").length;
    document.querySelector("#systems tbody").append(...systems.map((system, n) => {
      const said = verdicts.said[n];
      const button = make("button", { type: "button", "aria-pressed": "false" }, make("bdi", {}, system.name));
      button.addEventListener("click", () => { reader = reader === n ? -1 : n; paint(); });
      return make("tr", {}, make("th", { scope: "row", class: "name" }, button), make("td", {}, `${count(said, (_, __, m) => right(m, said))} of ${said.length}`),
        make("td", {}, `${count(said, (letter, gold) => letter === "c" && gold === "c")} of ${positives}`),
        make("td", {}, String(count(said, (letter, gold) => letter === "c" && gold.toLowerCase() !== "c"))), make("td", { class: "name" }, strip(said)));
    }));
  };

  const follow = () => {
    const [one, other] = location.hash.slice(1).split("-");
    const n = cells.findIndex((cell) => cell.getAttribute("href") === `#${one}-${other}`);
    if (n < 0) return false;
    explain(n);
    focusable(n);
    document.querySelector(".workbench").scrollIntoView({ block: "start", behavior: "instant" });
    return true;
  };
  if (verdicts) {
    listSystems();
    reader = systems.findIndex((system) => system.slug === new URLSearchParams(location.search).get("system"));
    paint();
  }
  if (!follow()) explain(Math.max(0, cells.findIndex((cell) => cell.closest(".g-c"))));
  addEventListener("hashchange", follow);
})();
