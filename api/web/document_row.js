// One document of the list: what it is, how it stands, and what its reader may do with it.

import { button, byId, element, say } from "./dom.js";
import { readable, summary } from "./access.js";
import { accessEditor } from "./access_editor.js";
import { confirmIn } from "./confirm.js";
import { toggleDetails } from "./document_details.js";
import { toggleFindings } from "./findings.js";
import { isOver, jobText, steps } from "./jobs.js";
import { size, when } from "./code_points.js";
import { plural, t } from "./language.js";

const STATES = {
  ready: t`Ready`, processing: t`Being read`, failed: t`Failed`, quarantined: t`In quarantine`,
};
const STATES_OF_REPLACED = {
  ready: t`Ready`, processing: t`Ready, new version being read`, failed: t`Ready, new version failed`,
  quarantined: t`Ready, new version in quarantine`,
};

function facts(view, me) {
  const words = [view.title === view.filename ? null : view.filename, size(view.size)];
  if (view.pages) words.push(plural(view.pages, "page"));
  words.push(when(view.created_at), view.owner === me.user ? t`by you` : t`by ${readable(view.owner)}`);
  const elements = words.filter(Boolean).map((fact) => element("span", { class: "fact" }, fact));
  return elements.flatMap((node) => [node, " "]); // the spaces are where the line may break
}

/** What its newest job is doing, or why it ended. */
function progress(job) {
  if (!job) return [];
  if (isOver(job)) return job.reason ? [element("p", { class: "warning" }, job.reason)] : [];
  return [element("p", { class: "document-facts" }, jobText(job)), steps(job)];
}

function stateOf(view, job) {
  const states = view.version ? STATES_OF_REPLACED : STATES;
  const isCancelled = view.state === "failed" && job?.state === "cancelled";
  return element("span", { class: "state" }, isCancelled ? t`Cancelled` : states[view.state] ?? view.state);
}

/** A row. What may not be done is not offered. */
export class DocumentRow {
  node;
  #view;
  #job;
  #list;
  #problem = element("p", { class: "problem", role: "alert" });

  /**
   * `list` has the `client`, the `uploads`, the `selection`, `read(view)`, which opens the text, and
   * `refresh()`.
   * `job` is the newest job of whoever uploaded it, while the document is not ready.
   */
  constructor(view, job, list) {
    this.#view = view;
    this.#job = view.state === "ready" ? null : job;
    this.#list = list;
    this.node = element("li", { class: "document", "data-state": view.state },
      list.selection.box(view), ...this.#words(), this.#actions(), this.#problem);
  }

  #words() {
    const view = this.#view;
    const { client, uploads, read } = this.#list;
    const title = button(view.title, () => read(view), {
      class: "title-button", disabled: !view.version, "data-focus": `read ${view.document_id}`,
    });
    const mark = view.authoritative ? element("span", { class: "readers authoritative" }, t`Authoritative`) : null;
    const warnings = [...(view.warnings ?? []), ...uploads.warningsOf(view.document_id)];
    return [
      element("p", { class: "document-title" }, title),
      element("p", { class: "document-facts" }, ...facts(view, client.me)),
      element("p", { class: "document-facts" }, stateOf(view, this.#job),
        element("span", { class: "readers" }, summary(view)), mark),
      ...progress(this.#job), ...warnings.map((text) => element("p", { class: "warning" }, text)),
    ];
  }

  #named(label, act, attributes = {}) {
    return button(label, act, {
      class: "link", "aria-label": `${label}: ${this.#view.title}`,
      "data-focus": `${label} ${this.#view.document_id}`, ...attributes,
    });
  }

  /** What everybody may do who may read the document. */
  #commonActions() {
    const { client, collection, collections, onAsk } = this.#list;
    const details = this.#named(t`Details`, () => toggleDetails(client, this.node, this.#view, this.#problem, details),
      { "aria-expanded": "false" });
    const actions = [details];
    if (this.#view.version) actions.unshift(this.#named(t`Ask`, () => onAsk([this.#view])));
    if (collections.mayChange(collection)) actions.push(this.#named(t`Take out`, () => this.#uncollect()));
    return actions;
  }

  #uncollect() {
    const { client, collection, refresh } = this.#list;
    return this.#try(async () => {
      await client.uncollect(collection, this.#view.document_id);
      await refresh();
      byId("documents-title").focus();
    });
  }

  #actions() {
    const common = this.#commonActions();
    if (!this.#list.client.mayChange(this.#view)) return element("div", { class: "row-actions" }, ...common);
    const folded = { "aria-expanded": "false" };
    const access = this.#named(t`Access`, () => this.#editAccess(access), folded);
    const rename = this.#named(t`Rename`, () => this.#rename(rename), folded);
    const remove = this.#named(t`Delete`, () => this.#remove(remove));
    const findings = this.#named(t`Findings`, () => this.#showFindings(findings), folded);
    return element("div", { class: "row-actions" }, ...common,
      this.#named(t`New version`, () => this.#chooseVersion()), access, rename, findings, remove,
      this.#jobAction());
  }

  #jobAction() {
    const { client, refresh } = this.#list;
    const job = this.#job;
    if (!job || job.state === "succeeded") return null;
    const act = isOver(job) ? client.retryJob : client.cancelJob;
    return this.#named(isOver(job) ? t`Try again` : t`Cancel`, () => this.#try(async () => {
      await act(job.job_id);
      await refresh();
    }));
  }

  async #try(act) {
    try {
      await act();
    } catch (error) {
      say(this.#problem, error.message);
    }
  }

  #showFindings(opener) {
    return toggleFindings(this.#list.client, this.node, this.#view, this.#problem, opener);
  }

  /** Let the person choose a file; it replaces the document once it can be searched. */
  #chooseVersion() {
    const chooser = element("input", { type: "file", onchange: () => {
      this.#list.uploads.replace(this.#view, chooser.files[0]);
    } });
    chooser.click();
  }

  /** Open a form below the row, or close the one that is open there. */
  #toggle(opener, form) {
    const open = this.node.querySelector(".editor");
    const isSame = opener.getAttribute("aria-expanded") === "true";
    for (const node of this.node.querySelectorAll(".row-actions > [aria-expanded]")) {
      if (![t`Findings`, t`Details`].includes(node.textContent)) node.setAttribute("aria-expanded", "false");
    }
    open?.remove();
    if (open && isSame) return;
    opener.setAttribute("aria-expanded", "true");
    const node = form();
    this.node.insertBefore(node, this.#problem);
    node.querySelector("input:checked, input")?.focus();
  }

  #closed(opener) {
    opener.setAttribute("aria-expanded", "false");
    opener.focus();
  }

  #editAccess(opener) {
    const { client, refresh } = this.#list;
    const view = this.#view;
    this.#toggle(opener, () => accessEditor(client, view, {
      closed: () => this.#closed(opener),
      saved: async (edit) => {
        await client.edit(view.document_id, edit);
        say(byId("documents-status"), t`Access to ${view.title} changed.`);
        setTimeout(refresh); // once the form is gone: an open one keeps the list as it is
      },
    }));
  }

  #rename(opener) {
    const { client, refresh } = this.#list;
    const view = this.#view;
    const field = element("input", { type: "text", maxlength: 1000, required: true, "aria-label": t`Title`, value: view.title });
    const problem = element("p", { class: "problem", role: "alert" });
    const close = () => {
      form.remove();
      this.#closed(opener);
    };
    const form = element("form", { class: "editor", "aria-label": t`Rename ${view.title}` }, field, problem,
      element("div", { class: "row-actions" },
        element("button", { class: "primary small", type: "submit" }, t`Save`),
        button(t`Cancel`, close, { class: "quiet small" })));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        await client.edit(view.document_id, { title: field.value.trim() });
        say(byId("documents-status"), t`${view.title} is now ${field.value.trim()}.`);
        close();
        await refresh();
      } catch (error) {
        say(problem, error.message);
      }
    });
    this.#toggle(opener, () => form);
  }

  async #remove(opener) {
    if (this.node.querySelector(".confirm")) return;
    const { client, refresh } = this.#list;
    const question = t`Delete “${this.#view.title}”? It is gone from every answer from now on.`;
    if (!(await confirmIn(this.node, question, t`Delete`))) return opener.focus();
    await this.#try(async () => {
      await client.remove(this.#view.document_id);
      say(byId("documents-status"), t`${this.#view.title} was deleted.`);
      await refresh();
      byId("documents-title").focus();
    });
    return undefined;
  }
}
