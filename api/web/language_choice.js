// Choosing the page's language, in the form to sign in and in the account.

import { LANGUAGES, choose, language } from "./language.js";
import { element } from "./dom.js";

/** Fill each field of the page that chooses the language. */
export function offerLanguages() {
  for (const select of document.querySelectorAll("select.language")) {
    select.replaceChildren(...Object.entries(LANGUAGES).map(([tag, name]) =>
      element("option", { value: tag, lang: tag, selected: tag === language }, name)));
    select.addEventListener("change", () => choose(select.value));
  }
}
