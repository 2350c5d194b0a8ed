// Past conversations: find one, open it again, rename, pin, delete it.

import { byId, button, element, say } from "./dom.js";
import { confirmIn } from "./confirm.js";
import { Fold } from "./disclosure.js";
import { whenExactly } from "./code_points.js";
import { t } from "./language.js";

/** A conversation's own name, or its first question. The name and the pin are labels of its owner. */
const titleOf = ({ title, metadata }) => metadata.title || title;
const isPinned = ({ metadata }) => metadata.pinned === "yes";

/** The list below its button. `conversation` is the one on the page. */
export class History {
  #client;
  #conversation;
  #fold;
  #items = [];
  #loads = 0;

  constructor(client, conversation) {
    this.#client = client;
    this.#conversation = conversation;
    this.#fold = new Fold("history", () => this.#load());
    byId("history-query").addEventListener("input", () => this.#draw(), { signal: this.#fold.signal });
    conversation.onChange = () => this.#fold.close();
  }

  stop() {
    this.#fold.stop();
    byId("history-query").value = "";
  }

  async #load() {
    say(byId("history-problem"), "");
    const load = ++this.#loads;
    try {
      const { items } = await this.#client.conversations();
      if (this.#fold.signal.aborted || load !== this.#loads) return; // a later one is under way
      this.#items = items.filter(titleOf); // one without a question has nothing to show
      this.#draw();
    } catch (problem) {
      say(byId("history-problem"), problem.message);
    }
  }

  /** Show those with all the words that are looked for, pinned ones first. */
  #draw() {
    const words = byId("history-query").value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (item) => words.every((word) => titleOf(item).toLowerCase().includes(word));
    const items = this.#items.filter(fits).sort((one, other) => isPinned(other) - isPinned(one));
    byId("history-list").replaceChildren(...items.map((item) => this.#row(item)));
    byId("history-empty").hidden = this.#items.length > 0;
    byId("history-none").hidden = items.length > 0 || this.#items.length === 0;
    byId("history-query").hidden = this.#items.length === 0;
  }

  #row(item) {
    const title = titleOf(item);
    const current = item.conversation_id === this.#conversation.id;
    const open = button(title, () => this.#open(item), {
      class: "history-open", "aria-current": current ? "true" : false,
    });
    const node = element("li", { class: "history-row" });
    const named = (label, act, attributes = {}) =>
      button(label, act, { class: "link", "aria-label": `${label}: ${title}`, ...attributes });
    const pin = named(t`Pin`, () => this.#label(item, { pinned: isPinned(item) ? "" : "yes" }), {
      "aria-pressed": String(isPinned(item)),
    });
    const rename = named(t`Rename`, () => this.#rename(node, item, rename));
    const remove = named(t`Delete`, () => this.#remove(node, item, remove));
    node.append(open, element("span", { class: "note" }, whenExactly(item.created_at)), pin, rename, remove);
    return node;
  }

  async #open(item) {
    try {
      await this.#conversation.reopen(item.conversation_id);
      this.#fold.close();
      byId("question").focus();
    } catch (problem) {
      say(byId("history-problem"), problem.message);
    }
  }

  /** Change labels; an empty one goes. The others of this conversation stay. */
  async #label(item, labels) {
    const pairs = Object.entries({ ...item.metadata, ...labels }).filter(([, value]) => value);
    try {
      await this.#client.labelConversation(item.conversation_id, Object.fromEntries(pairs));
      await this.#load();
      byId("history-title").focus();
    } catch (problem) {
      say(byId("history-problem"), problem.message);
    }
  }

  #rename(node, item, opener) {
    if (node.querySelector("form")) return;
    const field = element("input", { type: "text", maxlength: 200, required: true, "aria-label": t`Name`, value: titleOf(item) });
    const form = element("form", { class: "comment" }, field,
      element("button", { class: "quiet small", type: "submit" }, t`Save`),
      button(t`Cancel`, () => close(), { class: "quiet small" }));
    const close = () => {
      form.remove();
      opener.focus();
    };
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#label(item, { title: field.value.trim() });
    });
    node.append(form);
    field.select();
  }

  async #remove(node, item, opener) {
    if (node.querySelector(".confirm")) return;
    const question = t`Delete “${titleOf(item)}” with its answers?`;
    if (!(await confirmIn(node, question, t`Delete`))) return opener.focus();
    try {
      await this.#client.removeConversation(item.conversation_id);
      if (item.conversation_id === this.#conversation.id) this.#conversation.restart();
      await this.#fold.open(); // a deleted conversation that was on the page has closed it
      byId("history-title").focus();
    } catch (problem) {
      say(byId("history-problem"), problem.message);
    }
    return undefined;
  }
}
