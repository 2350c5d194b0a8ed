// Search alone: the passages that hold the words or the meaning, without an answer.

import { button, byId, element, say } from "./dom.js";
import { plural, t } from "./language.js";

const MOST = 30;

/** The view. `open(citation, opener)` shows a passage in its document. */
export class SearchView {
  #client;
  #open;
  #scope;
  #stopper = null;
  #listeners = new AbortController();

  constructor(client, open, scope) {
    this.#client = client;
    this.#open = open;
    this.#scope = scope;
    byId("search-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#search(byId("search-query").value.trim());
    }, { signal: this.#listeners.signal });
    this.#clear();
  }

  stop() {
    this.#listeners.abort();
    this.#clear();
    byId("search-query").value = "";
  }

  #clear() {
    this.#stopper?.abort();
    byId("search-results").replaceChildren();
    say(byId("search-problem"), "");
    say(byId("search-status"), "");
  }

  async #search(query) {
    if (!query) return;
    this.#clear();
    const stopper = new AbortController();
    this.#stopper = stopper;
    say(byId("search-status"), t`Searching.`);
    try {
      const { passages } = await this.#client.search(query, MOST, this.#scope.choice, stopper.signal);
      if (!stopper.signal.aborted) this.#show(passages);
    } catch (problem) {
      if (problem.name === "AbortError") return;
      say(byId("search-status"), "");
      say(byId("search-problem"), problem.message);
    }
  }

  /** Group the passages by document, in the order of each document's best. */
  #show(passages) {
    const documents = new Map();
    for (const passage of passages) {
      const others = documents.get(passage.document_id) ?? [];
      documents.set(passage.document_id, [...others, passage]);
    }
    byId("search-results").replaceChildren(...[...documents.values()].map((group) => this.#document(group)));
    const scope = this.#scope.words;
    const where = scope ? t` in ${scope}` : "";
    say(byId("search-status"), passages.length
      ? t`${plural(passages.length, "passage")} of ${plural(documents.size, "document")}${where}, best first.`
      : t`Nothing that you may read has these words${where}.`);
  }

  #document(passages) {
    const [{ title, filename }] = passages;
    return element("li", { class: "found-document" },
      element("h3", {}, element("bdi", {}, title || filename)),
      element("ul", {}, ...passages.map((passage) => this.#passage(passage))));
  }

  #passage(passage) {
    const cited = { ...passage, quote: passage.text, title: passage.title || passage.filename };
    const node = button("", () => this.#open(cited, node), { class: "note-link found-passage" });
    node.append(element("span", { class: "note-quote" }, passage.text));
    if (passage.page) node.append(element("span", { class: "note" }, t`Page ${passage.page}`));
    return element("li", {}, node);
  }
}
