// A part of the page that opens below its button: NAME, its button NAME-toggle, its list NAME-list.

import { byId } from "./dom.js";

export class Fold {
  #name;
  #opened;
  #listeners = new AbortController();

  /**
   * `opened()` is called whenever it opens, before it is shown: it may close what is in the way, and
   * fills the list. The rows of the last time go first: a button of a row that is about to be
   * replaced would take what is asked below it along.
   */
  constructor(name, opened) {
    this.#name = name;
    this.#opened = opened;
    const listen = { signal: this.signal };
    byId(`${name}-toggle`).addEventListener("click", () => this.#toggle(), listen);
    for (const node of [byId(name), byId(`${name}-toggle`)]) {
      node.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && this.isOpen) this.close({ focus: true });
      }, listen);
    }
    this.close();
  }

  /** Aborted when it ends. */
  get signal() {
    return this.#listeners.signal;
  }

  get isOpen() {
    return !byId(this.#name).hidden;
  }

  open() {
    byId(`${this.#name}-list`).replaceChildren();
    const filled = this.#opened();
    this.#set(true);
    return filled;
  }

  close({ focus = false } = {}) {
    this.#set(false);
    if (focus) byId(`${this.#name}-toggle`).focus();
  }

  stop() {
    this.#listeners.abort();
    this.close();
    byId(`${this.#name}-list`).replaceChildren();
  }

  #toggle() {
    return this.isOpen ? this.close() : this.open();
  }

  #set(open) {
    byId(this.#name).hidden = !open;
    byId(`${this.#name}-toggle`).setAttribute("aria-expanded", String(open));
  }
}
