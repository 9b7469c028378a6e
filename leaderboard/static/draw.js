"use strict";
// Small drawings and elements that several pages make.
globalThis.counterclaim ??= {};
counterclaim.said = new Map();

counterclaim.element = (name, attributes = {}, ...children) => {
  const drawn = ["svg", "line", "circle", "rect", "text"].includes(name);
  const made = drawn ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};

// A value with its interval on a scale from low to high.
counterclaim.interval = (figure, low = 0, high = 1, kind = "", width = 120) => {
  const at = (value) => (4 + (width * (value - low)) / (high - low)).toFixed(1);
  const { element } = counterclaim;
  const svg = element("svg", {
    class: `interval ${kind}`, viewBox: `0 0 ${width + 8} 12`, width: width + 8, height: 12, "aria-hidden": "true",
  });
  svg.append(element("line", { class: "rail", x1: 4, x2: width + 4, y1: 6, y2: 6 }));
  const [value, start, end] = figure;
  if (start !== null) svg.append(element("line", { class: "span", x1: at(start), x2: at(end), y1: 6, y2: 6 }));
  svg.append(element("circle", { class: "dot", cx: at(value), cy: 6, r: 3.5 }));
  return svg;
};

counterclaim.number = (value, digits = 3) =>
  value === null || value === undefined
    ? "–"
    : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits, notation: digits ? "standard" : "compact" })
        .replace("-", "−");

counterclaim.small = (title) => title.charAt(0).toLowerCase() + title.slice(1);
counterclaim.words = (text) => text.replaceAll("_", " ");

// Loads what a system said of every pair, a letter a pair.
counterclaim.load = (slug) =>
  new Promise((resolve, reject) => {
    if (counterclaim.said.has(slug)) return resolve(counterclaim.said.get(slug));
    const script = document.createElement("script");
    script.src = `data/said/${slug}.js`;
    script.onload = () => resolve(counterclaim.said.get(slug));
    script.onerror = () => reject(new Error(`what ${slug} said cannot be read`));
    document.head.append(script);
  });
