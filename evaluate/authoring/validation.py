"""Check a question set: every error and every doubt, with its line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evaluate.datasets.access_matrix import access_matrix
from evaluate.datasets.loading import explained_lines
from evaluate.datasets.sample_scope import scope_of
from evaluate.datasets.schema import CorpusDocument, Sample
from evaluate.metrics.citations import covers
from evaluate.metrics.text import contains

Grade = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class DatasetProblem:
    """One thing about one line."""

    grade: Grade
    file: str
    line: int
    message: str

    def __str__(self) -> str:
        """Write it as editors and terminals understand places."""
        return f"{self.file}:{self.line}: {self.grade}: {self.message}"


def check_questions(folder: Path) -> list[DatasetProblem]:
    """Return every finding about a question set; a set without errors can be run.

    Raises:
        UnknownDatasetError: ``corpus.jsonl`` or ``questions.jsonl`` is missing.

    """
    findings: list[DatasetProblem] = []
    corpus: dict[str, CorpusDocument] = {}
    for number, document, problem in explained_lines(folder / "corpus.jsonl", CorpusDocument):
        if document is None:
            findings.append(DatasetProblem("error", "corpus.jsonl", number, problem))
        else:
            corpus[document.id] = document
            if not (document.text.strip() or document.title.strip()):
                message = "the document is empty and can never be found"
                findings.append(DatasetProblem("warning", "corpus.jsonl", number, message))
    first_lines: dict[tuple[str, frozenset[str]], int] = {}
    for number, sample, problem in explained_lines(folder / "questions.jsonl", Sample):
        if sample is None:
            findings.append(DatasetProblem("error", "questions.jsonl", number, problem))
            continue
        same = first_lines.setdefault((sample.question, frozenset(sample.principals)), number)
        doubts = list(_doubts(sample, corpus))
        if same != number:
            doubts.append(f"the same question by the same asker as line {same}")
        findings += [DatasetProblem("warning", "questions.jsonl", number, each) for each in doubts]
    return findings


def _doubts(sample: Sample, corpus: Mapping[str, CorpusDocument]) -> Iterator[str]:
    gold_documents = [corpus[key] for key in sample.gold if key in corpus]
    missing = [key for key in sample.gold if key not in corpus]
    if missing:
        yield f"the gold document {missing[0]!r} is not in the corpus and can never be found"
    if sample.answerable and not (sample.answers or sample.gold):
        yield "answerable, but neither answers nor gold say what is right"
    if not sample.answerable and sample.answers:
        yield "not answerable, but it has answers, which are not looked at"
    scope, matrix = scope_of(sample), access_matrix(gold_documents)
    if (
        sample.answerable
        and gold_documents
        and not any(matrix[d.id].admits(scope) for d in gold_documents)
    ):
        yield "answerable, but its asker may read no gold document"
    texts = [f"{document.title}\n{document.text}" for document in gold_documents]
    for sentence in (s for sentences in sample.evidence for s in sentences):
        if texts and not any(covers(text, sentence) for text in texts):
            yield f"no gold document holds the evidence {sentence[:60]!r}"
    short = [answer for answer in sample.answers if len(answer.split()) <= 5]  # noqa: PLR2004 - a name, a date
    if texts and short and not any(contains(t, a) for t in texts for a in short):
        yield f"no gold document holds the answer {short[0]!r} word for word"
