// A page of a document as an image, with boxes over the quoted words.

import { element } from "./dom.js";
import { t } from "./language.js";

const SVG = "http://www.w3.org/2000/svg";

function svg(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/** Boxes are shares of the page, origin top left, so one unit square holds them all. */
function overlay(boxes) {
  const layer = svg("svg", {
    class: "page-boxes", viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true",
  });
  for (const { x0, y0, x1, y1 } of boxes) {
    layer.append(svg("rect", {
      x: x0, y: y0, width: Math.max(x1 - x0, 0), height: Math.max(y1 - y0, 0), class: "page-box",
    }));
  }
  return layer;
}

/**
 * A figure of the citation's page. `load(page)` gives the image as a blob; `keep(url)` takes
 * the object URL, to be revoked when the panel closes.
 */
export function pageFigure(citation, { load, keep }) {
  const waiting = element("p", { class: "waiting" }, t`Opening the page`);
  const figure = element("figure", { class: "page-figure" }, waiting);
  const draw = async () => {
    const url = URL.createObjectURL(await load(citation.page));
    keep(url);
    const words = t`Page ${citation.page} of ${citation.title}, with the quoted words marked`;
    const image = element("img", { src: url, alt: words, class: "page-image" });
    const boxes = (citation.boxes ?? []).filter((box) => box.page === citation.page);
    const layer = overlay(boxes);
    await image.decode();
    waiting.replaceWith(element("div", { class: "page-frame" }, image, layer));
    layer.firstElementChild?.scrollIntoView({ block: "center" });
  };
  draw().catch((problem) => {
    if (problem.name === "AbortError") return;
    waiting.replaceWith(element("p", { class: "problem", role: "alert" },
      problem.status === undefined ? t`The page image cannot be shown.` : problem.message));
  });
  return figure;
}
