"use strict";
// The list of disputes: filters, order and search, kept in the address so that a view can be sent to somebody.
(() => {
  const form = document.getElementById("filters");
  const list = document.getElementById("cards");
  const cards = [...list.children];
  const count = document.getElementById("count");
  const none = document.getElementById("none");
  const CHOICES = ["domain", "country", "year", "kind", "split"];
  const fields = Object.fromEntries(["q", ...CHOICES, "order"].map((id) => [id, document.getElementById(id)]));
  const ORDERS = {
    date: (card) => Number(card.dataset.n),
    "-date": (card) => -Number(card.dataset.n),
    contradictions: (card) => -Number(card.dataset.contradictions),
    hard: (card) => Number(card.dataset.share ?? 2),
  };
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  let texts = null;
  let ordered = "date";

  const textOf = (n) => {
    if (!texts) {
      const found = globalThis.counterclaim?.searchTexts;
      if (!found) return plain(cards[n].textContent);
      texts = found.map(plain);
    }
    return texts[n];
  };

  const show = () => {
    const words = plain(fields.q.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const card of cards) {
      const fits = CHOICES.every((key) => !fields[key].value || card.dataset[key].split(" ").includes(fields[key].value));
      card.hidden = !fits || !words.every((word) => textOf(Number(card.dataset.n)).includes(word));
      shown += !card.hidden;
    }
    if (fields.order.value !== ordered) {
      ordered = fields.order.value;
      const key = ORDERS[ordered] ?? ORDERS.date;
      list.append(...[...cards].sort((x, y) => key(x) - key(y) || x.dataset.n - y.dataset.n));
    }
    count.textContent = `${shown} of ${cards.length} disputes`;
    none.hidden = shown > 0;
    const state = new URLSearchParams(Object.entries(fields).map(([key, field]) => [key, field.value]).filter(([key, value]) => value && !(key === "order" && value === "date")));
    history.replaceState(null, "", state.size ? `#${state}` : location.pathname.split("/").pop());
  };

  const restore = () => {
    const state = new URLSearchParams(location.hash.slice(1));
    for (const [key, field] of Object.entries(fields)) {
      field.value = state.get(key) ?? (key === "order" ? "date" : "");
      if (field.selectedIndex === -1) field.selectedIndex = 0;
    }
    show();
  };
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const button of document.querySelectorAll(".clear")) {
    button.addEventListener("click", () => {
      for (const [key, field] of Object.entries(fields)) field.value = key === "order" ? "date" : "";
      fields.q.focus();
      show();
    });
  }
  addEventListener("hashchange", restore);
  addEventListener("DOMContentLoaded", restore);
})();
