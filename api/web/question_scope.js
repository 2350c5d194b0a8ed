// The documents, or the collection, that questions and searches are limited to.

import { button, byId, element, say } from "./dom.js";
import { plural, t } from "./language.js";

const MOST = 100; // documents that the service takes in one question
const SHOWN = 5; // titles that are shown; of more, how many there are

/** The bar above the question. What somebody may not read is never found, whatever is chosen. */
export class QuestionScope {
  #documents = new Map();
  #listeners = new AbortController();

  constructor(collections) {
    const listen = { signal: this.#listeners.signal };
    byId("scope-collection").addEventListener("change", () => this.#chose(), listen);
    byId("scope-all").addEventListener("click", () => {
      this.clear();
      byId("question").focus();
    }, listen);
    collections.watch(() => this.#offer(collections));
    this.clear();
  }

  stop() {
    this.#listeners.abort();
    this.clear();
    byId("scope-collection").replaceChildren();
  }

  /** Limit to these documents, in the place of what was chosen before. */
  limitTo(views) {
    byId("scope-collection").value = "";
    this.#documents = new Map(views.slice(0, MOST).map((view) => [view.document_id, view.title]));
    this.#draw();
  }

  /** Search everything again. */
  clear() {
    byId("scope-collection").value = "";
    this.#documents.clear();
    this.#draw();
  }

  /** The choice, as the service's parameters. */
  get choice() {
    const collection = byId("scope-collection").value;
    if (this.#documents.size) return { documents: [...this.#documents.keys()] };
    return collection ? { collections: [collection] } : {};
  }

  /** The choice in words, or nothing where everything is searched. */
  get words() {
    const titles = [...this.#documents.values()];
    const collection = byId("scope-collection").selectedOptions[0];
    if (titles.length) return titles.length > SHOWN ? plural(titles.length, "document") : titles.join(", ");
    return collection?.value ? collection.textContent : "";
  }

  #offer(collections) {
    const select = byId("scope-collection");
    const chosen = select.value;
    select.replaceChildren(...collections.options(t`Everything`));
    if (collections.items.some(({ collection_id: id }) => id === chosen)) select.value = chosen;
    byId("scope-collections").hidden = collections.items.length === 0;
    this.#draw();
  }

  #chose() {
    this.#documents.clear();
    this.#draw();
  }

  #leave(id) {
    this.#documents.delete(id);
    this.#draw();
    byId("question").focus();
  }

  #draw() {
    const entries = [...this.#documents];
    const chips = entries.length > SHOWN
      ? [element("li", { class: "chip" }, plural(entries.length, "document"))]
      : entries.map(([id, title]) => element("li", { class: "chip" }, element("bdi", {}, title),
        button("×", () => this.#leave(id), { "aria-label": t`Leave out ${title}` })));
    byId("scope-list").replaceChildren(...chips);
    byId("scope-documents").hidden = entries.length === 0;
    byId("scope").hidden = entries.length === 0 && byId("scope-collections").hidden;
    say(byId("scope-status"), this.words ? t`Questions are answered from ${this.words} alone.` : "");
  }
}
