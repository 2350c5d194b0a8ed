// How one's own answers scored, day by day, as the service draws it; and runs of questions.

import { byId, element, say } from "./dom.js";
import { Fold } from "./disclosure.js";
import { MeasuredRuns } from "./runs.js";
import { plural, t } from "./language.js";

/** The service's drawing as a node. It is parsed as XML and only ever holds shapes and labels. */
function drawing(svg) {
  const parsed = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  return document.importNode(parsed, true);
}

/** The panel below its button. */
export class Trends {
  #client;
  #fold;
  #runs;

  constructor(client) {
    this.#client = client;
    this.#fold = new Fold("trends", () => this.#show());
    const listen = { signal: this.#fold.signal };
    this.#runs = new MeasuredRuns(client, () => this.#fold.isOpen, this.#fold.signal);
    byId("history-toggle").addEventListener("click", () => this.#fold.close(), listen);
    byId("ask").addEventListener("submit", () => this.#fold.close(), listen);
  }

  stop() {
    this.#runs.stop();
    this.#fold.stop();
  }

  async #show() {
    if (!byId("history").hidden) byId("history-toggle").click();
    say(byId("trends-problem"), "");
    this.#runs.show();
    try {
      const { answers, pictures } = await this.#client.trends();
      byId("trends-empty").hidden = pictures.length > 0;
      say(byId("trends-basis"), pictures.length ? t`Scored of the last 30 days: ${plural(answers, "answer")}.` : "");
      byId("trends-list").replaceChildren(...pictures.map((picture) => this.#figure(picture)));
    } catch (problem) {
      say(byId("trends-problem"), problem.message);
    }
  }

  #figure({ title, latest, svg }) {
    return element("figure", { class: "trend" },
      element("figcaption", {}, element("strong", {}, title), ` ${latest}`), drawing(svg));
  }
}
