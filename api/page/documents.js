// The list of documents that the signed-in person may read.

import { byId, button, element, freshId, say } from "./dom.js";
import { accessFields, readable, summary } from "./access.js";
import { plural, size, when } from "./text.js";

const REFRESH_MS = 2500;

const STATES = { ready: "Ready", processing: "Being read", failed: "Failed" };

function facts(view) {
  const parts = [view.title === view.filename ? null : view.filename, size(view.size)];
  if (view.pages) parts.push(plural(view.pages, "page"));
  parts.push(when(view.created_at), `by ${readable(view.owner)}`);
  const shown = parts.filter(Boolean).map((part) => element("span", { class: "fact" }, part));
  return shown.flatMap((part) => [part, " "]); // the spaces are where the line may break
}

/** Ask in place before something is deleted. Resolves to whether to go on. */
function confirmIn(place, question, label) {
  return new Promise((resolve) => {
    const answer = (yes) => () => {
      box.remove();
      resolve(yes);
    };
    const keep = button("Keep", answer(false), { class: "quiet small" });
    const box = element(
      "div", { class: "confirm", role: "group", "aria-label": question },
      element("p", {}, question),
      button(label, answer(true), { class: "danger small" }), keep,
    );
    place.append(box);
    keep.focus();
  });
}

/**
 * The list, its paging, its access editors. `read(view)` opens a document's text;
 * `arriving(id)` tells whether the uploads list shows a document already.
 */
export class Documents {
  #client;
  #read;
  #arriving;
  #views = [];
  #reasons = new Map();
  #next = null;
  #timer = null;
  #stopped = false;

  constructor(client, read, arriving) {
    this.#client = client;
    this.#arriving = arriving;
    this.#read = read;
    byId("documents-more").onclick = () => this.#load(this.#next);
    this.refresh();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#views = [];
    byId("document-list").replaceChildren();
  }

  /** Load the list anew, unless somebody is editing a part of it. */
  refresh() {
    clearTimeout(this.#timer);
    return this.#load(null);
  }

  async #load(after) {
    try {
      const page = await this.#client.documents(after);
      if (this.#stopped) return;
      this.#views = after ? [...this.#views, ...page.items] : page.items;
      this.#next = page.next ?? null;
      await this.#learnReasons();
      say(byId("documents-problem"), "");
      this.#draw();
    } catch (problem) {
      if (!this.#stopped) say(byId("documents-problem"), problem.message);
    }
  }

  /** Why documents failed stands in the jobs, for whoever uploaded them. */
  async #learnReasons() {
    const unknown = (view) => view.state === "failed" && !this.#reasons.has(view.document_id);
    if (!this.#views.some(unknown)) return;
    for (const view of this.#views.filter(unknown)) this.#reasons.set(view.document_id, null);
    const { items } = await this.#client.jobs().catch(() => ({ items: [] })); // the list stands without
    for (const job of items.reverse()) if (job.reason) this.#reasons.set(job.document_id, job.reason);
  }

  #draw() {
    const list = byId("document-list");
    const busy = list.querySelector(".editor, .confirm");
    if (!busy) this.#replace(list);
    byId("documents-empty").hidden = this.#views.length > 0;
    byId("documents-more").hidden = !this.#next;
    const waiting = busy || this.#views.some((view) => view.state === "processing");
    if (waiting) this.#timer = setTimeout(() => this.refresh(), REFRESH_MS);
  }

  /** Draw the rows again and leave the focus where it was. */
  #replace(list) {
    const focused = document.activeElement?.dataset?.focus;
    const shown = this.#views.filter((view) => !this.#arriving(view.document_id));
    list.replaceChildren(...shown.map((view) => this.#row(view)));
    if (focused) list.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  #row(view) {
    const problem = element("p", { class: "problem", role: "alert" });
    const node = element("li", { class: "document", "data-state": view.state });
    const named = (label, act) => button(label, act, {
      class: "link", "aria-label": `${label}: ${view.title}`,
      "data-focus": `${label} ${view.document_id}`,
    });
    const read = button(view.title, () => this.#read(view), {
      class: "title-button", disabled: !view.version,
      "data-focus": `read ${view.document_id}`,
    });
    const state = element("span", { class: "state" }, STATES[view.state] ?? view.state);
    const editAccess = named("Access", () => this.#editAccess(node, view, problem, editAccess));
    const remove = named("Delete", () => this.#remove(node, view, problem, remove));
    editAccess.setAttribute("aria-expanded", "false");
    const access = element("span", { class: "readers" }, summary(view));
    node.append(
      element("p", { class: "document-title" }, read),
      element("p", { class: "document-facts" }, ...facts(view)),
      element("p", { class: "document-facts" }, state, access),
      ...this.#reason(view), ...(view.warnings ?? []).map((text) => element("p", { class: "warning" }, text)),
      element("div", { class: "row-actions" }, editAccess, remove), problem,
    );
    return node;
  }

  #reason(view) {
    const reason = view.state === "failed" && this.#reasons.get(view.document_id);
    return reason ? [element("p", { class: "warning" }, reason)] : [];
  }

  #editAccess(node, view, problem, opener) {
    const open = node.querySelector(".editor");
    opener.setAttribute("aria-expanded", String(!open));
    if (open) return open.remove();
    const fields = accessFields({ ...view, onlyLabel: `Only ${readable(view.owner)}` });
    const close = () => {
      editor.remove();
      opener.setAttribute("aria-expanded", "false");
      opener.focus();
    };
    const save = async (event) => {
      event.preventDefault();
      try {
        await this.#client.changeAccess(view.document_id, fields.value());
        close();
        say(byId("documents-status"), `Access to ${view.title} changed.`);
        await this.refresh();
      } catch (error) {
        say(problem, error.message);
      }
    };
    const editor = element(
      "form", { class: "editor", id: freshId("editor"), "aria-label": `Access to ${view.title}` },
      fields.node,
      element("div", { class: "row-actions" },
        element("button", { class: "primary small", type: "submit" }, "Save"),
        button("Cancel", close, { class: "quiet small" })),
    );
    editor.addEventListener("submit", save);
    node.insertBefore(editor, problem);
    editor.querySelector("input:checked").focus();
    return undefined;
  }

  async #remove(node, view, problem, opener) {
    if (node.querySelector(".confirm")) return;
    const question = `Delete “${view.title}”? It is gone from every answer from now on.`;
    if (!(await confirmIn(node, question, "Delete"))) return opener.focus();
    try {
      await this.#client.remove(view.document_id);
      say(byId("documents-status"), `${view.title} was deleted.`);
      await this.refresh();
      byId("documents-title").focus();
    } catch (error) {
      say(problem, error.message);
    }
    return undefined;
  }
}
