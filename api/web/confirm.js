// Ask where the button is, before something is lost.

import { button, element } from "./dom.js";
import { t } from "./language.js";

/** Ask below `parent`. Resolves to whether to go on. */
export function confirmIn(parent, question, label) {
  return new Promise((resolve) => {
    const answer = (yes) => () => {
      box.remove();
      resolve(yes);
    };
    const keep = button(t`Keep`, answer(false), { class: "quiet small" });
    const box = element(
      "div", { class: "confirm", role: "group", "aria-label": question },
      element("p", {}, question),
      button(label, answer(true), { class: "danger small" }), keep,
    );
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      answer(false)();
    });
    parent.append(box);
    keep.focus();
  });
}
