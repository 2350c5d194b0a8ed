// Documents that are held for what they hold, for those who may decide: look, release, reject.

import { byId, button, element, say } from "./dom.js";
import { readable, summary } from "./access.js";
import { confirmIn } from "./confirm.js";
import { kindOf, toggleFindings } from "./findings.js";
import { Queue } from "./decision_list.js";
import { save } from "./download.js";
import { whenExactly } from "./code_points.js";
import { plural, t } from "./language.js";

const UNREADABLE = t`A document that you may not read`;

/** The latest held version of each document: the only one that can be decided on. */
function latestOf(items) {
  const latest = new Map();
  for (const item of items) {
    latest.set(item.document_id, Math.max(item.version, latest.get(item.document_id) ?? 0));
  }
  return latest;
}

/** What was found, without its places: also for who may not read the document. */
function counts(item) {
  const rows = Object.entries(item.findings).map(([name, count]) =>
    element("li", {}, `${kindOf(...name.split("/"))}: ${plural(count, "place")}`));
  return element("ul", { class: "found" }, ...rows);
}

function facts(item) {
  const words = [item.filename === item.title ? null : item.filename];
  if (item.version > 1) words.push(t`version ${item.version}`);
  if (item.owner) words.push(t`by ${readable(item.owner)}`);
  words.push(t`held ${whenExactly(item.quarantined_at)}`);
  const elements = words.filter(Boolean).map((fact) => element("span", { class: "fact" }, fact));
  return elements.flatMap((node) => [node, " "]); // the spaces are where the line may break
}

/** The queue below its button, which only curators and administrators see. */
export class Quarantine {
  #client;
  #changed;
  #heldIds = null;
  #queue;

  /** `changed()` is called when a document was decided on. */
  constructor(client, changed) {
    this.#client = client;
    this.#changed = changed;
    this.#queue = new Queue("quarantine", t`Quarantine`, () => this.#held());
  }

  stop() {
    this.#queue.stop();
  }

  /** Count again when other documents of the list are held than before; an open queue stays. */
  noticed(views) {
    if (!this.#client.may("curate")) return;
    const quarantined = views.filter((view) => view.state === "quarantined");
    const heldIds = quarantined.map((view) => view.document_id).join(" ");
    if (heldIds === this.#heldIds) return;
    this.#heldIds = heldIds;
    if (!this.#queue.isOpen) this.#queue.load({ quietly: true });
  }

  async #held() {
    const { items } = await this.#client.quarantine();
    const latest = latestOf(items);
    const rows = items.map((item) => this.#row(item, latest.get(item.document_id)));
    return { waiting: latest.size, rows };
  }

  #row(item, latest) {
    const title = item.title ?? UNREADABLE;
    const problem = element("p", { class: "problem", role: "alert" });
    const node = element("li", { class: "held-row", "data-document": item.document_id },
      element("p", { class: "document-title" }, title),
      element("p", { class: "document-facts" }, ...facts(item)), counts(item));
    if (item.allow) {
      const may = element("span", { class: "fact" }, t`Readers once released: ${summary(item)}`);
      node.append(element("p", { class: "document-facts" }, may));
    }
    if (item.version < latest) {
      node.append(element("p", { class: "note" }, t`A later version is held too; decide on that one first.`));
      return node;
    }
    if (item.stays) node.append(element("p", { class: "note" }, t`The document has another version, which stays.`));
    if (item.title !== null) node.append(this.#looks(item));
    node.append(this.#form(item, title, node, problem), problem);
    return node;
  }

  /** Ways to look at it. The service gives out one original: the held one where it is the only one. */
  #looks(item) {
    const problem = element("p", { class: "problem", role: "alert" });
    const link = (label, act) => button(label, act, { class: "link", "aria-label": `${label}: ${item.title}` });
    const places = link(t`Places`, () => toggleFindings(this.#client, box, item, problem, places));
    places.setAttribute("aria-expanded", "false");
    const original = link(t`Original`, () => save(this.#client, item, problem));
    const actions = element("div", { class: "row-actions" }, places, item.stays ? null : original);
    const box = element("div", {}, actions, problem);
    return box;
  }

  #form(item, title, node, problem) {
    const field = element("input", { type: "text", maxlength: 1000, "aria-label": t`Why it is rejected: ${title}` });
    field.placeholder = t`If rejected: why (optional)`;
    const release = button(t`Release`, () => this.#release(item, title, problem), { class: "quiet small" });
    const reject = button(t`Reject`, async () => {
      if (node.querySelector(".confirm")) return;
      const gone = item.stays ? t`This version is deleted, the other one stays.` : t`The document is deleted.`;
      const sure = await confirmIn(node, t`Reject “${title}”? ${gone}`, t`Reject`);
      if (sure) await this.#reject(item, title, field.value.trim(), problem);
      else reject.focus();
    }, { class: "danger small" });
    return element("div", { class: "review-form", role: "group", "aria-label": t`Decide on: ${title}` },
      field, release, reject);
  }

  #release(item, title, problem) {
    const message = t`${title} was released. It can be found once it has been read.`;
    return this.#decided(() => this.#client.release(item), message, problem);
  }

  #reject(item, title, reason, problem) {
    return this.#decided(() => this.#client.reject(item, reason), t`${title} was rejected.`, problem);
  }

  async #decided(act, message, problem) {
    try {
      await act();
      say(byId("documents-status"), message);
      this.#changed();
      await this.#queue.load();
      byId("quarantine-title").focus();
    } catch (error) {
      say(problem, error.message);
    }
  }
}
