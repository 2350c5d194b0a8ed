// A table of text, with a caption and a line that says where there is nothing.

import { element } from "./dom.js";

/** `columns` are names, `rows` arrays of strings or nodes, in the same order. */
export function tableOf(caption, columns, rows, none) {
  if (!rows.length) return element("p", { class: "empty" }, none);
  const head = element("tr", {}, ...columns.map((name) => element("th", { scope: "col" }, name)));
  const body = rows.map((cells) => element("tr", {}, ...cells.map((cell) =>
    element("td", {}, typeof cell === "string" ? element("bdi", {}, cell) : cell))));
  const table = element("table", {}, element("caption", {}, caption), element("thead", {}, head), element("tbody", {}, ...body));
  return element("div", { class: "admin-table", tabindex: 0, role: "region", "aria-label": caption }, table);
}
