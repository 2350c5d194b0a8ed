// Past conversations: list them, open one again, delete one.

import { byId, button, element, say } from "./dom.js";
import { confirmIn } from "./confirm.js";
import { Fold } from "./disclosure.js";
import { when } from "./code_points.js";

/** The list below its button. `conversation` is the one on the page. */
export class History {
  #client;
  #conversation;
  #fold;
  #loads = 0;

  constructor(client, conversation) {
    this.#client = client;
    this.#conversation = conversation;
    this.#fold = new Fold("history", () => this.#load());
    conversation.onChange = () => this.#fold.close();
  }

  stop() {
    this.#fold.stop();
  }

  async #load() {
    say(byId("history-problem"), "");
    const load = ++this.#loads;
    try {
      const { items } = await this.#client.conversations();
      if (this.#fold.signal.aborted || load !== this.#loads) return; // a later one is under way
      const conversations = items.filter((item) => item.title); // one without a question has nothing to show
      byId("history-list").replaceChildren(...conversations.map((item) => this.#row(item)));
      byId("history-empty").hidden = conversations.length > 0;
    } catch (problem) {
      say(byId("history-problem"), problem.message);
    }
  }

  #row(item) {
    const current = item.conversation_id === this.#conversation.id;
    const open = button(item.title, () => this.#open(item), {
      class: "history-open", "aria-current": current ? "true" : false,
    });
    const node = element("li", { class: "history-row" });
    const remove = button("Delete", () => this.#remove(node, item, remove), {
      class: "link", "aria-label": `Delete: ${item.title}`,
    });
    node.append(open, element("span", { class: "note" }, when(item.created_at)), remove);
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

  async #remove(node, item, opener) {
    if (node.querySelector(".confirm")) return;
    const question = `Delete “${item.title}” with its answers?`;
    if (!(await confirmIn(node, question, "Delete"))) return opener.focus();
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
