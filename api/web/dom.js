// Building and finding elements. Text only ever becomes text nodes, so no document,
// question or file name can become markup.

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/**
 * Build an element. Keys starting with "on" are listeners, `true` is an empty attribute,
 * `false`, `null` and `undefined` are left out. Children are nodes or strings.
 */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** A button that is never a form's submit button by accident. */
export const button = (label, onclick, attributes = {}) =>
  element("button", { type: "button", ...attributes, onclick }, label);

/** Words for screen readers alone. */
export const hiddenText = (text) => element("span", { class: "visually-hidden" }, text);

let serial = 0;

/** An id that no other element of this page has. */
export const freshId = (prefix) => `${prefix}-${(serial += 1)}`;

/** Replace what a status or alert element says. */
export function say(node, text) {
  node.textContent = text;
}
