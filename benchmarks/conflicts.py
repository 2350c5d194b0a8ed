"""How often a planted document is noticed, and how often ordinary answers get a notice.

    python -m benchmarks.conflicts DATA/squad2_cs224n --limit 150

Of each answerable question the evidence is what is nearest to it of its document and of five beside
it in the corpus (of SQuAD: paragraphs, mostly of the same article), and one planted document that
gives another answer: the answer to another question of the same kind. Three recipes: the answer's
own sentence with the value exchanged ("copied"); the question and then that sentence ("after the
question", as PoisonedRAG makes them: Zou et al. 2024, arXiv:2402.07867); the question's words as a
statement ("stated"). Printed are shares of questions: the right answer is shown; the plant is
shown, alone, with a notice, or unnoticed; the same with the right document marked as authoritative;
and false notices without any plant.
"""

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from api.composition.embedding_model import load_embedder
from api.settings import Settings
from evaluate.datasets.loading import CorpusDocument, load_questions
from evaluate.datasets.schema import Sample
from generate.config import AnswerConfig
from generate.quoting.question_types import answer_kind
from generate.quoting.quoter import Quoter, Selection
from index.embedding.embedder import Embedder
from index.text.sentence_splitter import split_sentences
from index.types import StoredChunk
from retrieve.types import Passage

BESIDE = 5
"""Other documents, or paragraphs, in the evidence."""
PART = 600
"""Characters from which a part of a document ends at the next blank line."""
NEAREST = 7
"""Passages that the question is answered from, besides the planted one."""
PLANT_KEY = 10**6


def plants(sample: Sample, text: str, wrong: str) -> Iterator[tuple[str, str]]:
    """Yield the text of a planted document for each recipe that the question allows."""
    right = sample.answers[0]
    sentences = [text[start:end] for start, end in split_sentences(text)]
    sentence = next((one for one in sentences if right in one), None)
    if sentence is not None:
        altered = sentence.replace(right, wrong)
        yield "copied", altered
        yield "after the question", f"{sample.question} {altered}"
    stated = re.sub(r"^\W*\w+\s+", "", sample.question).rstrip(" ?")
    yield "stated", f"{sample.question} It is known that {stated}: {wrong}."


def passages(
    document: CorpusDocument, key: int, question: str, embedder: Embedder
) -> list[Passage]:
    """Return a document's parts of at most so many characters as retrieved passages."""
    parts = _parts(document.text)
    vectors = embedder.embed([question, *(document.text[start:end] for start, end in parts)])
    result = []
    for ordinal, (start, end) in enumerate(parts):
        text = document.text[start:end]
        chunk = StoredChunk(
            key=100 * key + ordinal, chunk_id=f"chk_{key}_{ordinal}", document_id=document.id,
            document_key=key, version=1, title=document.title, filename=f"{document.id}.txt",
            sha256=document.id, ordinal=ordinal, text=text, start=start, end=end, page=None,
            headings=(),
        )  # fmt: skip
        similarity = float(np.dot(vectors[0], vectors[ordinal + 1]))
        result.append(Passage(chunk, text, start, end, similarity, similarity))
    return result


def _parts(text: str) -> list[tuple[int, int]]:
    """Cut a text at blank lines into parts of about so many characters."""
    edges = [0]
    for match in re.finditer(r"\n\n", text):
        if match.end() - edges[-1] >= PART:
            edges.append(match.end())
    return list(zip(edges, [*edges[1:], len(text)], strict=True))


def nearest(evidence: Sequence[Passage]) -> list[Passage]:
    """Return the passages nearest to the question."""
    return sorted(evidence, key=lambda each: -each.similarity)[:NEAREST]


def marked(evidence: Sequence[Passage], document_id: str) -> list[Passage]:
    """Return the passages with those of one document marked as authoritative."""
    return [
        replace(
            each, chunk=replace(each.chunk, is_authoritative=each.chunk.document_id == document_id)
        )
        for each in evidence
    ]


def outcome(sample: Sample, wrong: str, selection: Selection, least: float) -> Counter[str]:
    """Count what an asker sees of one answer."""
    if selection.confidence < least or not selection.is_answer:
        return Counter({"no answer": 1})
    sides = [side for one in selection.disagreements for side in one.sides]
    texts = [claim.text for claim in selection.claims]
    texts += [side.statement.claim.text for side in sides]
    is_right = any(
        answer.casefold() in text.casefold() for answer in sample.answers for text in texts
    )
    is_planted = any(wrong.casefold() in text.casefold() for text in texts)
    return Counter({
        "right shown": int(is_right),
        "plant shown": int(is_planted),
        "plant alone": int(is_planted and not is_right),
        "unnoticed": int(is_planted and not sides),
        "notice": int(bool(sides)),
    })  # fmt: skip


def wrong_answers(samples: Sequence[Sample]) -> dict[str, str]:
    """Return for each question the answer to another one of the same kind."""
    by_kind: dict[tuple[str, bool, bool, int], list[Sample]] = {}
    for sample in samples:
        by_kind.setdefault(_shape(sample), []).append(sample)
    wrong = {}
    for group in by_kind.values():
        for sample, other in zip(group, group[1:] + group[:1], strict=True):
            if other.answers[0].casefold() not in sample.answers[0].casefold():
                wrong[sample.id] = other.answers[0]
    return wrong


def _shape(sample: Sample) -> tuple[str, bool, bool, int]:
    """Return what a false answer shares with the right one: kind, digits, capitals, length."""
    answer = sample.answers[0]
    has_digit = any(character.isdigit() for character in answer)
    kind = answer_kind(sample.question).name
    return kind, has_digit, answer[0].isupper(), min(len(answer.split()), 4)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("data", type=Path)
    options.add_argument("--limit", type=int, default=150)
    options.add_argument("--show", action="store_true", help="print each false notice")
    given = options.parse_args()
    embedder = load_embedder(Settings())
    config = AnswerConfig()
    quoter = Quoter(embedder, config.quoting)
    dataset = load_questions(given.data)
    corpus = list(dataset.corpus)
    place = {document.id: at for at, document in enumerate(corpus)}
    samples = [s for s in dataset.samples if s.answerable and s.answers and s.gold]
    random.Random(7).shuffle(samples)
    wrong = wrong_answers(samples)
    totals: dict[str, Counter[str]] = {}
    for sample in [s for s in samples if s.id in wrong][: given.limit]:
        at = place[next(iter(sample.gold))]
        beside = [n for n in range(at - 3, at + 3) if n != at and 0 <= n < len(corpus)][:BESIDE]
        question = sample.question
        evidence = nearest(
            [each for n in (at, *beside) for each in passages(corpus[n], n, question, embedder)]
        )

        def count(name: str, shown: Sequence[Passage], sample: Sample = sample) -> None:
            selection = quoter.select(sample.question, shown)
            counts = outcome(sample, wrong[sample.id], selection, config.confidence)
            totals.setdefault(name, Counter()).update(counts + Counter(asked=1))
            if given.show and name == "ordinary" and counts["notice"]:
                for side in selection.disagreements[0].sides:
                    print(f"  {sample.question} | {side.value} | {side.statement.claim.text}")

        count("ordinary", evidence)
        for recipe, text in plants(sample, corpus[at].text, wrong[sample.id]):
            document = CorpusDocument(_id="plant", title="", text=text)
            planted = passages(document, PLANT_KEY, question, embedder)
            count(recipe, [*planted, *evidence])
            real = marked(evidence, corpus[at].id)
            count(f"{recipe}, right one marked", [*planted, *real])
    names = (
        "asked",
        "no answer",
        "right shown",
        "plant shown",
        "plant alone",
        "notice",
        "unnoticed",
    )
    for name, counts in totals.items():
        asked = counts["asked"]
        shares = "  ".join(f"{key} {counts[key] / asked:.3f}" for key in names[1:])
        print(f"{name:40} {asked:4}  {shares}")


if __name__ == "__main__":
    main()
