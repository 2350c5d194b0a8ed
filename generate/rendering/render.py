"""An answer as JSON, as Markdown with footnotes, as HTML. Text is text: nothing in it is markup."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cache
from html import escape
from typing import Any, Literal

from pydantic import TypeAdapter

from generate.block_layout import place_of
from generate.rendering.answer_tree import (
    Aside,
    BlockNode,
    Bold,
    Code,
    Highlight,
    Inline,
    ItemList,
    Line,
    Listing,
    Note,
    Paragraph,
    Reference,
    Table,
    Text,
    answer_tree,
)
from generate.types import Answer, BlockPlace, Citation, Sentence

Format = Literal["markdown", "html"]

_BACKTICKS = re.compile(r"`+")
_SPACES = re.compile(r"\s+")
_MARKDOWN = re.compile(r"[\\`*_{}\[\]()<>#+!|~&.:@-]")


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return the answer as the JSON object of the HTTP and command line contract."""
    fields = asdict(answer)
    fields["sentences"] = [asdict(sentence) for sentence in answer.sentences]
    fields["citations"] = [citation_json(citation) for citation in answer.citations]
    fields["searched"] = list(answer.searched)
    del fields["documents"], fields["stored_question"]
    fields["guard"] = [asdict(note) for note in answer.guard]
    fields["timings"] = {stage: round(seconds, 4) for stage, seconds in answer.timings.items()}
    return fields


def answer_from(fields: Mapping[str, Any]) -> Answer:
    """Return the answer that ``answer_json`` made the fields of; what is never shown is empty."""
    return _answers().validate_python(dict(fields))


def released(answer: Answer) -> Iterator[tuple[Sentence, tuple[Citation, ...], BlockPlace]]:
    """Yield each sentence with its citations and place, as they were released one by one."""
    for number, sentence in enumerate(answer.sentences):
        citations = (c for c in answer.citations if c.answer_start == sentence.start)
        yield sentence, tuple(citations), place_of(answer.blocks, number, sentence)


def citation_json(citation: Citation) -> dict[str, Any]:
    """Return one citation: source offsets, page and boxes, place in the answer, verdict."""
    return asdict(citation) | {"boxes": [asdict(box) for box in citation.boxes]}


def sentence_json(
    sentence: Sentence, citations: tuple[Citation, ...], place: BlockPlace
) -> dict[str, Any]:
    """Return one released sentence with its citations and block, as the stream's event has it."""
    return asdict(sentence) | {
        "citations": [citation_json(citation) for citation in citations],
        "block": asdict(place),
    }


def answer_markdown(answer: Answer) -> str:
    """Return the answer with footnotes; no link, no image, no markup of the text's own."""
    tree = answer_tree(answer)
    blocks = [_markdown_block(block) for block in tree.blocks]
    blocks += [f"*{_escape_markdown(remark)}*" for remark in tree.remarks if remark != answer.text]
    blocks += [f"- {_markdown_note(note)}" for note in tree.nearest]
    blocks += [f"[^{note.marker}]: {_markdown_note(note)}" for note in tree.notes]
    return "\n\n".join(blocks) + "\n"


def answer_html(answer: Answer) -> str:
    """Return the answer as HTML; the only links lead to its own notes."""
    tree = answer_tree(answer)
    blocks = [_html_block(block) for block in tree.blocks]
    blocks += [f"<p><em>{escape(remark)}</em></p>" for remark in tree.remarks]
    if tree.nearest:
        blocks.append(f"<ul>{''.join(f'<li>{_html_note(n)}</li>' for n in tree.nearest)}</ul>")
    if tree.notes:
        notes = "".join(
            f'<li id="footnote-{note.marker}" value="{note.marker}">{_html_note(note)}</li>'
            for note in tree.notes
        )
        blocks.append(f"<ol>{notes}</ol>")
    return "".join(blocks)


def rendered(answer: Answer, form: str) -> str:
    """Return the answer in one of the formats that people read: ``Format``."""
    return answer_html(answer) if form == "html" else answer_markdown(answer)


@cache
def _answers() -> TypeAdapter[Answer]:
    return TypeAdapter(Answer)


def _markdown_block(block: BlockNode) -> str:
    match block:
        case Paragraph(line):
            return _markdown_line(line)
        case ItemList(introduction, items, has_numbers):
            signs = [f"{number}." if has_numbers else "-" for number in range(1, len(items) + 1)]
            lines = [f"{s} {_markdown_line(item)}" for s, item in zip(signs, items, strict=True)]
            above = [_escape_markdown(introduction), ""] if introduction else []
            return "\n".join([*above, *lines])
        case Table(header, rows):
            columns = max(len(header), *(len(row) for row in rows))
            table_lines = [[_escape_markdown(name) for name in header], ["---"] * columns]
            table_lines += [[_markdown_line(cell) for cell in row] for row in rows]
            filled = [[*cells, *[""] * (columns - len(cells))] for cells in table_lines]
            return "\n".join(f"| {' | '.join(cells)} |" for cells in filled)
        case Listing(text, references):
            longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
            fence = "`" * max(3, longest + 1)
            return f"{fence}\n{text}\n{fence}\n\n{_markdown_line(references)}"


def _markdown_line(line: Line) -> str:
    return "".join(map(_markdown_node, line)).strip()


def _html_block(block: BlockNode) -> str:
    match block:
        case Paragraph(line):
            return f"<p>{_html_line(line)}</p>"
        case ItemList(introduction, items, has_numbers):
            tag = "ol" if has_numbers else "ul"
            above = f"<p>{escape(introduction)}</p>" if introduction else ""
            listed = "".join(f"<li>{_html_line(item)}</li>" for item in items)
            return f"{above}<{tag}>{listed}</{tag}>"
        case Table(header, rows):
            names = "".join(f"<th>{escape(name)}</th>" for name in header)
            head = f"<thead><tr>{names}</tr></thead>" if any(header) else ""
            body = "".join(
                f"<tr>{''.join(f'<td>{_html_line(cell)}</td>' for cell in row)}</tr>"
                for row in rows
            )
            return f"<table>{head}<tbody>{body}</tbody></table>"
        case Listing(text, references):
            return f"<pre><code>{escape(text)}</code></pre><p>{_html_line(references)}</p>"


def _html_line(line: Line) -> str:
    return "".join(map(_html_node, line)).strip()


def _markdown_node(node: Inline) -> str:
    match node:
        case Text(text):
            return _escape_markdown(text)
        case Highlight(text):
            return f"**{_escape_markdown(text)}**"
        case Aside(text):
            return f"({_escape_markdown(text)}) "
        case Reference(marker):
            return f"[^{marker}]"
        case Bold(text):
            return f"**{_escape_markdown(text)}**"
        case Code(text):
            may_be_code = not set("`|").intersection(text)
            return f"`{_SPACES.sub(' ', text)}`" if may_be_code else _escape_markdown(text)


def _html_node(node: Inline) -> str:
    match node:
        case Text(text):
            return escape(text)
        case Highlight(text):
            return f"<mark>{escape(text)}</mark>"
        case Aside(text):
            return f"<small>{escape(text)}</small> "
        case Reference(marker):
            return f'<sup><a href="#footnote-{marker}">{marker}</a></sup>'
        case Bold(text):
            return f"<strong>{escape(text)}</strong>"
        case Code(text):
            return f"<code>{escape(text)}</code>"


def _markdown_note(note: Note) -> str:
    quotes = " ".join(f"\u201c{_escape_markdown(quote)}\u201d" for quote in note.quotes)
    return f"{_escape_markdown(note.source)}: {quotes}"


def _html_note(note: Note) -> str:
    quotes = " ".join(f"<q>{escape(quote)}</q>" for quote in note.quotes)
    return f"<cite>{escape(note.source)}</cite> {quotes}"


def _escape_markdown(text: str) -> str:
    return _MARKDOWN.sub(lambda match: f"\\{match.group()}", _SPACES.sub(" ", text))
