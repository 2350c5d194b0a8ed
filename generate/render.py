"""An answer as JSON, as Markdown with footnotes, as HTML. Text is text: nothing in it is markup."""

import re
from collections.abc import Callable
from dataclasses import asdict
from html import escape
from typing import Any

from generate.types import Answer, Citation, Sentence

_MARKDOWN = re.compile(r"[\\`*_{}\[\]()<>#+!|~&.:@-]")


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return the answer as the JSON object of the HTTP and command line contract."""
    fields = asdict(answer)
    fields["sentences"] = [asdict(sentence) for sentence in answer.sentences]
    fields["citations"] = [citation_json(citation) for citation in answer.citations]
    fields["searched"] = list(answer.searched)
    del fields["documents"]
    fields["timings"] = {stage: round(seconds, 4) for stage, seconds in answer.timings.items()}
    return fields


def citation_json(citation: Citation) -> dict[str, Any]:
    """Return one citation: source offsets, page and boxes, place in the answer, verdict."""
    return asdict(citation) | {"boxes": [asdict(box) for box in citation.boxes]}


def sentence_json(sentence: Sentence, citations: tuple[Citation, ...]) -> dict[str, Any]:
    """Return one released sentence with its citations, as the stream's event carries it."""
    return asdict(sentence) | {"citations": [citation_json(citation) for citation in citations]}


def answer_markdown(answer: Answer) -> str:
    """Return the answer with footnotes; no link, no image, no markup of the text's own."""
    lines = [_lines(answer, _escape_markdown, lambda marker: f"[^{marker}]")]
    lines += [
        f"[^{c.marker}]: {_escape_markdown(_source(c))}: \u201c{_escape_markdown(c.quote)}\u201d"
        for c in _footnotes(answer)
    ]
    return "\n\n".join(lines) + "\n"


def answer_html(answer: Answer) -> str:
    """Return the answer as HTML; the only links lead to its own footnotes."""
    text = _lines(
        answer, escape, lambda marker: f'<sup><a href="#footnote-{marker}">{marker}</a></sup>'
    )
    notes = "".join(
        f'<li id="footnote-{c.marker}" value="{c.marker}">'
        f"<cite>{escape(_source(c))}</cite> <q>{escape(c.quote)}</q></li>"
        for c in _footnotes(answer)
    )
    return f"<p>{text}</p><ol>{notes}</ol>" if notes else f"<p>{text}</p>"


def _lines(answer: Answer, text: Callable[[str], str], marker: Callable[[int], str]) -> str:
    if not answer.sentences:
        return text(answer.text)
    return " ".join(
        text(sentence.text) + "".join(map(marker, sentence.markers))
        for sentence in answer.sentences
    )


def _footnotes(answer: Answer) -> list[Citation]:
    """Return one citation for each marker, in the order of the markers."""
    return sorted({c.marker: c for c in reversed(answer.citations)}.values(), key=_marker)


def _marker(citation: Citation) -> int:
    return citation.marker


def _source(citation: Citation) -> str:
    page = f", page {citation.page}" if citation.page else ""
    return f"{citation.title or citation.filename}{page}"


def _escape_markdown(text: str) -> str:
    return _MARKDOWN.sub(lambda found: f"\\{found.group()}", " ".join(text.split()))
