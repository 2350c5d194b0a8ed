"""A test set from one's own documents, without a model: definitions, tables, headings.

Every question names where its answer stands, so that it can be checked by eye. Each is asked by
every asker that is named: who may read the source is to be answered, who may not is to be told
that there is nothing. All of it is a function of the documents and the seed.
"""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from evaluate.authoring.question_phrasing import (
    definition_question,
    heading_question,
    short_answer,
    speaks_of,
    stands_alone,
    subject,
    table_question,
)
from evaluate.datasets.access_matrix import access_matrix
from evaluate.datasets.importers import ImportedDataset
from evaluate.datasets.schema import CorpusDocument, Sample
from evaluate.metrics.text import contains
from index.text.sentence_splitter import split_sentences
from index.types import DEFAULT_TENANT, Scope

_VERBS = (
    "is", "are", "was", "means", "lasts", "has", "holds", "carries", "leaves", "needs", "gives",
    "receives", "earns",
)  # fmt: skip
_WORD = r"[\w'\u2019-]"
_DEFINITION = re.compile(
    rf"(?P<term>(?:The |An? )?[A-Z]{_WORD}*(?: {_WORD}+){{0,4}}) (?P<verb>{'|'.join(_VERBS)}) "
    r"(?P<rest>[^?!]{6,200}?)[.!]?"
)
_OF_A_KIND = re.compile(r"(?:an?|the|one|\d[\d.,]*)\b")
"""How a definition goes on after "is": not with a participle, which tells what is done."""
_QUESTION_WORDS = frozenset({"who", "when", "where", "why", "how", "what", "which"})
_VAGUE_WORDS = (
    "it this that these those he she they we you there here what which who i if when in on at one "
    "nobody nothing everybody each every some most other others his her their its as for to all "
    "both either neither no two three four five six"
)
_VAGUE = frozenset(_VAGUE_WORDS.split())
"""Words that a question cannot begin its subject with."""
_WEAK_TERM = re.compile(r"\b(that|which|who|and|or|when|if|because|than|but)\b", re.IGNORECASE)
_OF_A_KIND_VERBS = frozenset({"is", "are", "was"})
_CELL = re.compile(r"\s*\|\s*")
_TITLE_WORDS = 12
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n+")


@dataclass(frozen=True, slots=True)
class QuestionDraft:
    """A question and where its answer stands."""

    question: str
    kind: str
    document: CorpusDocument
    answers: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    other: str | None = None
    """The id of a second document whose words the question has."""
    labels: tuple[str, str] = ("", "")
    """A table's column and row, or a document's title and heading, as the documents have them."""


def generate_questions(
    corpus: Sequence[CorpusDocument],
    askers: Sequence[Sequence[str]] = ((),),
    *,
    per_document: int = 4,
    seed: int = 20,
    extra_drafts: Iterable[QuestionDraft] = (),
) -> ImportedDataset:
    """Make questions from documents, each asked by each of the askers, and some with no answer.

    Args:
        corpus: the documents, with their access lists.
        askers: for each asker, the principals held beside everybody's.
        per_document: answerable questions kept of each document.
        seed: of the draw.
        written: further questions, such as a model's.

    """
    draw = random.Random(seed)
    drafts: list[QuestionDraft] = []
    for document in corpus:
        candidates = list({draft.question: draft for draft in drafts_of(document)}.values())
        chosen_positions = sorted(
            draw.sample(range(len(candidates)), min(per_document, len(candidates)))
        )
        drafts += [candidates[at] for at in chosen_positions]
    drafts = _unambiguous([*drafts, *extra_drafts])
    unanswerable = _cross_questions(drafts, corpus)
    unanswerable_count = max(1, len(drafts) // 3)
    positions = sorted(
        draw.sample(range(len(unanswerable)), min(unanswerable_count, len(unanswerable)))
    )
    everything = [*drafts, *(unanswerable[at] for at in positions)]
    samples = list(_samples_of_askers(everything, askers, corpus))
    return ImportedDataset(tuple(corpus), tuple(samples))


def drafts_of(document: CorpusDocument) -> Iterator[QuestionDraft]:
    """Yield every question that one document's text suggests."""
    paragraphs = [part.strip() for part in _PARAGRAPH.split(document.text) if part.strip()]
    for position, paragraph in enumerate(paragraphs):
        if "|" in paragraph and "\n" in paragraph:
            yield from _from_table(document, paragraph)
            continue
        if 0 < position < len(paragraphs) - 1 and _is_heading(paragraph, paragraphs[position + 1]):
            yield from _from_heading(document, paragraph, paragraphs[position + 1])
            continue
        for start, end in split_sentences(paragraph):
            yield from _from_sentence(document, " ".join(paragraph[start:end].split()))


def _is_heading(paragraph: str, following: str) -> bool:
    is_short = len(paragraph.split()) <= _TITLE_WORDS and "\n" not in paragraph
    return is_short and paragraph[-1:] not in ".!?:;,|" and following[-1:] in ".!?"


def _from_heading(
    document: CorpusDocument, heading: str, following: str
) -> Iterator[QuestionDraft]:
    title = document.title.strip()
    if not title or heading.casefold() == title.casefold() or heading.isupper():
        return
    first = next(iter(split_sentences(following)))
    question = heading_question(title, heading, document.text)
    if question:
        evidence = (following[first[0] : first[1]],)
        yield QuestionDraft(question, "heading", document, (), evidence, labels=(title, heading))


def _from_table(document: CorpusDocument, table: str) -> Iterator[QuestionDraft]:
    rows = [_CELL.split(line.strip().strip("|").strip()) for line in table.splitlines()]
    head, body = rows[0], [row for row in rows[1:] if set("".join(row)) - set("-: ")]
    for row in body:
        if len(row) != len(head) or not all(row) or not all(head):
            continue
        for column, cell in zip(head[1:], row[1:], strict=True):
            if column.casefold() in _QUESTION_WORDS:
                continue
            question = table_question(column, row[0])
            evidence = (" | ".join(row),)
            yield QuestionDraft(
                question, "table", document, (cell,), evidence, labels=(column, row[0])
            )


def _from_sentence(document: CorpusDocument, sentence: str) -> Iterator[QuestionDraft]:
    match = _DEFINITION.fullmatch(sentence)
    if match is None:
        return
    term = match["term"]
    words = term.split()
    if words[0].casefold() in _VAGUE or _WEAK_TERM.search(term):
        return
    if match["verb"] in _OF_A_KIND_VERBS and not _OF_A_KIND.match(match["rest"]):
        return
    if words[0] in {"The", "A", "An"} and len(words) == 1:
        return
    asked_of = subject(term, document.text)
    question = definition_question(asked_of, match["verb"], match["rest"])
    if question:
        answers = (short_answer(match["rest"]),)
        yield QuestionDraft(question, "definition", document, answers, (sentence,))


def _unambiguous(drafts: Sequence[QuestionDraft]) -> list[QuestionDraft]:
    """Leave out questions that two documents answer: which one is right is not known."""
    documents_by_question: dict[str, set[str]] = {}
    for draft in drafts:
        documents_by_question.setdefault(draft.question.casefold(), set()).add(draft.document.id)
    return [draft for draft in drafts if len(documents_by_question[draft.question.casefold()]) == 1]


def _cross_questions(
    drafts: Sequence[QuestionDraft], corpus: Sequence[CorpusDocument]
) -> list[QuestionDraft]:
    """Ask one table for another table's rows, and documents for headings they do not have.

    A crossed question is kept only where no document names both halves.
    """
    tables = [draft for draft in drafts if draft.kind == "table"]
    headings = [draft for draft in drafts if draft.kind == "heading"]
    crossed = []
    for one in tables:
        for other in tables:
            name, row = one.labels[0], other.labels[1]
            if not any(contains(d.text, name) and contains(d.text, row) for d in corpus):
                question = table_question(name, row)
                crossed.append(replace(other, question=question, other=one.document.id))
    for one in headings:
        for other in headings:
            text = f"{one.document.title} {one.document.text}"
            about = other.labels[1]
            crossed_question = heading_question(one.labels[0], about, other.document.text)
            apart = one.document.id != other.document.id and stands_alone(about)
            if crossed_question and apart and not speaks_of(text, about):
                crossed.append(replace(one, question=crossed_question, other=other.document.id))
    unique = {draft.question: draft for draft in crossed}.values()
    return [replace(draft, kind="unanswerable", answers=(), evidence=()) for draft in unique]


def _samples_of_askers(
    drafts: Sequence[QuestionDraft],
    askers: Sequence[Sequence[str]],
    corpus: Sequence[CorpusDocument],
) -> Iterator[Sample]:
    matrix = access_matrix(corpus)
    for number, draft in enumerate(drafts, start=1):
        for asker_number, principals in enumerate(askers, start=1):
            scope = Scope.of(DEFAULT_TENANT, principals)
            source = draft.document
            is_in_corpus = draft.kind != "unanswerable"
            admitted = matrix[source.id].admits(scope)
            if is_in_corpus and not admitted and _told_elsewhere(draft, scope, corpus):
                continue
            answerable = is_in_corpus and admitted
            suffix = f"-asker-{asker_number}" if len(askers) > 1 else ""
            is_hidden = is_in_corpus and not admitted
            yield Sample(
                id=f"{draft.kind}-{number}{suffix}",
                question=draft.question,
                answerable=answerable,
                answers=draft.answers if answerable else (),
                gold=(source.id,) if answerable else (),
                drawn_from=tuple(dict.fromkeys(filter(None, (source.id, draft.other)))),
                evidence=(draft.evidence,) if answerable and draft.evidence else (),
                principals=tuple(principals),
                tags={
                    "kind": draft.kind,
                    "access": "hidden" if is_hidden else "open",
                },
            )


def _told_elsewhere(draft: QuestionDraft, scope: Scope, corpus: Sequence[CorpusDocument]) -> bool:
    """Tell whether a document that the asker may read says it too: then nothing is known."""
    expected = (*draft.answers, *draft.evidence)
    matrix = access_matrix(corpus)
    return any(
        matrix[other.id].admits(scope) and any(contains(other.text, words) for words in expected)
        for other in corpus
    )
