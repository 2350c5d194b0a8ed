// One answer on the page: sentences with superscript markers, a rule, and the notes below it.

import { button, element, hiddenText, say } from "./dom.js";
import { readable } from "./access.js";
import { copyText, copyWordsOf } from "./clipboard.js";
import { cut, shorten, splitMarkers, when } from "./code_points.js";
import { noticeText } from "./notices.js";
import { t } from "./language.js";

const VERDICTS = {
  supported: ["✓", t`Supported`, t`The source says this.`],
  partial: ["◐", t`Partly supported`, t`The source says a part of this.`],
  unsupported: ["✕", t`Not supported`, t`The source does not say this.`],
};

/** How well an answer answers, in words, by the least estimate that each needs. */
const CONFIDENCES = [
  [0.7, t`This very likely answers the question.`],
  [0.4, t`This probably answers the question.`],
  [0, t`This may answer the question. Check the source.`],
];

const singleSpaced = (text) => text.split(/\s+/).filter(Boolean).join(" ");

/** Whether a sentence is nothing but a quote: that it stands in its source says nothing more. */
function isBareQuote(pieces, citations) {
  const words = singleSpaced(pieces.map((piece) => piece.text ?? "").join(""));
  return citations.some((citation) => singleSpaced(citation.quote ?? "") === words);
}

/** A badge with a sign, a word for screen readers and a tip. */
function badge(verdict, { words }) {
  const [sign, label, tip] = VERDICTS[verdict] ?? ["", verdict, ""];
  const wording = words ? element("span", {}, label) : hiddenText(label);
  return element(
    "span", { class: `badge badge-${verdict}`, title: tip },
    element("span", { "aria-hidden": "true" }, sign), wording,
  );
}

const PARAGRAPH = { number: 0, unit: 0, kind: "paragraph" };
const BLOCKS = { list: "ul", numbered_list: "ol", table: "table", code: "pre" };

/** Where a sentence of a whole answer stands, as the stream's events say it. */
function placeOf(answer, sentence) {
  const index = answer.sentences.indexOf(sentence);
  for (const [number, block] of (answer.blocks ?? []).entries()) {
    const unit = block.units.findIndex((one) => one.sentences.includes(index));
    if (unit < 0) continue;
    const marks = block.marks.filter(({ start, end }) =>
      sentence.start <= start && end <= sentence.end);
    return { ...block, number, unit, marks, cells: block.units[unit].cells };
  }
  return PARAGRAPH;
}

/** The words of a place in a sentence as nodes; spans and the place count in the answer's text. */
function styled(sentence, place, spans) {
  const nodes = [];
  let from = place.start;
  const text = (start, end) =>
    cut(sentence.text, start - sentence.start, end - sentence.start)[1];
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    if (span.start < from || span.end > place.end || span.start >= span.end) continue;
    nodes.push(text(from, span.start), element(span.tag, {}, text(span.start, span.end)));
    from = span.end;
  }
  nodes.push(text(from, place.end));
  return nodes;
}

/** Who published a cited document and when, and whether a curator vouches for it. */
function publication({ publisher, published_at: day, authoritative }) {
  const words = [];
  if (publisher) words.push(t`published by ${readable(publisher)}`);
  if (when(day)) words.push(when(day));
  const label = authoritative ? element("span", { class: "authoritative" }, t`Authoritative`) : null;
  const line = element("span", { class: "note-publication" }, label, label && words.length ? " \u00b7 " : "", words.join(", "));
  return line.textContent ? line : null;
}

/** The part of a notice that says which documents disagree, and the rest of it. */
function splitNotice({ notice, conflicts }) {
  const ending = "and when.";
  const at = conflicts?.length ? (notice ?? "").lastIndexOf(ending) : -1;
  if (at < 0) return ["", notice];
  const end = at + ending.length;
  return [notice.slice(0, end), notice.slice(end).trim()];
}

const pageSuffix = (citation) => (citation.page ? `, ${t`page ${citation.page}`}` : "");

/** An answer as it arrives. `open(citation, opener)` shows a citation's source. */
export class AnswerView {
  #open;
  #notesByMarker = new Map(); // the node of each note, its citation of before, its quotes
  #sentenceCount = 0;
  #text = element("div", { class: "answer-text" });
  #block = null; // the block that is open: its number, its node, and its unit of now
  #notes = element("ol", { class: "notes", "aria-label": t`Sources` });
  #after = element("div", { class: "answer-after" });

  constructor(open) {
    this.#open = open;
    const rule = element("hr", { class: "note-rule" });
    this.#notes.hidden = true;
    rule.hidden = true;
    this.rule = rule;
    this.node = element("div", { class: "answer" }, this.#text, rule, this.#notes, this.#after);
    copyWordsOf(this.node);
  }

  /** Add a sentence with its citations, as the `sentence` event brings it. */
  addSentence(sentence) {
    const cited = new Map((sentence.citations ?? []).map((one) => [one.marker, one]));
    for (const citation of sentence.citations ?? []) this.#note(citation);
    const place = sentence.block ?? PARAGRAPH;
    const unit = this.#unit(place);
    const span = element("span", { class: `sentence verdict-${sentence.verdict}` });
    let tail = null;
    if (sentence.context) {
      span.append(element("small", { class: "context" }, sentence.context.text), " ");
    }
    let spans = [
      ...(sentence.highlights ?? []).map((one) => ({ ...one, tag: "mark" })),
      ...(place.marks ?? []).map((one) => ({ ...one, tag: one.kind === "code" ? "code" : "strong" })),
    ];
    const cells = place.cells ?? [];
    for (const cell of cells.slice(0, -1)) {
      const inside = styled(sentence, cell, spans);
      unit.append(element("td", {}, element("span", { class: span.className }, ...inside)));
    }
    const shown = cells.length ? cells.at(-1) : sentence;
    const written = cut(sentence.text, shown.start - sentence.start, shown.end - sentence.start)[1];
    const pieces = splitMarkers(written, sentence.markers);
    for (const piece of pieces) {
      if (piece.marker) {
        tail ??= this.#keepTogether(span);
        tail.append(this.#marker(piece.marker, cited.get(piece.marker)));
      } else {
        const begin = { start: shown.start, end: shown.start + [...piece.text].length };
        span.append(...styled({ text: piece.text, start: shown.start }, begin, spans));
        spans = []; // places count from the beginning: the first piece alone
        tail = null;
      }
    }
    const isSupportedQuote =
      sentence.verdict === "supported" && isBareQuote(pieces, sentence.citations ?? []);
    if (sentence.markers.length && !isSupportedQuote) {
      const words = sentence.verdict !== "supported";
      (words ? span : (tail ?? span)).append(badge(sentence.verdict, { words }));
    }
    if (cells.length) unit.append(element("td", {}, span));
    else unit.append(span, " ");
    this.#sentenceCount += 1;
  }

  /** The node that a sentence goes into: a paragraph, an item, a row or a listing. */
  #unit(place) {
    if (this.#block?.number !== place.number) {
      const node = element(BLOCKS[place.kind] ?? "p");
      if (place.introduction) this.#text.append(element("p", {}, place.introduction));
      this.#text.append(
        place.kind === "table" ? element("div", { class: "answer-table" }, node) : node);
      this.#block = { number: place.number, node, unit: null, header: null, current: null };
    }
    const block = this.#block;
    if (place.header?.some(Boolean)) {
      const names = place.header.map((name) => element("th", { scope: "col" }, name));
      const head = element("thead", {}, element("tr", {}, ...names));
      if (block.header) block.header.replaceWith(head);
      else block.node.prepend(head);
      block.header = head;
    }
    if (block.unit !== place.unit) {
      block.unit = place.unit;
      const tag = { list: "li", numbered_list: "li", table: "tr" }[place.kind];
      block.current = tag ? element(tag) : block.node;
      if (tag) block.node.append(block.current);
    }
    return block.current;
  }

  /** The whole answer: whatever was not streamed, then how it ended. */
  finish(answer) {
    for (const citation of answer.citations) this.#note(citation);
    for (const sentence of answer.sentences.slice(this.#sentenceCount)) {
      const citations = answer.citations.filter((one) => one.answer_start === sentence.start);
      this.addSentence({ ...sentence, citations, block: placeOf(answer, sentence) });
    }
    const [disagreement, notice] = splitNotice(answer);
    if (disagreement) this.#text.after(element("p", { class: "notice disagreement" }, noticeText(disagreement)));
    if (answer.status === "no_evidence") this.#noEvidence(answer);
    else if (notice) {
      const quiet = answer.status === "answered";
      this.#after.append(element("p", { class: quiet ? "note" : "notice" }, noticeText(notice)));
    }
    this.#confidence(answer);
    this.node.dataset.status = answer.status;
  }

  /** Say how well the answer answers; only where it does at all. */
  #confidence(answer) {
    if (!["answered", "partial"].includes(answer.status)) return;
    const words = CONFIDENCES.find(([least]) => answer.confidence >= least)?.[1];
    if (words) this.#after.append(element("p", { class: "note confidence" }, words));
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
    const name = `${t`Source ${marker}:`} ${citation?.title ?? t`unknown`}${pageSuffix(citation ?? {})}`;
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
        hiddenText(`${t`Source ${citation.marker}:`} `),
        ...(isFirst ? [element("cite", {}, citation.title)] : []),
        isFirst || isElsewhere ? pageSuffix(citation).slice(isFirst ? 0 : 2) : "",
        isFirst ? publication(citation) : null,
        element("q", { class: "note-quote" }, shorten(citation.quote))),
    );
    note.node.append(link);
  }

  #noEvidence(answer) {
    this.#text.remove();
    this.#after.append(
      element("p", { class: "no-evidence" }, t`No answer in the documents you may read.`));
    if (answer.notice) this.#after.append(element("p", { class: "note" }, noticeText(answer.notice)));
    const near = answer.searched?.length;
    this.#after.append(element("p", { class: "note" },
      near ? t`Nearest to the question, but no answer to it:` : t`Nothing came near the question.`));
    if (!near) return;
    const nearest = answer.nearest?.map((passage) => this.#near(passage));
    this.#after.append(
      element("ul", { class: "searched" },
        ...(nearest?.length ? nearest : answer.searched.map((title) => element("li", {}, title)))),
    );
  }

  /** A passage that is no answer; its title opens it in its document. */
  #near(passage) {
    const title = passage.title || passage.filename;
    const node = button(title, () => this.#open({ ...passage, title, quote: passage.text }, node), { class: "link" });
    return element("li", {}, element("cite", {}, node), ": ", shorten(passage.text, 240));
  }

  /**
   * Buttons below the answer: whether it helped (`rate(rating, comment)` tells the service), and
   * `copies`, pairs of a label and what gives the text to copy.
   */
  offerActions({ rate: send, copies }) {
    const thanks = element("p", { class: "note", role: "status" });
    const copied = element("p", { class: "note", role: "status" });
    const tell = async (act, status, words) => {
      try {
        await act();
        say(status, words);
      } catch (problem) {
        say(status, problem.message);
      }
    };
    const rate = (rating) => async () => {
      for (const [value, node] of Object.entries(buttons)) {
        node.setAttribute("aria-pressed", String(Number(value) === rating));
      }
      await tell(() => send(rating, ""), thanks, t`Thank you.`);
      comment.hidden = rating > 0;
    };
    const pressed = { class: "quiet small", "aria-pressed": "false" };
    const buttons = {
      1: button(t`Helpful`, rate(1), pressed), [-1]: button(t`Not helpful`, rate(-1), pressed),
    };
    const comment = commentForm((words) => tell(() => send(-1, words), thanks, t`Thank you.`));
    const copyButtons = copies.map(([label, text]) =>
      button(label, () => tell(() => copyText(text()), copied, t`Copied.`), { class: "quiet small" }));
    this.#after.append(
      element("div", { class: "answer-actions" },
        element("div", { class: "feedback", role: "group", "aria-label": t`Was this helpful?` },
          buttons[1], buttons[-1], thanks),
        element("div", { class: "copies", role: "group", "aria-label": t`Copy the answer` },
          ...copyButtons, copied)), comment);
  }
}

/** A field for what was wrong; `send(words)` is called once. */
function commentForm(send) {
  const field = element("input", { type: "text", maxlength: 1000, "aria-label": t`What was wrong` });
  field.placeholder = t`What was wrong? (optional)`;
  const form = element("form", { class: "comment" }, field,
    element("button", { class: "quiet small", type: "submit" }, t`Send`));
  form.hidden = true;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await send(field.value.trim());
    form.hidden = true;
  });
  return form;
}
