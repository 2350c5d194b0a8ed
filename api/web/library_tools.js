// What the list of documents is narrowed to and sorted by.

import { byId } from "./dom.js";
import { t } from "./language.js";

const PAUSE_MS = 250; // after a letter, until the service is asked
const FIELDS = ["state", "kind", "owner", "sort"];
const COLLECTION = "library-collection";

/** The fields above the list. `changed()` is called when somebody chooses otherwise. */
export class LibraryTools {
  #user;
  #timer = null;
  #listeners = new AbortController();

  constructor(user, collections, changed) {
    this.#user = user;
    const listen = { signal: this.#listeners.signal };
    byId("library-tools").reset();
    byId("library-tools").addEventListener("submit", (event) => event.preventDefault(), listen);
    byId("library-query").addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(changed, PAUSE_MS);
    }, listen);
    collections.watch(({ length }) => this.#offer(collections, length));
    byId(COLLECTION).addEventListener("change", () => {
      this.#fit();
      changed();
    }, listen);
    this.#fit();
    for (const name of FIELDS) byId(`library-${name}`).addEventListener("change", changed, listen);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#listeners.abort();
  }

  /** Offer the collections; the chosen one stays chosen where it is still there. */
  #offer(collections, count) {
    const chosen = this.collection;
    byId(COLLECTION).replaceChildren(...collections.options(t`Any`));
    if (collections.items.some((one) => one.collection_id === chosen)) byId(COLLECTION).value = chosen;
    byId("library-collections").hidden = count === 0;
  }

  /** A collection is listed whole, newest first. */
  #fit() {
    const isWhole = this.collection !== "";
    for (const name of ["query", ...FIELDS]) byId(`library-${name}`).disabled = isWhole;
  }

  /** The collection that is listed, or nothing. */
  get collection() {
    return byId(COLLECTION).value;
  }

  /** The choice, as the service's parameters; what is empty is not chosen. */
  get choice() {
    const pairs = FIELDS.map((name) => [name, byId(`library-${name}`).value]);
    const choice = { query: byId("library-query").value.trim(), ...Object.fromEntries(pairs) };
    if (choice.owner) choice.owner = this.#user;
    return choice;
  }

  /** Whether some documents are left out. */
  get isNarrow() {
    const { query, state, kind, owner } = this.choice;
    return Boolean(query || state || kind || owner || this.collection);
  }
}
