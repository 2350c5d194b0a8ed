// A conversation as a web page of its own, which word processors open as well.

import { element } from "./dom.js";

const LEFT_OUT = ".answer-actions, .question-actions, .comment, .waiting, .visually-hidden, script, style, link";
const STYLE = `body { font: 16px/1.6 Georgia, serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
h2 { font-size: 1.15rem; margin-top: 2rem; } ol, ul { padding-left: 1.4rem; } table { border-collapse: collapse; }
th, td { border: 1px solid #999; padding: .3rem .6rem; text-align: start; } sup { line-height: 0; }`;
const KEPT = new Set(["colspan", "rowspan", "scope", "start", "dir", "lang"]);

/** A copy in which nothing can be pressed and nothing leads elsewhere. */
function plainCopy(node) {
  const copy = node.cloneNode(true);
  for (const one of copy.querySelectorAll(LEFT_OUT)) one.remove();
  for (const one of copy.querySelectorAll("button")) one.replaceWith(element("span", {}, ...one.childNodes));
  for (const one of copy.querySelectorAll("*")) {
    for (const { name } of [...one.attributes]) if (!KEPT.has(name)) one.removeAttribute(name);
  }
  return copy;
}

/** The whole page as text; `turns` are the articles of the conversation. */
export function conversationPage(title, turns) {
  const sections = turns.map((turn) => {
    const copy = plainCopy(turn);
    const question = copy.querySelector("h3");
    question?.replaceWith(element("h2", {}, question.textContent));
    return element("section", {}, ...copy.childNodes);
  });
  const written = (node) => new XMLSerializer().serializeToString(node);
  return ["<!doctype html>", "<html>", "<head>", '<meta charset="utf-8">', written(element("title", {}, title)),
    `<style>${STYLE}</style>`, "</head>", written(element("body", {}, element("h1", {}, title), ...sections)), "</html>", "",
  ].join("\n");
}
