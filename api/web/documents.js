// The list of documents that the signed-in person may read.

import { byId, button, element, freshId, say } from "./dom.js";
import { accessFields, readable, summary } from "./access.js";
import { confirmIn } from "./confirm.js";
import { toggleFindings } from "./findings.js";
import { isOver, jobText, steps } from "./jobs.js";
import { plural, size, when } from "./code_points.js";

const REFRESH_MS = 2500;

const STATES = {
  ready: "Ready", processing: "Being read", failed: "Failed", quarantined: "In quarantine",
};
const STATES_OF_REPLACED = {
  ready: "Ready", processing: "Ready, new version being read", failed: "Ready, new version failed",
  quarantined: "Ready, new version in quarantine",
};

function facts(view) {
  const words = [view.title === view.filename ? null : view.filename, size(view.size)];
  if (view.pages) words.push(plural(view.pages, "page"));
  words.push(when(view.created_at), `by ${readable(view.owner)}`);
  const elements = words.filter(Boolean).map((fact) => element("span", { class: "fact" }, fact));
  return elements.flatMap((node) => [node, " "]); // the spaces are where the line may break
}

/** A box for curators: the document counts for more than others about the same. */
function markField(isMarked) {
  const id = freshId("mark");
  const input = element("input", { type: "checkbox", id, checked: Boolean(isMarked), "aria-describedby": `${id}-help` });
  const help = "It comes first among documents that answer nearly as well, and carries the label.";
  const node = element("div", { class: "mark-field" },
    element("p", {}, input, " ", element("label", { for: id }, "Authoritative")),
    element("p", { id: `${id}-help`, class: "note" }, help));
  return { input, node };
}

/**
 * The list, its paging, its access editors. `read(view)` opens a document's text; `uploads` takes
 * new versions and knows which documents it shows itself; `listed(views)` is told what is shown;
 * `isForCurator()` tells whether a curator has signed in.
 */
export class Documents {
  #client;
  #read;
  #uploads;
  #listed;
  #isForCurator;
  #views = [];
  #jobs = new Map();
  #next = null;
  #timer = null;
  #stopped = false;

  constructor(client, read, uploads, listed, isForCurator) {
    this.#isForCurator = isForCurator;
    this.#client = client;
    this.#uploads = uploads;
    this.#listed = listed;
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

  /** Load the list again, unless somebody is editing a part of it. */
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
      await this.#learnJobs();
      say(byId("documents-problem"), "");
      this.#draw();
      this.#listed(this.#views);
    } catch (problem) {
      if (!this.#stopped) say(byId("documents-problem"), problem.message);
    }
  }

  /** How far documents are, and why they failed, stands in the jobs of whoever uploaded them. */
  async #learnJobs() {
    this.#jobs.clear();
    if (this.#views.every((view) => view.state === "ready")) return;
    const { items } = await this.#client.jobs().catch(() => ({ items: [] })); // the list stands without
    for (const job of items.reverse()) {
      if (job.kind === "ingest") this.#jobs.set(job.document_id, job);
    }
  }

  #draw() {
    const list = byId("document-list");
    const busy = list.querySelector(".editor, .confirm");
    if (!busy) this.#replace(list);
    byId("documents-empty").hidden = this.#views.length > 0 || this.#uploads.busy;
    byId("documents-more").hidden = !this.#next;
    const waiting = busy || this.#views.some((view) => view.state === "processing");
    if (waiting) this.#timer = setTimeout(() => this.refresh(), REFRESH_MS);
  }

  /** Draw the rows again and leave the focus where it was. */
  #replace(list) {
    const focused = document.activeElement?.dataset?.focus;
    const views = this.#views.filter((view) => !this.#uploads.isArriving(view.document_id));
    list.replaceChildren(...views.map((view) => this.#row(view)));
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
    const states = view.version ? STATES_OF_REPLACED : STATES;
    const cancelled = view.state === "failed" && this.#jobs.get(view.document_id)?.state === "cancelled";
    const label = cancelled ? "Cancelled" : states[view.state] ?? view.state;
    const state = element("span", { class: "state" }, label);
    const replace = named("New version", () => this.#chooseVersion(view));
    const editAccess = named("Access", () => this.#editAccess(node, view, problem, editAccess));
    const remove = named("Delete", () => this.#remove(node, view, problem, remove));
    const findings = named("Findings", () => toggleFindings(this.#client, node, view, problem, findings));
    for (const opener of [editAccess, findings]) opener.setAttribute("aria-expanded", "false");
    const access = element("span", { class: "readers" }, summary(view));
    const mark = view.authoritative ? element("span", { class: "readers authoritative" }, "Authoritative") : null;
    node.append(
      element("p", { class: "document-title" }, read),
      element("p", { class: "document-facts" }, ...facts(view)),
      element("p", { class: "document-facts" }, state, access, mark),
      ...this.#progress(view), ...[...(view.warnings ?? []), ...this.#uploads.warningsOf(view.document_id)].map((text) => element("p", { class: "warning" }, text)),
      element("div", { class: "row-actions" }, replace, editAccess, findings, remove,
        ...this.#jobActions(view, problem, named)), problem,
    );
    return node;
  }

  /** What its newest job is doing, or why it ended. */
  #progress(view) {
    const job = view.state !== "ready" && this.#jobs.get(view.document_id);
    if (!job) return [];
    if (isOver(job)) return job.reason ? [element("p", { class: "warning" }, job.reason)] : [];
    return [element("p", { class: "document-facts" }, jobText(job)), steps(job)];
  }

  #jobActions(view, problem, named) {
    const job = view.state !== "ready" && this.#jobs.get(view.document_id);
    if (!job || job.state === "succeeded") return [];
    const act = isOver(job) ? this.#client.retryJob : this.#client.cancelJob;
    return [named(isOver(job) ? "Try again" : "Cancel", async () => {
      try {
        await act(job.job_id);
        await this.refresh();
      } catch (error) {
        say(problem, error.message);
      }
    })];
  }

  /** Let the person choose a file; it replaces the document once it can be searched. */
  #chooseVersion(view) {
    const chooser = element("input", { type: "file", onchange: () => {
      this.#uploads.replace(view, chooser.files[0]);
    } });
    chooser.click();
  }

  #editAccess(node, view, problem, opener) {
    const open = node.querySelector(".editor");
    opener.setAttribute("aria-expanded", String(!open));
    if (open) return open.remove();
    const { mayReachAll } = this.#client;
    const onlyLabel = `Only ${readable(view.owner)}`;
    const fields = accessFields({ ...view, onlyLabel, mayReachAll });
    const mark = this.#isForCurator() ? markField(view.authoritative) : null;
    const close = () => {
      editor.remove();
      opener.setAttribute("aria-expanded", "false");
      opener.focus();
    };
    const save = async (event) => {
      event.preventDefault();
      try {
        const marking = mark ? { authoritative: mark.input.checked } : {};
        await this.#client.changeAccess(view.document_id, { ...fields.value(), ...marking });
        close();
        say(byId("documents-status"), `Access to ${view.title} changed.`);
        await this.refresh();
      } catch (error) {
        say(problem, error.message);
      }
    };
    const editor = element(
      "form", { class: "editor", id: freshId("editor"), "aria-label": `Access to ${view.title}` },
      fields.node, mark?.node,
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
