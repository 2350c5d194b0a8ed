// Choosing who may read a document. A principal is user:<id>, group:<source>/<id> or tenant:all.

import { element, freshId } from "./dom.js";

const EVERYONE = "tenant:all";

const principals = (text) => text.split(/[\s,;]+/).filter(Boolean);

/** "user:ann" -> "ann", "group:hr/all" -> "hr/all", "tenant:all" -> "everyone". */
export function readable(principal) {
  if (principal === EVERYONE) return "everyone";
  return principal.replace(/^(user|group):/, "");
}

/** One line about an access list: "Only ann", "Everyone but bob", "hr/all, ann". */
export function summary({ allow, deny, owner }) {
  const only = allow.length === 1 && allow[0] === owner;
  const names = allow.includes(EVERYONE) ? "Everyone" : allow.map(readable).join(", ");
  const readers = only ? `Only ${readable(owner)}` : names;
  return deny.length ? `${readers}, but not ${deny.map(readable).join(", ")}` : readers;
}

function choiceOf({ allow, deny, owner }) {
  if (deny.length) return "chosen";
  if (allow.length === 0 || (allow.length === 1 && allow[0] === owner)) return "owner";
  return allow.length === 1 && allow[0] === EVERYONE ? "everyone" : "chosen";
}

function listField(label, help, values) {
  const id = freshId("principals");
  const area = element("textarea", {
    id, rows: 2, spellcheck: "false", autocapitalize: "none", "aria-describedby": `${id}-help`,
  });
  area.value = values.join("\n");
  const note = element("p", { id: `${id}-help`, class: "note" }, help);
  return { area, node: element("div", {}, element("label", { for: id }, label), area, note) };
}

function radios(choices, chosen, onchange) {
  const name = freshId("access");
  return choices.map(([value, label]) => {
    const id = freshId("choice");
    const input = element("input", {
      type: "radio", id, name, value, checked: value === chosen, onchange: () => onchange(value),
    });
    return element("span", { class: "choice" }, input, element("label", { for: id }, label));
  });
}

/**
 * Fields for an access list. Returns `{node, value()}`; `value()` is `{allow, deny}`, where an
 * empty allow list means the owner alone (`owner` is unknown before the first upload). "Everyone"
 * is offered to whom may publish to everybody, and where it is the choice already.
 */
export function accessFields({
  allow = [], deny = [], owner = null, onlyLabel = "Only me", mayReachAll = true,
}) {
  let choice = choiceOf({ allow, deny, owner });
  const may = listField("May read", "One per line: user:ann, group:hr/all, tenant:all. Name yourself too, to go on reading it.", allow);
  const mayNot = listField("May not read", "Wins over the list above.", deny);
  const lists = element("div", { class: "access-lists" }, may.node, mayNot.node);
  const show = (value) => {
    choice = value;
    lists.hidden = value !== "chosen";
  };
  show(choice);
  const everyone = mayReachAll || choice === "everyone" ? [["everyone", "Everyone"]] : [];
  const choices = [["owner", onlyLabel], ...everyone, ["chosen", "Choose"]];
  const node = element(
    "fieldset", { class: "access" },
    element("legend", {}, "Who may read"),
    element("div", { class: "choices" }, ...radios(choices, choice, show)),
    lists,
  );
  const value = () => {
    if (choice === "everyone") return { allow: [EVERYONE], deny: [] };
    if (choice === "owner") return { allow: owner ? [owner] : [], deny: [] };
    return { allow: principals(may.area.value), deny: principals(mayNot.area.value) };
  };
  return { node, value };
}
