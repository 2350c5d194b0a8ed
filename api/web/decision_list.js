// What waits for a decision, below a button that only those who may decide see.

import { byId, say } from "./dom.js";
import { Fold } from "./disclosure.js";

export class Queue {
  #name;
  #label;
  #fetch;
  #fold;
  #loads = 0;

  /** `fetch()` resolves to how many wait, and the rows of the list. */
  constructor(name, label, fetch) {
    this.#name = name;
    this.#label = label;
    this.#fetch = fetch;
    this.#fold = new Fold(name, () => this.load());
  }

  get isOpen() {
    return this.#fold.isOpen;
  }

  async load({ quietly = false } = {}) {
    say(this.#part("problem"), "");
    const load = ++this.#loads;
    try {
      const { waiting, rows } = await this.#fetch();
      if (this.#fold.signal.aborted || load !== this.#loads) return; // a later one is under way
      this.#part("toggle").hidden = false;
      say(this.#part("toggle"), waiting ? `${this.#label} (${waiting})` : this.#label);
      this.#part("list").replaceChildren(...rows);
      this.#part("empty").hidden = rows.length > 0;
    } catch (problem) {
      if (!quietly) say(this.#part("problem"), problem.message);
    }
  }

  stop() {
    this.#fold.stop();
    this.#part("toggle").hidden = true;
  }

  #part(name) {
    return byId(`${this.#name}-${name}`);
  }
}
