// One answer on the page: sentences with superscript markers, a rule, and the notes below it.

import { button, element, hiddenText, say } from "./dom.js";
import { cut, shorten, splitMarkers } from "./code_points.js";

const VERDICTS = {
  supported: ["✓", "Supported", "The source says this."],
  partial: ["◐", "Partly supported", "The source says a part of this."],
  unsupported: ["✕", "Not supported", "The source does not say this."],
};

/** A badge with a sign, a word for screen readers and a tip. */
function badge(verdict, { words }) {
  const [sign, label, tip] = VERDICTS[verdict] ?? ["", verdict, ""];
  const wording = words ? element("span", {}, label) : hiddenText(label);
  return element(
    "span", { class: `badge badge-${verdict}`, title: tip },
    element("span", { "aria-hidden": "true" }, sign), wording,
  );
}

const pageSuffix = (citation) => (citation.page ? `, page ${citation.page}` : "");

/** An answer as it arrives. `open(citation, opener)` shows a citation's source. */
export class AnswerView {
  #open;
  #notesByMarker = new Map(); // the node of each note, its citation of before, its quotes
  #sentenceCount = 0;
  #text = element("p", { class: "answer-text" });
  #notes = element("ol", { class: "notes", "aria-label": "Sources" });
  #after = element("div", { class: "answer-after" });

  constructor(open) {
    this.#open = open;
    const rule = element("hr", { class: "note-rule" });
    this.#notes.hidden = true;
    rule.hidden = true;
    this.rule = rule;
    this.node = element("div", { class: "answer" }, this.#text, rule, this.#notes, this.#after);
  }

  /** Add a sentence with its citations, as the `sentence` event brings it. */
  addSentence(sentence) {
    const cited = new Map((sentence.citations ?? []).map((one) => [one.marker, one]));
    for (const citation of sentence.citations ?? []) this.#note(citation);
    const span = element("span", { class: `sentence verdict-${sentence.verdict}` });
    let tail = null;
    if (sentence.context) {
      span.append(element("small", { class: "context" }, sentence.context.text), " ");
    }
    let words = sentence.highlights?.[0];
    for (const piece of splitMarkers(sentence.text.trim(), sentence.markers)) {
      if (piece.marker) {
        tail ??= this.#keepTogether(span);
        tail.append(this.#marker(piece.marker, cited.get(piece.marker)));
      } else {
        const [before, marked, after] = words
          ? cut(piece.text, words.start - sentence.start, words.end - sentence.start)
          : [piece.text, "", ""];
        words = null; // places count from the sentence's beginning: the first piece alone
        span.append(before, ...(marked ? [element("mark", {}, marked)] : []), after);
        tail = null;
      }
    }
    if (sentence.markers.length) {
      const words = sentence.verdict !== "supported";
      (words ? span : (tail ?? span)).append(badge(sentence.verdict, { words }));
    }
    this.#text.append(span, " ");
    this.#sentenceCount += 1;
  }

  /** The whole answer: whatever was not streamed, then how it ended. */
  finish(answer) {
    for (const citation of answer.citations) this.#note(citation);
    for (const sentence of answer.sentences.slice(this.#sentenceCount)) {
      const citations = answer.citations.filter((one) => one.answer_start === sentence.start);
      this.addSentence({ ...sentence, citations });
    }
    if (answer.status === "no_evidence") this.#noEvidence(answer);
    else if (answer.notice) {
      const quiet = answer.status === "answered";
      this.#after.append(element("p", { class: quiet ? "note" : "notice" }, answer.notice));
    }
    this.node.dataset.status = answer.status;
  }

  /** The answer ended early, and why. */
  fail(message) {
    this.#after.append(element("p", { class: "problem", role: "alert" }, message));
    this.node.dataset.status = "failed";
  }

  /** Move the last word into a span that does not break, so that its markers stay beside it. */
  #keepTogether(span) {
    const tail = element("span", { class: "tail" });
    const last = span.lastChild;
    if (last?.nodeType === Node.TEXT_NODE) {
      const from = last.data.search(/\S{1,30}$/);
      if (from >= 0) tail.append(last.splitText(from));
    }
    span.append(tail);
    return tail;
  }

  /** The button of a marker opens the quote of its own sentence. */
  #marker(marker, own) {
    const citation = own ?? this.#notesByMarker.get(marker)?.citation;
    const name = `Source ${marker}: ${citation?.title ?? "unknown"}${pageSuffix(citation ?? {})}`;
    const node = button(`${marker}`, () => citation && this.#open(citation, node), {
      class: "marker", "aria-label": name, title: name,
    });
    return element("sup", {}, node);
  }

  /** Add a citation's quote to the note of its number, once. */
  #note(citation) {
    let note = this.#notesByMarker.get(citation.marker);
    const isFirst = !note;
    if (isFirst) {
      note = { node: element("li"), citation, quotes: new Set() };
      this.#notesByMarker.set(citation.marker, note);
      this.#notes.hidden = false;
      this.rule.hidden = false;
      this.#notes.append(note.node);
    }
    if (note.quotes.has(citation.quote)) return;
    note.quotes.add(citation.quote);
    const isElsewhere = citation.page !== note.citation.page;
    const link = button("", () => this.#open(citation, link), { class: "note-link" });
    const sign = { class: "note-number", "aria-hidden": "true" };
    link.append(
      element("span", sign, isFirst ? `${citation.marker}` : ""),
      element("span", { class: "note-body" },
        hiddenText(`Source ${citation.marker}: `),
        ...(isFirst ? [element("cite", {}, citation.title)] : []),
        isFirst || isElsewhere ? pageSuffix(citation).slice(isFirst ? 0 : 2) : "",
        element("q", { class: "note-quote" }, shorten(citation.quote))),
    );
    note.node.append(link);
  }

  #noEvidence(answer) {
    this.#text.remove();
    this.#after.append(
      element("p", { class: "no-evidence" }, "No answer in the documents you may read."));
    if (answer.notice) this.#after.append(element("p", { class: "note" }, answer.notice));
    const near = answer.searched?.length;
    this.#after.append(element("p", { class: "note" },
      near ? "Nearest to the question, but no answer to it:" : "Nothing came near the question."));
    if (!near) return;
    const nearest = answer.nearest?.map((passage) => element("li", {},
      element("cite", {}, passage.title || passage.filename), ": ", shorten(passage.text, 240)));
    this.#after.append(
      element("ul", { class: "searched" },
        ...(nearest?.length ? nearest : answer.searched.map((title) => element("li", {}, title)))),
    );
  }

  /** Buttons that tell the service whether the answer helped. `send(rating, comment)`. */
  askForFeedback(send) {
    const thanks = element("p", { class: "note", role: "status" });
    const rate = (rating) => async () => {
      for (const [value, node] of Object.entries(buttons)) {
        node.setAttribute("aria-pressed", String(Number(value) === rating));
      }
      await tell(rating, "");
      comment.hidden = rating > 0;
    };
    const tell = async (rating, text) => {
      try {
        await send(rating, text);
        say(thanks, "Thank you.");
      } catch (problem) {
        say(thanks, problem.message);
      }
    };
    const pressed = { class: "quiet small", "aria-pressed": "false" };
    const buttons = {
      1: button("Helpful", rate(1), pressed), [-1]: button("Not helpful", rate(-1), pressed),
    };
    const field = element("input", { type: "text", maxlength: 1000, "aria-label": "What was wrong" });
    field.placeholder = "What was wrong? (optional)";
    const comment = element("form", { class: "comment" }, field,
      element("button", { class: "quiet small", type: "submit" }, "Send"));
    comment.hidden = true;
    comment.addEventListener("submit", async (event) => {
      event.preventDefault();
      await tell(-1, field.value.trim());
      comment.hidden = true;
    });
    this.#after.append(
      element("div", { class: "feedback", role: "group", "aria-label": "Was this helpful?" },
        buttons[1], buttons[-1], thanks), comment);
  }
}
