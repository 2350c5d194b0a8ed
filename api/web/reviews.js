// Replies that wait for a person, for those who may decide: list them, approve, deny.

import { byId, button, element, say } from "./dom.js";
import { readable } from "./access.js";
import { Queue } from "./decision_list.js";
import { whenExactly } from "./code_points.js";
import { t } from "./language.js";

const STATES = {
  pending: t`Waits`, approved: t`Approved`, denied: t`Denied`, expired: t`Not decided in time: denied`,
};

/** The queue below its button, which only reviewers see. */
export class Reviews {
  #client;
  #queue;

  constructor(client) {
    this.#client = client;
    this.#queue = new Queue("reviews", t`Reviews`, () => this.#items());
    if (client.may("curate")) this.#queue.load({ quietly: true });
  }

  stop() {
    this.#queue.stop();
  }

  async #items() {
    const { items } = await this.#client.reviews();
    const waiting = items.filter((item) => item.state === "pending").length;
    return { waiting, rows: items.map((item) => this.#row(item)) };
  }

  #row(item) {
    const what = item.stage === "before" ? t`a question` : t`an answer`;
    const end = item.state === "pending" ? t`, until ${whenExactly(item.expires_at)}` : "";
    const who = item.asker ? t`, asked by ${readable(item.asker)}` : "";
    const node = element(
      "li", { class: "review-row", "data-state": item.state },
      element("p", { class: "note" },
        element("span", { class: "state" }, STATES[item.state]), end,
        `: ${what} (${item.rules.join(", ")})${who}`),
    );
    if (!item.readable) {
      node.append(element("p", { class: "note" },
        t`It draws on documents that you may not read; another reviewer decides.`));
      return node;
    }
    if (item.stage !== "before") node.append(element("p", {}, t`Question:`, " ", item.question));
    node.append(element("blockquote", { class: "review-text" }, item.text),
      element("p", { class: "note" }, item.reason));
    if (item.decided_by) node.append(element("p", { class: "note" }, this.#decision(item)));
    if (item.decidable) node.append(this.#form(item));
    else if (item.state === "pending") {
      node.append(element("p", { class: "note" }, t`Your own: another reviewer decides.`));
    }
    return node;
  }

  #decision(item) {
    const note = item.note ? `: ${item.note}` : "";
    return t`Decided by ${readable(item.decided_by)}, ${whenExactly(item.decided_at)}${note}`;
  }

  #form(item) {
    const field = element("input", { type: "text", maxlength: 2000, "aria-label": t`Note for the other reviewers` });
    field.placeholder = t`Note for the other reviewers (optional)`;
    const decide = (decision) => () => this.#decide(item, decision, field.value.trim());
    return element("div", { class: "review-form", role: "group", "aria-label": t`Decide on: ${item.text}` },
      field,
      button(t`Approve`, decide("approve"), { class: "quiet small" }),
      button(t`Deny`, decide("deny"), { class: "danger small" }));
  }

  async #decide(item, decision, note) {
    try {
      await this.#client.decideReview(item.review_id, decision, note);
      await this.#queue.load();
      byId("reviews-title").focus();
    } catch (problem) {
      say(byId("reviews-problem"), problem.message);
    }
  }
}
