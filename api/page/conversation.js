// Questions and answers, in one conversation at a time.

import { byId, element, say } from "./dom.js";
import { AnswerView } from "./answer.js";

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
    this.restart();
  }

  stop() {
    this.#stopper?.abort();
    this.#listeners.abort();
    this.#clear();
  }

  /** Start with nothing said; the next question opens a conversation of its own. */
  restart() {
    this.#stopper?.abort();
    this.#id = null;
    this.#clear();
    say(byId("answer-status"), "");
    byId("question").focus();
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
    this.#ask(question);
  }

  #busy(busy) {
    byId("send").hidden = busy;
    byId("stop").hidden = !busy;
  }

  async #ask(question) {
    const view = new AnswerView(this.#open);
    const waiting = element("p", { class: "waiting" }, "Looking for the words that answer this");
    const live = element("div", { "aria-live": "polite" }, view.node);
    const turn = element(
      "article", { class: "turn", "aria-label": question },
      element("h3", { class: "question" }, question), waiting, live,
    );
    byId("welcome").hidden = true;
    byId("new-conversation").hidden = false;
    byId("turns").append(turn);
    turn.scrollIntoView({ block: "start" });
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
    this.#id ??= (await this.#client.startConversation()).conversation_id;
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
