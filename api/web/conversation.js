// Questions and answers, in one conversation at a time.

import { button, byId, element, say } from "./dom.js";
import { AnswerView } from "./answer.js";
import { conversationMarkdown, markdown, plainText } from "./answer_text.js";
import { conversationPage } from "./conversation_page.js";
import { saveAs } from "./download.js";
import { t } from "./language.js";

const ENDINGS = {
  answered: t`Answer complete.`, partial: t`Answer complete, partly supported.`,
  no_evidence: t`No answer in the documents you may read.`, blocked: t`The answer was withheld.`,
  failed: t`The answer failed.`,
};

/**
 * The conversation. `scope` says what questions are limited to, `open(citation, opener)` shows a
 * source, `moved(id)` is told which conversation it is.
 */
export class Conversation {
  #client;
  #open;
  #moved;
  #scope;
  #id = null;
  #turns = []; // questions and answers, to save
  #loads = 0;
  onChange = () => {}; // called when a question is sent or a new conversation starts
  #stopper = null;
  #listeners = new AbortController();

  constructor(client, scope, open, moved) {
    this.#client = client;
    this.#scope = scope;
    this.#open = open;
    this.#moved = moved;
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
    byId("save-conversation").addEventListener("click", () => this.#saveMarkdown(), listen);
    byId("save-page").addEventListener("click", () => this.#savePage(), listen);
    this.#clear();
    byId("question").focus();
  }

  stop() {
    this.#listeners.abort();
    this.#clear();
  }

  /** Start with nothing said; the next question opens a conversation of its own. */
  restart() {
    this.#clear();
    this.#moved("");
    this.onChange();
    byId("question").focus();
  }

  /** The conversation on the page, or null before its first question. */
  get id() {
    return this.#id;
  }

  /** Show one of before instead; throws `Problem` where it is gone. */
  async reopen(id) {
    const load = ++this.#loads;
    const { title, turns } = await this.#client.conversation(id);
    if (this.#listeners.signal.aborted || load !== this.#loads) return; // a later one is under way
    this.#clear();
    this.#id = id;
    this.#moved(id);
    this.onChange();
    for (const { question, answer, answer_id } of turns) {
      const { view } = this.#addTurn(question);
      if (answer) this.#finish(view, question, { ...answer, answer_id });
      else this.#withhold(view, question);
    }
    say(byId("answer-status"), "");
    say(byId("conversation-title"), title || t`Conversation`);
  }

  #withhold(view, question) {
    view.fail(t`This answer drew on a document that you may no longer read.`);
    this.#turns.push({ question, answer: null });
  }

  /** Save what is on the page as one file. */
  #save(ending, type, text) {
    const title = this.#turns[0].question;
    const name = title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 60) || "conversation";
    return saveAs(async () => new Blob([text(title)], { type }), `${name}.${ending}`, byId("answer-status"));
  }

  #saveMarkdown() {
    return this.#save("md", "text/markdown", (title) => conversationMarkdown(title, this.#turns));
  }

  #savePage() {
    return this.#save("html", "text/html", (title) => conversationPage(title, [...byId("turns").querySelectorAll(".turn")]));
  }

  #clear() {
    this.#loads += 1;
    this.#stopper?.abort();
    this.#id = null;
    this.#turns = [];
    for (const turn of byId("turns").querySelectorAll(".turn")) turn.remove();
    byId("welcome").hidden = false;
    byId("new-conversation").hidden = true;
    byId("save-conversation").hidden = true;
    byId("save-page").hidden = true;
    say(byId("answer-status"), "");
    say(byId("conversation-problem"), "");
    say(byId("conversation-title"), t`Conversation`);
  }

  #submit() {
    const field = byId("question");
    const question = field.value.trim();
    if (!question || this.#stopper) return;
    field.value = "";
    this.ask(question);
  }

  /** Ask a question in the conversation on the page, unless one is being answered. */
  ask(question) {
    if (this.#stopper) return;
    say(byId("conversation-problem"), "");
    this.onChange();
    this.#ask(question);
  }

  #busy(busy) {
    byId("send").hidden = busy;
    byId("stop").hidden = !busy;
  }

  #addTurn(question, scope = "") {
    const view = new AnswerView(this.#open);
    const live = element("div", { "aria-live": "polite" }, view.node);
    const limit = scope ? element("p", { class: "note" }, t`Only in`, " ", element("bdi", {}, scope)) : null;
    const turn = element(
      "article", { class: "turn", "aria-label": question },
      element("h3", { class: "question" }, question), limit, this.#questionActions(question), live,
    );
    byId("welcome").hidden = true;
    byId("new-conversation").hidden = false;
    byId("turns").append(turn);
    turn.scrollIntoView({ block: "start" });
    return { view, live };
  }

  /** Ask the same again, or in other words, in this conversation. */
  #questionActions(question) {
    const edit = () => {
      const field = byId("question");
      field.value = question;
      field.focus();
      field.select();
    };
    const named = (label, act) => button(label, act, { class: "link", "aria-label": `${label}: ${question}` });
    return element("div", { class: "row-actions question-actions" },
      named(t`Ask again`, () => this.ask(question)), named(t`Edit`, edit));
  }

  async #ask(question) {
    const { view, live } = this.#addTurn(question, this.#scope.words);
    const waiting = element("p", { class: "waiting" }, t`Looking for the words that answer this`);
    live.before(waiting);
    const stopper = new AbortController();
    this.#stopper = stopper;
    this.#busy(true);
    say(byId("answer-status"), t`Searching.`);
    try {
      await this.#stream(question, view, waiting, stopper.signal);
    } catch (problem) {
      const stopped = problem.name === "AbortError";
      view.fail(stopped ? t`Stopped. What is above was checked.` : problem.message);
    } finally {
      waiting.remove();
      if (this.#stopper === stopper) this.#stopper = null;
      this.#busy(this.#stopper !== null);
    }
  }

  async #start(signal) {
    const { conversation_id: id } = await this.#client.startConversation();
    signal.throwIfAborted();
    this.#id = id;
    this.#moved(id);
  }

  async #stream(question, view, waiting, signal) {
    if (!this.#id) await this.#start(signal);
    let ended = false;
    for await (const { event, data } of this.#client.ask(question, this.#id, this.#scope.choice, signal)) {
      if (event === "sentence") {
        waiting.remove();
        view.addSentence(data);
      } else if (event === "done") {
        ended = true;
        this.#finish(view, question, data);
      } else if (event === "error") {
        ended = true;
        view.fail([data.title, data.detail].filter(Boolean).join(". "));
      }
    }
    if (!ended) view.fail(t`The answer was cut off. Ask again.`);
  }

  #finish(view, question, answer) {
    view.finish(answer);
    this.#turns.push({ question, answer });
    byId("save-conversation").hidden = false;
    byId("save-page").hidden = false;
    say(byId("answer-status"), ENDINGS[answer.status] ?? "");
    if (!answer.answer_id) return;
    view.offerActions({
      rate: (rating, comment) =>
        this.#client.feedback({ answer_id: answer.answer_id, rating, comment }),
      copies: [
        [t`Copy text`, () => plainText(answer)],
        [t`Copy with sources`, () => markdown(answer)],
      ],
    });
  }
}
