// Where one is, in the page's address: #view=documents, #conversation=ID, #document=ID. So Back goes
// back, a reload goes on, and an address can be sent to somebody, who sees what they may see.

const FIELDS = ["view", "conversation", "document"];
const KEPT = "footnote-address"; // sessionStorage: it outlasts a sign-in elsewhere, in this tab

function fieldsOf(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  return Object.fromEntries(FIELDS.map((name) => [name, given.get(name) ?? ""]));
}

function hashOf(fields) {
  const pairs = FIELDS.filter((name) => fields[name]).map((name) => [name, fields[name]]);
  return pairs.length ? `#${new URLSearchParams(pairs)}` : "";
}

const show = (hash) => location.pathname + location.search + hash;

/** Keep the address while the browser is away to sign in. */
export function keepAddress() {
  if (hashOf(fieldsOf(location.hash))) sessionStorage.setItem(KEPT, location.hash);
}

/** Take a field out of the address, so that neither a reload nor a bookmark has it. */
export function takeFromAddress(name) {
  const given = new URLSearchParams(location.hash.slice(1));
  const value = given.get(name);
  if (value !== null) history.replaceState(null, "", show(hashOf(fieldsOf(location.hash))));
  return value;
}

/** The address of this page. `moved(fields)` is called when the browser goes back or forward. */
export class Address {
  #listeners = new AbortController();

  constructor(moved) {
    const stored = sessionStorage.getItem(KEPT);
    sessionStorage.removeItem(KEPT);
    if (stored && !location.hash) history.replaceState(null, "", show(hashOf(fieldsOf(stored))));
    addEventListener("popstate", () => moved(this.fields), { signal: this.#listeners.signal });
  }

  get fields() {
    return fieldsOf(location.hash);
  }

  /** Go elsewhere: a step that Back undoes, or, with `replaces`, no step of its own. */
  go(changes, { replaces = false } = {}) {
    const hash = hashOf({ ...this.fields, ...changes });
    if (hash === hashOf(this.fields)) return;
    if (replaces) history.replaceState(history.state, "", show(hash));
    else history.pushState({ step: Object.keys(changes).join() }, "", show(hash));
  }

  /** Go back where the last step was about the same fields; else only change the address. */
  undo(changes) {
    if (history.state?.step === Object.keys(changes).join()) history.back();
    else this.go(changes, { replaces: true });
  }

  /** Stop; with `forgets`, who signs in here next begins at the beginning. */
  stop({ forgets = false } = {}) {
    this.#listeners.abort();
    if (forgets) history.replaceState(null, "", show(""));
  }
}
