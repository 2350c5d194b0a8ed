"""How often a planted document is noticed, and how often ordinary answers get a notice.

    python -m benchmarks.conflicts DATA/squad2_cs224n --limit 150

Of each answerable question the evidence is its paragraph, five paragraphs beside it in the corpus
(mostly of the same article), and one planted document that gives another answer: the answer to
another question of the same kind. Three recipes: the answer's own sentence with the value exchanged
("copied"); the question and then that sentence ("after the question", as PoisonedRAG makes them:
Zou et al. 2024, arXiv:2402.07867); the question's words as a statement ("stated"). Printed are the
shares of questions whose plant is quoted, whose right answer is shown still, and that get a notice;
the same with the right document marked as authoritative; and false notices without any plant.
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
"""Other paragraphs in the evidence."""
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


def passage(document: CorpusDocument, key: int, question: str, embedder: Embedder) -> Passage:
    """Return a whole paragraph as a retrieved passage."""
    chunk = StoredChunk(
        key=key, chunk_id=f"chk_{key}", document_id=document.id, document_key=key, version=1,
        title=document.title, filename=f"{document.id}.txt", sha256=document.id, ordinal=0,
        text=document.text, start=0, end=len(document.text), page=None, headings=(),
    )  # fmt: skip
    vectors = embedder.embed([question, document.text])
    similarity = float(np.dot(vectors[0], vectors[1]))
    return Passage(chunk, document.text, 0, len(document.text), similarity, similarity)


def marked(evidence: Passage) -> Passage:
    """Return the passage as one of an authoritative document."""
    return replace(evidence, chunk=replace(evidence.chunk, is_authoritative=True))


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
        around = [passage(corpus[n], n, sample.question, embedder) for n in beside]
        gold = passage(corpus[at], at, sample.question, embedder)

        def count(name: str, evidence: Sequence[Passage], sample: Sample = sample) -> None:
            selection = quoter.select(sample.question, evidence)
            counts = outcome(sample, wrong[sample.id], selection, config.confidence)
            totals.setdefault(name, Counter()).update(counts + Counter(asked=1))
            if given.show and name == "ordinary" and counts["notice"]:
                for side in selection.disagreements[0].sides:
                    print(f"  {sample.question} | {side.value} | {side.statement.claim.text}")

        count("ordinary", [gold, *around])
        for recipe, text in plants(sample, corpus[at].text, wrong[sample.id]):
            document = CorpusDocument(_id="plant", title="", text=text)
            plant = passage(document, PLANT_KEY, sample.question, embedder)
            count(recipe, [plant, gold, *around])
            count(f"{recipe}, right one marked", [plant, marked(gold), *around])
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
