// How one's own answers scored, day by day: the pictures that the service draws.

import { byId, element, say } from "./dom.js";

/** The service's drawing as a node. It is parsed as XML and only ever holds shapes and labels. */
function drawing(svg) {
  const parsed = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  return document.importNode(parsed, true);
}

/** The panel below its button. */
export class Trends {
  #client;
  #listeners = new AbortController();

  constructor(client) {
    this.#client = client;
    const listen = { signal: this.#listeners.signal };
    byId("trends-toggle").addEventListener("click", () => this.#toggle(), listen);
    byId("history-toggle").addEventListener("click", () => this.#close(), listen);
    byId("ask").addEventListener("submit", () => this.#close(), listen);
    byId("trends").addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#close({ focus: true });
    }, listen);
    this.#close();
  }

  stop() {
    this.#listeners.abort();
    this.#close();
    byId("trends-list").replaceChildren();
  }

  #toggle() {
    return byId("trends").hidden ? this.#show() : this.#close();
  }

  async #show() {
    if (!byId("history").hidden) byId("history-toggle").click();
    byId("trends").hidden = false;
    byId("trends-toggle").setAttribute("aria-expanded", "true");
    say(byId("trends-problem"), "");
    try {
      const { answers, pictures } = await this.#client.trends();
      byId("trends-empty").hidden = pictures.length > 0;
      const days = "of the last 30 days that were scored";
      say(byId("trends-basis"), pictures.length ? `Your ${answers === 1 ? "one answer" : `${answers} answers`} ${days}.` : "");
      byId("trends-list").replaceChildren(...pictures.map((picture) => this.#figure(picture)));
    } catch (problem) {
      say(byId("trends-problem"), problem.message);
    }
  }

  #figure({ title, latest, svg }) {
    return element("figure", { class: "trend" },
      element("figcaption", {}, element("strong", {}, title), ` ${latest}`), drawing(svg));
  }

  #close({ focus = false } = {}) {
    byId("trends").hidden = true;
    byId("trends-toggle").setAttribute("aria-expanded", "false");
    if (focus) byId("trends-toggle").focus();
  }
}
