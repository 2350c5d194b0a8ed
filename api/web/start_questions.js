// Questions to begin with, on the start page of the people of the samples.

import { button, byId, element } from "./dom.js";

/** Offer each with what its answer shows; `ask(question)` asks one. */
export function offerQuestions(questions, ask) {
  byId("start").hidden = questions.length === 0;
  byId("start-list").replaceChildren(...questions.map(({ question, shows }) =>
    element("li", {}, button(question, () => ask(question), { class: "start-question" }),
      element("span", { class: "note" }, shows))));
}
