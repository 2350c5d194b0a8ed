"""Question sets as examples for a reader: which rows of which set, and how they are put right.

A folder holds one file of gzipped JSON lines for each set: ``question``, ``passage``, ``answers``,
``answerable``, and for some ``title`` and ``answer_starts``. ``evaluate/training/README.md``
names the sets and their licences; whoever trains checks them.
"""

import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from evaluate.errors import InvalidDatasetError
from generate.quoting.reader_training import Example
from index.text.content_terms import content_terms
from index.text.sentence_splitter import split_sentences

_SPACED = [
    (re.compile(r"\s+([,.;:!?%)\]\u2019])"), r"\1"),
    (re.compile(r"([(\[$\u00a3\u20ac])\s+"), r"\1"),
    (re.compile(r"\s+('(?:s|re|ve|ll|d|m)|n't)\b"), r"\1"),
    (re.compile(r"(?:``|'')\s*"), '"'),
    (re.compile(r"(?<=\w) - (?=\w)"), "-"),
    (re.compile(r"\s*--\s*"), " \u2013 "),
]
_LONGEST_ANSWER = 160
"""Characters of an answer; a longer one is cut to its first sentence or words."""


def load_recipe(folder: Path, *, seed: int = 0) -> list[Example]:
    """Return the examples of every set that the folder has, in a fixed order.

    Raises:
        InvalidDatasetError: the folder has none of the sets, or one cannot be read.

    """
    rng = random.Random(seed)
    examples: list[Example] = []
    for name, make in _SETS.items():
        file = folder / f"{name}.jsonl.gz"
        if file.exists():
            examples += make(_rows(file), rng)
    if not examples:
        raise InvalidDatasetError(
            f"{folder} has none of the sets: {', '.join(f'{name}.jsonl.gz' for name in _SETS)}."
        )
    return examples


def _rows(file: Path) -> list[dict[str, Any]]:
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]
    except (OSError, ValueError) as error:
        raise InvalidDatasetError(f"{file} is not gzipped JSON lines: {error}") from error


def _qed(rows: list[dict[str, Any]], rng: random.Random) -> Iterator[Example]:
    """Take whole paragraphs, and a few sentences of theirs that do not answer."""
    for row in rows:
        text = unspaced(row["passage"])
        if row["answerable"] and "answer_starts" in row:
            answer = unspaced(min(row["answers"], key=len))
            example = _example(row["question"], text, answer, row["title"])
            if example:
                yield as_written(example, rng)
        elif not row["answerable"] and rng.random() < 0.15:  # noqa: PLR2004 - a share
            yield as_written(Example(row["question"], text, group=row["title"]), rng)


def _qamr(rows: list[dict[str, Any]], rng: random.Random) -> Iterator[Example]:
    """Draw a few questions of each sentence; there are some forty."""
    by_text: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_text.setdefault(row["passage"], []).append(row)
    for text, group in by_text.items():
        answered = [row for row in group if row["answerable"]]
        others = [row for row in group if not row["answerable"]]
        for row in rng.sample(answered, min(7, len(answered))):
            example = _example(row["question"], text, row["answers"][0], text[:40])
            if example:
                yield example
        for row in rng.sample(others, min(3, len(others))):
            yield Example(row["question"], text, group=text[:40])


def _selqa(rows: list[dict[str, Any]], rng: random.Random) -> Iterator[Example]:
    """Join the sentences of a section to its text again; the answer is a whole sentence."""
    for question, group in _by_question(rows).items():
        answering = [row["passage"] for row in group if row["answerable"]]
        text = " ".join(row["passage"] for row in group)
        title = group[0]["title"]
        if answering:
            example = _example(question, text, answering[0], title)
            if example:
                yield example
        if rng.random() < 0.3:  # noqa: PLR2004 - a share
            rest = [row["passage"] for row in group if not row["answerable"]]
            yield Example(question, " ".join(rest), group=title)


def _boolq(rows: list[dict[str, Any]], rng: random.Random) -> Iterator[Example]:
    """Take the sentence with most of the words of a question for yes or no as its answer."""
    for row in rows:
        title, _, text = row["passage"].partition(" -- ")
        if not row["answerable"]:
            yield as_written(Example(row["question"], text, group=title), rng)
            continue
        example = _example(row["question"], text, nearest_sentence(row["question"], text), title)
        if example:
            yield as_written(example, rng)


def _tatqa(rows: list[dict[str, Any]], _rng: random.Random) -> Iterator[Example]:
    """Take questions about running text; those about a table mostly ask for sums."""
    for row in rows:
        text = row["passage"]
        if row["answerable"] and "text-span" in row["source"] and "table" not in row["source"]:
            example = _example(row["question"], text, row["answers"][0], text[:40])
            if example:
                yield example
        elif not row["answerable"] and " | " not in text:
            yield Example(row["question"], text, group=text[:40])


def _doc2dial(rows: list[dict[str, Any]], rng: random.Random) -> Iterator[Example]:
    """Take questions that stand alone: with a question mark, and of some words."""
    for row in rows:
        question = row["question"].strip()
        few = 4
        if not question.endswith("?") or len(content_terms(question)) < few:
            continue
        text = unspaced(row["passage"])
        if not row["answerable"]:
            if rng.random() < 0.5:  # noqa: PLR2004 - a share
                yield Example(question, text, group=row["title"])
            continue
        example = _example(question, text, unspaced(row["answers"][0]), row["title"])
        if example:
            yield example


def _tables(rows: list[dict[str, Any]], rng: random.Random) -> Iterator[Example]:
    """Take questions whose answer is a cell, over the rows around it."""
    for row in rows:
        lines = row["passage"].split("\n")
        answers = [answer for answer in row["answers"] if answer]
        if row["answerable"] and len(answers) == 1:
            holding = [
                at
                for at, line in enumerate(lines)
                if at and answers[0] in [cell.strip() for cell in line.split(" | ")]
            ]
            if len(holding) != 1 or rng.random() < 0.5:  # noqa: PLR2004 - a share
                continue
            text = _some_rows(lines, holding[0], rng)
            example = _example(row["question"], text, answers[0], lines[0])
            if example:
                yield as_written(example, rng)
        elif not row["answerable"] and rng.random() < 0.15:  # noqa: PLR2004 - a share
            text = _some_rows(lines, rng.randrange(len(lines)), rng)
            yield as_written(Example(row["question"], text, group=lines[0]), rng)


_SETS = {
    "qed_nq": _qed,
    "qamr": _qamr,
    "selqa": _selqa,
    "boolq_val": _boolq,
    "tatqa": _tatqa,
    "doc2dial_val": _doc2dial,
    "wikitablequestions": _tables,
}


def _some_rows(lines: list[str], at: int, rng: random.Random) -> str:
    first = max(1, at - rng.randrange(4))
    return "\n".join([lines[0], *lines[first : at + 1 + rng.randrange(4)]])


def _by_question(rows: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["question"], []).append(row)
    return groups


def _example(question: str, text: str, answer: str, group: str) -> Example | None:
    """Find the answer in the text; a long one is cut to its first words."""
    start = text.find(answer) if answer else -1
    if start < 0:
        return None
    end = start + len(answer)
    if len(answer) > _LONGEST_ANSWER:
        end = text.rfind(" ", start, start + _LONGEST_ANSWER)
    return Example(question, text, start, end, group)


def nearest_sentence(question: str, text: str) -> str:
    """Return the sentence that has most of the question's content terms."""
    terms = set(content_terms(question))
    sentences = [text[start:end] for start, end in split_sentences(text)]
    return max(sentences, key=lambda one: len(terms.intersection(content_terms(one))), default="")


def unspaced(text: str) -> str:
    """Take the spaces out that a tokeniser has put around punctuation."""
    for pattern, replacement in _SPACED:
        text = pattern.sub(replacement, text)
    return text


def as_written(example: Example, rng: random.Random) -> Example:
    """Give half of the questions typed into a search box capitals and a question mark."""
    if rng.random() < 0.4:  # noqa: PLR2004 - a share
        return example
    question = example.question.strip()
    lowered = question.lower()
    if question == lowered:
        for name in sorted(_names_of(example.text), key=len, reverse=True):
            match = re.search(rf"(?<!\w){re.escape(name.lower())}(?!\w)", question)
            if match:
                question = question[: match.start()] + name + question[match.end() :]
    question = question[:1].upper() + question[1:]
    return replace(example, question=question if question.endswith("?") else f"{question}?")


def _names_of(text: str) -> list[str]:
    return list(dict.fromkeys(_NAMES.findall(text)))


_NAMES = re.compile(r"(?<=[\w,;)] )[A-Z][^\W\d_]+(?: [A-Z][^\W\d_]+)*")
