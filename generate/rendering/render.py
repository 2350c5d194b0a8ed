"""An answer as JSON, as Markdown with footnotes, as HTML. Text is text: nothing in it is markup."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cache
from html import escape
from typing import Any, Literal

from pydantic import TypeAdapter

from generate.rendering.answer_tree import (
    Aside,
    Highlight,
    Inline,
    Note,
    Reference,
    Text,
    answer_tree,
)
from generate.types import Answer, Citation, Sentence

Format = Literal["markdown", "html"]

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


def released(answer: Answer) -> Iterator[tuple[Sentence, tuple[Citation, ...]]]:
    """Yield each sentence with its citations, as they were released one by one."""
    for sentence in answer.sentences:
        citations = (c for c in answer.citations if c.answer_start == sentence.start)
        yield sentence, tuple(citations)


def citation_json(citation: Citation) -> dict[str, Any]:
    """Return one citation: source offsets, page and boxes, place in the answer, verdict."""
    return asdict(citation) | {"boxes": [asdict(box) for box in citation.boxes]}


def sentence_json(sentence: Sentence, citations: tuple[Citation, ...]) -> dict[str, Any]:
    """Return one released sentence with its citations, as the stream's event carries it."""
    return asdict(sentence) | {"citations": [citation_json(citation) for citation in citations]}


def answer_markdown(answer: Answer) -> str:
    """Return the answer with footnotes; no link, no image, no markup of the text's own."""
    tree = answer_tree(answer)
    blocks = ["".join(map(_markdown_node, tree.paragraph)).strip()]
    blocks += [f"*{_escape_markdown(remark)}*" for remark in tree.remarks if remark != answer.text]
    blocks += [f"- {_markdown_note(note)}" for note in tree.nearest]
    blocks += [f"[^{note.marker}]: {_markdown_note(note)}" for note in tree.notes]
    return "\n\n".join(blocks) + "\n"


def answer_html(answer: Answer) -> str:
    """Return the answer as HTML; the only links lead to its own notes."""
    tree = answer_tree(answer)
    blocks = [f"<p>{''.join(map(_html_node, tree.paragraph)).strip()}</p>"]
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


def _markdown_note(note: Note) -> str:
    quotes = " ".join(f"\u201c{_escape_markdown(quote)}\u201d" for quote in note.quotes)
    return f"{_escape_markdown(note.source)}: {quotes}"


def _html_note(note: Note) -> str:
    quotes = " ".join(f"<q>{escape(quote)}</q>" for quote in note.quotes)
    return f"<cite>{escape(note.source)}</cite> {quotes}"


def _escape_markdown(text: str) -> str:
    return _MARKDOWN.sub(lambda match: f"\\{match.group()}", _SPACES.sub(" ", text))
