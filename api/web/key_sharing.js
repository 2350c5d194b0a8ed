// The key of somebody who signed in with one: in sessionStorage, so that it is gone with the last
// tab, and given to another tab of the same browser that asks. No other site can listen.

const KEY = "footnote-key";
const CHANNEL = "footnote-key";

/** `arrived(key)` is called when another tab has a key for us, `left()` when one signed out. */
export class SharedKey {
  #channel = new BroadcastChannel(CHANNEL);

  constructor(arrived, left) {
    this.#channel.addEventListener("message", ({ data }) => {
      if (data.asks && this.value) this.#channel.postMessage({ key: this.value });
      if (data.key && !this.value) arrived(data.key);
      if (data.leaves && data.leaves === this.value) left();
    });
  }

  get value() {
    return sessionStorage.getItem(KEY);
  }

  set(key) {
    sessionStorage.setItem(KEY, key);
  }

  /** Ask the other tabs of this browser. */
  ask() {
    this.#channel.postMessage({ asks: true });
  }

  /** Forget the key here and, with `everywhere`, in the other tabs. */
  forget({ everywhere = false } = {}) {
    if (everywhere && this.value) this.#channel.postMessage({ leaves: this.value });
    sessionStorage.removeItem(KEY);
  }
}
