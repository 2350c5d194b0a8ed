// Choosing who may read a document. A principal is user:<id>, group:<source>/<id> or tenant:all.

import { element, freshId, say } from "./dom.js";
import { t } from "./language.js";

const EVERYONE = "tenant:all";

const principals = (text) => text.split(/[\s,;]+/).filter(Boolean);

/** "user:ann" -> "ann", "group:hr/all" -> "hr/all", "tenant:all" -> "everyone". */
export function readable(principal) {
  if (principal === EVERYONE) return t`everyone`;
  return principal.replace(/^(user|group):/, "");
}

/** One line about an access list: "Only ann", "Everyone but bob", "hr/all, ann". */
export function summary({ allow, deny, owner }) {
  const only = allow.length === 1 && allow[0] === owner;
  const names = allow.includes(EVERYONE) ? t`Everyone` : allow.map(readable).join(", ");
  const readers = only ? t`Only ${readable(owner)}` : names;
  return deny.length ? t`${readers}, but not ${deny.map(readable).join(", ")}` : readers;
}

function choiceOf({ allow, deny, owner }) {
  if (deny.length) return "chosen";
  if (allow.length === 0 || (allow.length === 1 && allow[0] === owner)) return "owner";
  return allow.length === 1 && allow[0] === EVERYONE ? "everyone" : "chosen";
}

const PAUSE_MS = 250; // after a letter, until names are doubted

const NAME = "[\\p{L}\\p{N}_][\\p{L}\\p{N}_.@+-]{0,127}";
const WELL_FORMED = new RegExp(`^(user:${NAME}|group:${NAME}(/${NAME}){1,8}|tenant:all)$`, "u");

/** How many letters to change, add or leave out to make one word of the other; 3 means many. */
function distance(one, other) {
  if (Math.abs(one.length - other.length) > 2) return 3;
  let before = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...one].entries()) {
    const now = [row + 1];
    for (let column = 1; column <= other.length; column += 1) {
      const same = before[column - 1] + (letter === other[column - 1] ? 0 : 1);
      now.push(Math.min(same, before[column] + 1, now[column - 1] + 1));
    }
    before = now;
  }
  return Math.min(before.at(-1), 3);
}

/** Say of names that look mistyped what may be wrong; nothing of those in `knownNames`. */
export function doubts(names, knownNames) {
  const known = new Set([EVERYONE, ...knownNames]);
  const doubt = (name) => {
    if (!WELL_FORMED.test(name)) {
      return t`${name} names nobody: write user:${name.replace(/^.*:/, "") || "ann"}, or group:hr/all for a group.`;
    }
    const near = [...known].find((other) => other !== EVERYONE && distance(name, other) <= 2);
    return t`${name} is new to this page: check the spelling${near ? t`, or did you mean ${near}?` : "."}`;
  };
  return names.filter((name) => !known.has(name)).map(doubt);
}

/** Why somebody who saves this list would lose the document, or nothing where they would not. */
export function lockOut({ allow, deny }, { user, groups }) {
  const mine = [user, ...groups, EVERYONE];
  const denied = deny.find((name) => mine.includes(name));
  if (denied) {
    return t`“May not read” names ${denied === user ? t`you` : denied}: you could not open this document any more, nor undo this.`;
  }
  if (allow.length === 0 || allow.some((name) => mine.includes(name))) return "";
  return t`Nobody in the list is you or a group of yours: you could not open this document any more.`;
}

function listField(label, help, values, knownNames) {
  const id = freshId("principals");
  const check = () => say(doubt, doubts(principals(area.value), knownNames()).join(" "));
  let timer = null; // not when the field is left: a button below would move away from the pointer
  const area = element("textarea", {
    id, rows: 2, spellcheck: "false", autocapitalize: "none", "aria-describedby": `${id}-help ${id}-doubt`,
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(check, PAUSE_MS);
    },
  });
  area.value = values.join("\n");
  const note = element("p", { id: `${id}-help`, class: "note" }, help);
  const doubt = element("p", { id: `${id}-doubt`, class: "warning", role: "status" });
  return { area, node: element("div", {}, element("label", { for: id }, label), area, note, doubt) };
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
 * is offered to whom may publish to everybody, and where it is the choice already. Names that
 * are not among `knownNames()` are doubted below their field.
 */
export function accessFields({
  allow = [], deny = [], owner = null, onlyLabel = t`Only me`, mayReachAll = true,
  knownNames = () => [],
}) {
  let choice = choiceOf({ allow, deny, owner });
  const may = listField(t`May read`, t`One per line: user:ann, group:hr/all, tenant:all. Name yourself too, to go on reading it.`, allow, knownNames);
  const mayNot = listField(t`May not read`, t`Wins over the list above.`, deny, knownNames);
  const lists = element("div", { class: "access-lists" }, may.node, mayNot.node);
  const show = (value) => {
    choice = value;
    lists.hidden = value !== "chosen";
  };
  show(choice);
  const everyone = mayReachAll || choice === "everyone" ? [["everyone", t`Everyone`]] : [];
  const choices = [["owner", onlyLabel], ...everyone, ["chosen", t`Choose`]];
  const node = element(
    "fieldset", { class: "access" },
    element("legend", {}, t`Who may read`),
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
