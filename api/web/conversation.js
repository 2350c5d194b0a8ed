// Questions and answers, in one conversation at a time.

import { byId, element, say } from "./dom.js";
import { AnswerView } from "./answer.js";

const KEPT = "footnote-conversation"; // sessionStorage: a reload goes on where it was

const ENDINGS = {
  answered: "Answer complete.", partial: "Answer complete, partly supported.",
  no_evidence: "No answer in the documents you may read.", blocked: "The answer was withheld.",
  failed: "The answer failed.",
};

/** The conversation. `open(citation, opener)` shows a source. */
export class Conversation {
  #client;
  #open;
  #id = null;
  onChange = () => {}; // called when a question is sent or a new conversation starts
  #stopper = null;
  #listeners = new AbortController();

  constructor(client, open) {
    this.#client = client;
    this.#open = open;
    const listen = { signal: this.#listeners.signal };
    byId("ask").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    }, listen);
    byId("question").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    }, listen);
    byId("stop").addEventListener("click", () => this.#stopper?.abort(), listen);
    byId("new-conversation").addEventListener("click", () => this.restart(), listen);
    const storedId = sessionStorage.getItem(KEPT);
    this.restart();
    if (storedId) this.#resume(storedId);
  }

  stop() {
    this.#stopper?.abort();
    this.#listeners.abort();
    this.#remember(null);
    this.#clear();
  }

  /** Start with nothing said; the next question opens a conversation of its own. */
  restart() {
    this.#stopper?.abort();
    this.#remember(null);
    this.#clear();
    say(byId("answer-status"), "");
    this.onChange();
    byId("question").focus();
  }

  /** The conversation on the page, or null before its first question. */
  get id() {
    return this.#id;
  }

  /** Show one of before instead; throws `Problem` where it is gone. */
  async reopen(id) {
    const { turns } = await this.#client.conversation(id);
    this.restart();
    this.#show(id, turns);
  }

  #remember(id) {
    this.#id = id;
    if (id) sessionStorage.setItem(KEPT, id);
    else sessionStorage.removeItem(KEPT);
  }

  /** Show a conversation of before; one that is gone is simply not shown. */
  async #resume(id) {
    const { turns } = await this.#client.conversation(id).catch(() => ({ turns: [] }));
    if (this.#id || this.#stopper || this.#listeners.signal.aborted || !turns.length) return;
    this.#show(id, turns);
  }

  #show(id, turns) {
    this.#remember(id);
    for (const { question, answer, answer_id } of turns) {
      const { view } = this.#addTurn(question);
      if (answer) this.#finish(view, { ...answer, answer_id });
      else view.fail("This answer drew on a document that you may no longer read.");
    }
    say(byId("answer-status"), "");
  }

  #clear() {
    for (const turn of byId("turns").querySelectorAll(".turn")) turn.remove();
    byId("welcome").hidden = false;
    byId("new-conversation").hidden = true;
  }

  #submit() {
    const field = byId("question");
    const question = field.value.trim();
    if (!question || this.#stopper) return;
    field.value = "";
    this.onChange();
    this.#ask(question);
  }

  #busy(busy) {
    byId("send").hidden = busy;
    byId("stop").hidden = !busy;
  }

  #addTurn(question) {
    const view = new AnswerView(this.#open);
    const live = element("div", { "aria-live": "polite" }, view.node);
    const turn = element(
      "article", { class: "turn", "aria-label": question },
      element("h3", { class: "question" }, question), live,
    );
    byId("welcome").hidden = true;
    byId("new-conversation").hidden = false;
    byId("turns").append(turn);
    turn.scrollIntoView({ block: "start" });
    return { view, live };
  }

  async #ask(question) {
    const { view, live } = this.#addTurn(question);
    const waiting = element("p", { class: "waiting" }, "Looking for the words that answer this");
    live.before(waiting);
    const stopper = new AbortController();
    this.#stopper = stopper;
    this.#busy(true);
    say(byId("answer-status"), "Searching.");
    try {
      await this.#stream(question, view, waiting, stopper.signal);
    } catch (problem) {
      const stopped = problem.name === "AbortError";
      view.fail(stopped ? "Stopped. What is above was checked." : problem.message);
    } finally {
      waiting.remove();
      if (this.#stopper === stopper) this.#stopper = null;
      this.#busy(this.#stopper !== null);
    }
  }

  async #stream(question, view, waiting, signal) {
    if (!this.#id) this.#remember((await this.#client.startConversation()).conversation_id);
    let ended = false;
    for await (const { event, data } of this.#client.ask(question, this.#id, signal)) {
      if (event === "sentence") {
        waiting.remove();
        view.addSentence(data);
      } else if (event === "done") {
        ended = true;
        this.#finish(view, data);
      } else if (event === "error") {
        ended = true;
        view.fail([data.title, data.detail].filter(Boolean).join(". "));
      }
    }
    if (!ended) view.fail("The answer was cut off. Ask again.");
  }

  #finish(view, answer) {
    view.finish(answer);
    say(byId("answer-status"), ENDINGS[answer.status] ?? "");
    if (!answer.answer_id) return;
    view.askForFeedback((rating, comment) =>
      this.#client.feedback({ answer_id: answer.answer_id, rating, comment }));
  }
}
