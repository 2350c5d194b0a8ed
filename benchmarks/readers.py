"""Ways to read a file, ours and others': ``python -m benchmarks.readers NAME`` serves one of them.

A server reads a path from each line of its input and answers with a line of JSON: ``text`` (as
Markdown), ``cells`` (of its tables), ``seconds``, ``error``. So each reader runs in a process, and
if need be in an environment, of its own, and whoever measures can ask them in turn.
"""

import html
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

_MARKS = re.compile(
    r"!?\[([^\]]*)\]\([^)]*\)|<!--.*?-->|^> |^\s*[-*+] (?=\S)|[\[\]!*_`#|\\]",
    re.DOTALL | re.MULTILINE,
)
_RULE = re.compile(r"^[ \t|:-]*-[ \t|:-]*$", re.MULTILINE)
_BAR = re.compile(r"(?<!\\)\|")


Shown = Callable[[], tuple[str, list[str]]]
"""Renders a file that was read as Markdown and cells; this is not timed."""


@dataclass(frozen=True, slots=True)
class Read:
    text: str = ""
    cells: list[str] = field(default_factory=list)
    seconds: float = 0.0
    error: str = ""


def plain(markdown: str) -> str:
    """Take the marks of Markdown out: what is compared is text, its case and white space aside."""
    bare = _RULE.sub("", html.unescape(markdown))
    return " ".join(_MARKS.sub(lambda found: f" {found[1] or ''} ", bare).split())


def cells_of(markdown: str) -> list[str]:
    """Return the cells of a Markdown text's tables that hold something."""
    cells: list[str] = []
    for line in markdown.split("\n"):
        row = line.strip()
        if row.startswith("|") and len(row) > 1 and not _RULE.match(row):
            cells += map(plain, _BAR.split(row.strip("|")))
    return [cell.casefold() for cell in cells if cell]


def footnote() -> Callable[[Path], Shown]:
    from ingest.parse import parse_file

    def read(path: Path) -> Shown:
        parsed = parse_file(path, path.name)
        return lambda: _as_markdown(parsed)

    return read


def _as_markdown(parsed: Any) -> tuple[str, list[str]]:
    parts: list[str] = []
    cells: list[str] = []
    for block in parsed.blocks:
        part = parsed.text[block.start : block.end]
        if block.kind == "heading":
            part = "#" * block.level + " " + part
        if block.kind == "table":
            cells += cells_of("\n".join(f"| {row} |" for row in part.split("\n")))
        parts.append(part)
    return "\n\n".join(parts), cells


def unstructured() -> Callable[[Path], Shown]:
    from unstructured.nlp import tokenize

    tokenize._load_spacy_model = _blank  # noqa: SLF001 - the model is not to be downloaded
    from unstructured.partition.auto import partition

    def read(path: Path) -> Shown:
        elements = partition(str(path), strategy="fast", languages=["eng"])
        return lambda: _of_elements(elements)

    return read


def _of_elements(elements: list[Any]) -> tuple[str, list[str]]:
    from lxml import html as markup

    cells: list[str] = []
    for element in elements:
        if element.category == "Table" and element.metadata.text_as_html:
            tree = markup.fragment_fromstring(element.metadata.text_as_html, create_parent=True)
            cells += [plain(c.text_content()).casefold() for c in tree.iter("td", "th")]
    return "\n\n".join(element.text or "" for element in elements), list(filter(None, cells))


def _blank() -> Any:
    import spacy

    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    return pipeline


def markitdown() -> Callable[[Path], Shown]:
    from markitdown import MarkItDown

    converter = MarkItDown()

    def read(path: Path) -> Shown:
        text = converter.convert(str(path)).markdown
        return lambda: (text, cells_of(text))

    return read


def pypdfium2() -> Callable[[Path], Shown]:
    import pypdfium2 as pdfium

    def read(path: Path) -> Shown:
        document = pdfium.PdfDocument(path)
        parts = []
        for page in document:
            text = page.get_textpage()
            parts.append(text.get_text_range())
            text.close()
            page.close()
        document.close()
        return lambda: ("\n".join(parts), [])

    return read


def pypdf() -> Callable[[Path], Shown]:
    from pypdf import PdfReader

    def read(path: Path) -> Shown:
        text = "\n".join(page.extract_text() for page in PdfReader(path).pages)
        return lambda: (text, [])

    return read


def pdfminer() -> Callable[[Path], Shown]:
    from pdfminer.high_level import extract_text

    def read(path: Path) -> Shown:
        text = extract_text(path)
        return lambda: (text, [])

    return read


READERS = {
    "footnote": footnote,
    "unstructured": unstructured,
    "markitdown": markitdown,
    "pypdfium2": pypdfium2,
    "pypdf": pypdf,
    "pdfminer": pdfminer,
}
OURS = "footnote"


class Reader:
    """A reader in a process of its own."""

    def __init__(self, name: str, others: str) -> None:
        """Start it: ours with this Python, another with the Python of ``others``."""
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable if name == OURS else others, "-m", "benchmarks.readers", name],
            cwd=Path(__file__).parent.parent,
            env=os.environ | {"SCARF_NO_ANALYTICS": "1", "UNSTRUCTURED_DISABLE_NOTICE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def read(self, path: Path) -> Read:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.name} is gone; is it installed? See `make readers`.")
        return Read(**json.loads(answer))


def serve(name: str, paths: Iterable[str]) -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    reader = READERS[name]()
    for line in paths:
        begin = time.perf_counter()
        text, cells, error = "", [], ""
        try:
            shown = reader(Path(line.rstrip("\n")))
            seconds = time.perf_counter() - begin
            text, cells = shown()
        except Exception as failure:  # noqa: BLE001 - a reader that fails on a file has failed on a file
            error = f"{type(failure).__name__}: {failure}"[:300]
            seconds = time.perf_counter() - begin
        record = {"text": text, "cells": cells, "seconds": seconds, "error": error}
        print(json.dumps(record), file=answers, flush=True)


if __name__ == "__main__":
    serve(sys.argv[1], sys.stdin)
