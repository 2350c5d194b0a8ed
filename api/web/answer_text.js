// An answer as text to paste elsewhere: plain, or as Markdown with footnotes.

import { cut, splitMarkers, when } from "./code_points.js";
import { readable } from "./access.js";
import { t } from "./language.js";

/** Text in which nothing is a mark of Markdown or HTML any more. */
const escaped = (text) => text.replace(/[\\`*_[\]<>|~]/g, "\\$&").replace(/^(\s*)([#+-]|\d+[.)])(?=\s)/gm, "$1\\$2");

const oneLine = (text) => text.replace(/\s+/g, " ").trim();

/** The words and markers of a sentence, or of a cell of it. */
function piecesOf(sentence, { start, end }) {
  const words = cut(sentence.text, start - sentence.start, end - sentence.start)[1];
  return splitMarkers(words, sentence.markers);
}

function rendered(pieces, { escape, note }) {
  return pieces.map(({ text, marker }) => (marker ? note(marker) : escape(text))).join("").trim();
}

/** The lines of one block. */
function linesOf(answer, block, style) {
  const sentence = (index) => answer.sentences[index];
  const whole = (index) => rendered(piecesOf(sentence(index), sentence(index)), style);
  if (block.kind === "table") {
    const rows = block.units.map((unit) => {
      const of = sentence(unit.sentences[0]);
      const cells = unit.cells.length ? unit.cells : [of];
      return cells.map((cell, at) => {
        const pieces = piecesOf(of, cell).filter(({ marker }) => !marker);
        const notes = at === cells.length - 1 ? of.markers.map(style.note).join("") : "";
        return rendered(pieces, style) + notes;
      });
    });
    return style.table(block.header.map(style.escape), rows);
  }
  const units = block.units.map((unit) => unit.sentences.map(whole).join(" "));
  const sign = { list: () => "- ", numbered_list: (at) => `${at + 1}. ` }[block.kind];
  const lines = sign ? units.map((words, at) => sign(at) + words) : [units.join(" ")];
  return block.introduction ? [style.escape(block.introduction), ...(sign ? style.gap : []), ...lines] : lines;
}

function blocksOf(answer) {
  if (answer.blocks?.length) return answer.blocks;
  const units = [{ sentences: answer.sentences.map((_, index) => index), cells: [] }];
  return [{ kind: "paragraph", introduction: "", header: [], units }];
}

function textOf(answer, style) {
  if (!answer.sentences.length) return style.escape(answer.notice || t`No answer in the documents that may be read.`);
  return blocksOf(answer).map((block) => linesOf(answer, block, style).join("\n")).join("\n\n");
}

const row = (cells) => `| ${cells.join(" | ")} |`;

const PLAIN = {
  escape: (text) => text,
  note: () => "",
  gap: [],
  table: (header, rows) => [header, ...rows].filter((cells) => cells.some(Boolean)).map((cells) => cells.join("\t")),
};

const markdownStyle = (prefix) => ({
  escape: escaped,
  note: (marker) => `[^${prefix}${marker}]`,
  gap: [""],
  table: (header, rows) => {
    const names = header.length ? header : rows[0].map(() => " ");
    return [row(names), row(names.map(() => "---")), ...rows.map(row)];
  },
});

/** The answer's words alone, without markers and verdicts. */
export const plainText = (answer) => textOf(answer, PLAIN);

function noteText({ title, filename, page, publisher, published_at: day, quote }) {
  const facts = [page ? t`page ${page}` : "", publisher ? t`published by ${escaped(readable(publisher))}` : "", when(day)];
  return [`*${escaped(oneLine(title || filename))}*`, ...facts.filter(Boolean)].join(", ") +
    (quote ? `: “${escaped(oneLine(quote))}”` : "");
}

/** The answer with a footnote for each citation; `prefix` tells the notes of several answers apart. */
export function markdown(answer, prefix = "") {
  const quotes = new Map();
  for (const citation of answer.citations ?? []) {
    if (!quotes.has(citation.marker)) quotes.set(citation.marker, citation);
  }
  const notes = [...quotes].map(([marker, citation]) => `[^${prefix}${marker}]: ${noteText(citation)}`);
  return [textOf(answer, markdownStyle(prefix)), ...(notes.length ? [notes.join("\n")] : [])].join("\n\n");
}

/** A whole conversation as a Markdown document. */
export function conversationMarkdown(title, turns) {
  const parts = turns.map(({ question, answer }, index) => {
    const words = answer ? markdown(answer, `${index + 1}-`) : t`*This answer draws on a document that you may no longer read.*`;
    return `## ${escaped(oneLine(question))}\n\n${words}`;
  });
  return `# ${escaped(oneLine(title))}\n\n${parts.join("\n\n")}\n`;
}
