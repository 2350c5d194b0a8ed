// Documents that somebody has chosen, and what can be done with all of them at once.

import { button, byId, element, say } from "./dom.js";
import { accessFields, lockOut } from "./access.js";
import { confirmIn } from "./confirm.js";
import { plural, t } from "./language.js";

/** The bar above the list. `list` has the `client`, `jobOf(id)`, `refresh()` and the views on show. */
export class Selection {
  #list;
  #views = new Map();
  #listeners = new AbortController();

  constructor(list) {
    this.#list = list;
    const listen = { signal: this.#listeners.signal };
    byId("selection-all").addEventListener("change", ({ target }) => this.#chooseAll(target.checked), listen);
    byId("selection-none").addEventListener("click", () => this.clear(), listen);
    byId("selection-delete").addEventListener("click", () => this.#remove(), listen);
    byId("selection-retry").addEventListener("click", () => this.#retry(), listen);
    byId("selection-ask").addEventListener("click", () => {
      const views = [...this.#views.values()];
      this.clear();
      this.#list.onAsk(views.filter((view) => view.version));
    }, listen);
    byId("selection-collect").addEventListener("click", () => this.#collect(), listen);
    byId("selection-access").addEventListener("click", () => this.#editAccess(), listen);
    this.clear();
  }

  stop() {
    this.#listeners.abort();
    this.clear();
  }

  /** A box to choose a document with; none for one that can neither be asked nor changed. */
  box(view) {
    if (!this.#canChoose(view)) return null;
    return element("input", {
      type: "checkbox", class: "select", "aria-label": t`Select ${view.title}`,
      "data-focus": `select ${view.document_id}`, checked: this.#views.has(view.document_id),
      onchange: ({ target }) => this.#choose(view, target.checked),
    });
  }

  /** Tell what is on show now: only that can stay chosen. */
  shown(views) {
    const ids = new Map(views.map((view) => [view.document_id, view]));
    for (const id of [...this.#views.keys()]) {
      if (ids.has(id)) this.#views.set(id, ids.get(id));
      else this.#views.delete(id);
    }
    byId("selection").hidden = !views.some((view) => this.#canChoose(view));
    this.#draw();
  }

  #canChoose(view) {
    return Boolean(view.version) || this.#list.client.mayChange(view);
  }

  clear() {
    this.#views.clear();
    for (const box of byId("document-list").querySelectorAll(".select")) box.checked = false;
    byId("selection-form").replaceChildren();
    say(byId("selection-status"), "");
    this.#draw();
  }

  #choose(view, isChosen) {
    if (isChosen) this.#views.set(view.document_id, view);
    else this.#views.delete(view.document_id);
    this.#draw();
  }

  #chooseAll(isChosen) {
    for (const view of this.#list.views) {
      if (this.#canChoose(view)) this.#choose(view, isChosen);
    }
    for (const box of byId("document-list").querySelectorAll(".select")) box.checked = isChosen;
  }

  #draw() {
    const count = this.#views.size;
    say(byId("selection-count"), count ? t`${count} selected` : t`Select all on this page`);
    const all = byId("selection-all");
    const choosable = this.#list.views.filter((view) => this.#canChoose(view)).length;
    all.checked = count > 0 && count === choosable;
    all.indeterminate = count > 0 && count < choosable;
    byId("selection-acts").hidden = count === 0;
    const views = [...this.#views.values()];
    byId("selection-collect").hidden = !this.#list.client.may("upload");
    byId("selection-ask").hidden = !views.some((view) => view.version);
    const mayChange = views.every((view) => this.#list.client.mayChange(view));
    for (const act of ["access", "delete"]) byId(`selection-${act}`).hidden = !mayChange;
    byId("selection-retry").hidden = this.#failed().length === 0;
    if (!count) byId("selection-form").replaceChildren();
  }

  #failed() {
    const isOver = (job) => job && ["failed", "cancelled"].includes(job.state);
    const views = [...this.#views.values()].filter((view) => this.#list.client.mayChange(view));
    return views.map((view) => view.document_id).map((id) => this.#list.jobOf(id)).filter(isOver);
  }

  /** Do something for each, say how far it is, and in the end for how many it failed, and why. */
  async #each(items, act, done) {
    let failure = null;
    let count = 0;
    for (const [index, item] of items.entries()) {
      say(byId("selection-status"), t`${index + 1} of ${items.length}`);
      try {
        await act(item);
        count += 1;
      } catch (problem) {
        failure = problem;
      }
    }
    this.clear();
    const failed = items.length - count;
    const refusal = failed ? ` ${t`${plural(failed, "document")} could not be: ${failure.message}`}` : "";
    say(byId("selection-status"), `${done(plural(count, "document"))}${refusal}`);
    await this.#list.refresh();
    byId("documents-title").focus();
  }

  async #remove() {
    const form = byId("selection-form");
    form.replaceChildren();
    const views = [...this.#views.values()];
    const question = t`Delete ${plural(views.length, "document")}? They are gone from every answer from now on.`;
    if (!(await confirmIn(form, question, t`Delete all`))) return byId("selection-delete").focus();
    return this.#each(views, (view) => this.#list.client.remove(view.document_id), (count) => t`${count} deleted.`);
  }

  #retry() {
    return this.#each(this.#failed(), (job) => this.#list.client.retryJob(job.job_id), (count) => t`${count} queued again.`);
  }

  #collect() {
    const views = [...this.#views.values()];
    const form = this.#list.collections.form(views, {
      closed: () => byId("selection-form").replaceChildren(),
      done: (words) => {
        this.clear();
        say(byId("selection-status"), words);
        byId("documents-title").focus();
      },
    });
    byId("selection-form").replaceChildren(form);
    form.querySelector("select").focus();
  }

  #editAccess() {
    const { client } = this.#list;
    const views = [...this.#views.values()];
    const fields = accessFields({
      onlyLabel: t`Only the owner`, mayReachAll: client.me.publishing.everyone, knownNames: client.knownNames,
    });
    const form = element("form", { class: "editor", "aria-label": t`Access to what is selected` }, fields.node,
      element("div", { class: "row-actions" },
        element("button", { class: "primary small", type: "submit" }, t`Save for ${plural(views.length, "document")}`),
        button(t`Cancel`, () => byId("selection-form").replaceChildren(), { class: "quiet small" })));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const access = fields.value();
      const listFor = ({ owner }) => ({ ...access, allow: access.allow.length ? access.allow : [owner] });
      const warning = views.map((view) => lockOut(listFor(view), client.me)).find(Boolean);
      if (form.querySelector(".confirm")) return;
      if (warning && !(await confirmIn(form, warning, t`Save all the same`))) return;
      await this.#each(views, (view) => client.edit(view.document_id, listFor(view)), (count) => t`${count} changed.`);
    });
    byId("selection-form").replaceChildren(form);
    form.querySelector("input:checked").focus();
  }
}
