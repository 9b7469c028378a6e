"use strict";
// Explanations: shown beside whatever has aria-describedby or data-tip, on hover, focus and touch; Escape hides.
(() => {
  const tip = document.getElementById("tip");
  const textOf = (element) =>
    element.dataset.tip ?? document.getElementById(element.getAttribute("aria-describedby"))?.textContent ?? "";
  let timer = 0;
  const show = (element) => {
    clearTimeout(timer);
    tip.textContent = textOf(element);
    tip.hidden = !tip.textContent;
    const at = element.getBoundingClientRect();
    const size = tip.getBoundingClientRect();
    const below = at.bottom + 6 + size.height < innerHeight;
    tip.style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`;
    tip.style.top = `${below ? at.bottom + 6 : Math.max(8, at.top - size.height - 6)}px`;
  };
  const hide = () => {
    clearTimeout(timer);
    timer = setTimeout(() => { tip.hidden = true; }, 120);
  };
  for (const element of document.querySelectorAll("button[aria-describedby], [data-tip]")) {
    if (element.dataset.tip) element.tabIndex = 0;
    element.addEventListener("pointerenter", () => show(element));
    element.addEventListener("focus", () => show(element));
    element.addEventListener("pointerleave", hide);
    element.addEventListener("blur", hide);
  }
  tip.addEventListener("pointerenter", () => clearTimeout(timer));
  tip.addEventListener("pointerleave", hide);
  addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });
  addEventListener("scroll", () => { tip.hidden = true; }, { passive: true, capture: true });
})();
