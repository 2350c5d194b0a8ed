"""Questions with known answers as examples for a reader: our question sets, and SQuAD's JSON."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from rank_bm25 import BM25Okapi

from evaluate.datasets.loading import Dataset, load_questions
from evaluate.datasets.schema import CorpusDocument, Sample
from evaluate.errors import EmptyEvaluationError, InvalidDatasetError
from evaluate.training.recipes import load_recipe
from generate.quoting.reader_training import Example
from index.text.analyzer import analyse


def load_examples(source: Path) -> list[Example]:
    """Read a question set's folder, a file in SQuAD's format (Rajpurkar et al. 2018), or a recipe.

    An unanswerable question of a question set is read against the document with most of its
    words. A reference answer that its document does not hold word for word is left out.

    Raises:
        EvaluationError: the source is not usable, or holds no example.

    """
    if source.is_dir() and any(source.glob("*.jsonl.gz")):
        return load_recipe(source)
    examples = list(_squad(source) if source.is_file() else _questions(load_questions(source)))
    if not any(example.start is not None for example in examples):
        raise EmptyEvaluationError(f"{source} holds no answer that stands in its document.")
    return examples


def _questions(dataset: Dataset) -> Iterator[Example]:
    documents = {document.id: document for document in dataset.corpus}
    index = BM25Okapi([analyse(document.text) or [""] for document in dataset.corpus])
    for sample in dataset.samples:
        if sample.answerable:
            gold = (documents[key] for key in sample.gold if key in documents)
            yield from (
                example for document in gold if (example := _answerable_example(sample, document))
            )
        else:
            best = int(index.get_scores(analyse(sample.question)).argmax())
            document = dataset.corpus[best]
            yield Example(sample.question, document.text, group=_group(document))


def _answerable_example(sample: Sample, document: CorpusDocument) -> Example | None:
    for answer in sorted(sample.answers, key=len):
        start = document.text.find(answer) if answer else -1
        if start >= 0:
            end = start + len(answer)
            return Example(sample.question, document.text, start, end, _group(document))
    return None


def _group(document: CorpusDocument) -> str:
    return document.title or document.id


def _squad(file: Path) -> Iterator[Example]:
    try:
        articles = json.loads(file.read_text(encoding="utf-8"))["data"]
        for article in articles:
            for paragraph in article["paragraphs"]:
                for question in paragraph["qas"]:
                    yield _squad_example(question, paragraph["context"], article.get("title", ""))
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidDatasetError(
            f"{file} is not in SQuAD's format: data, paragraphs, context, qas, answers."
        ) from error


def _squad_example(question: dict[str, object], text: str, title: str) -> Example:
    text_of_question, answers = str(question["question"]), question.get("answers") or []
    if question.get("is_impossible") or not isinstance(answers, Sequence) or not answers:
        return Example(text_of_question, text, group=title)
    answer = min(answers, key=lambda one: len(one["text"]))
    start = int(answer["answer_start"])
    return Example(text_of_question, text, start, start + len(answer["text"]), title)
