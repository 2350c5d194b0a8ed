// The collections that the signed-in person sees: chosen, made and filled.

import { button, element, say } from "./dom.js";
import { plural, t } from "./language.js";

/** The list of collections, and the form that puts documents into one. */
export class Collections {
  items = [];
  #client;
  #watchers = [];
  #isStopped = false;

  constructor(client) {
    this.#client = client;
    this.load();
  }

  stop() {
    this.#isStopped = true;
    this.items = [];
  }

  /** Call `changed(items)` now and whenever the list is another one. */
  watch(changed) {
    this.#watchers.push(changed);
    changed(this.items);
  }

  /** Load the list; without it the page works as if there were none. */
  async load() {
    const { items } = await this.#client.collections().catch(() => ({ items: [] }));
    if (this.#isStopped) return;
    this.items = items;
    for (const changed of this.#watchers) changed(items);
  }

  /** Whether this person may change a collection. */
  mayChange = (id) => this.items.some((one) => one.collection_id === id && this.#client.mayChange(one));

  /** Options for a `select`, after one for none of them. */
  options(none) {
    return [element("option", { value: "" }, none),
      ...this.items.map(({ collection_id: id, name }) => element("option", { value: id }, name))];
  }

  /** A form that puts documents into a collection; `done(words)` is called once they are in it. */
  form(views, { closed, done }) {
    const own = this.items.filter((one) => this.#client.mayChange(one));
    const choice = element("select", { "aria-label": t`Collection` },
      ...own.map(({ collection_id: id, name }) => element("option", { value: id }, name)),
      element("option", { value: "" }, t`A new collection`));
    const name = element("input", { type: "text", maxlength: 200, "aria-label": t`Name of the collection`, placeholder: t`Name` });
    const problem = element("p", { class: "problem", role: "alert" });
    const showName = () => {
      name.hidden = choice.value !== "";
      name.required = !name.hidden;
    };
    choice.addEventListener("change", showName);
    showName();
    const form = element("form", { class: "editor", "aria-label": t`Put into a collection` }, choice, name, problem,
      element("p", { class: "note" }, t`Who may read the documents stays as it is. A new collection is seen by you alone.`),
      element("div", { class: "row-actions" },
        element("button", { class: "primary small", type: "submit" }, t`Put ${plural(views.length, "document")} into it`),
        button(t`Cancel`, closed, { class: "quiet small" })));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        await this.#put(choice, name.value.trim(), views);
      } catch (error) {
        return say(problem, error.message);
      }
      await this.load();
      return done(t`${plural(views.length, "document")} put into ${name.value.trim() || choice.selectedOptions[0].textContent}.`);
    });
    return form;
  }

  async #put(choice, name, views) {
    const id = choice.value || (await this.#client.makeCollection(name)).collection_id;
    await this.#client.collect(id, views.map((view) => view.document_id));
  }
}
