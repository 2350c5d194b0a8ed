"""Bringing data sets in from common formats: SQuAD, HotpotQA, RAGAS, CSV.

Each reader returns documents and questions in our own schema; ``write_dataset`` writes the folder
that ``evaluate answers`` reads. Contexts become documents; equal contexts are one document.
"""

import ast
import csv
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evaluate.datasets.recorded_outputs import Output, RecordedCitation, RetrievedText
from evaluate.datasets.schema import CorpusDocument, JsonLine, Sample
from evaluate.errors import EmptyEvaluationError, InvalidDatasetError
from index.errors import FootnoteError

_FALSE = frozenset({"false", "no", "0", "n"})
_SEPARATOR = "|"
_HUMAN = frozenset({"human", "user"})
_LISTS = ("samples", "data", "rows", "examples")
"""Where an object may list its rows."""
_LONGEST_CELL = 1 << 30
_NUMPY_TEXT = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_NUMPY = re.compile(rf"\[((?:{_NUMPY_TEXT}|\s)+)\]")


@dataclass(frozen=True, slots=True)
class ImportedDataset:
    """A data set in memory, and the answers that came with it."""

    corpus: tuple[CorpusDocument, ...]
    samples: tuple[Sample, ...]
    outputs: tuple[Output, ...] = ()


@dataclass(slots=True)
class _Collection:
    """Documents by their text: the same text is one document, whatever it is called."""

    documents: dict[str, CorpusDocument] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)

    def document(self, text: str, title: str = "") -> str:
        """Take a text in and return its document's id: a hash of title and text."""
        digest = hashlib.sha256(f"{title}\0{text}".encode())
        key = f"d{digest.hexdigest()[:12]}"
        self.documents.setdefault(key, CorpusDocument(id=key, title=title, text=text))
        return key

    def finish(self) -> ImportedDataset:
        """Return what was collected.

        Raises:
            InvalidDatasetError: two questions have one id.
            EmptyEvaluationError: there is no question.

        """
        if not self.samples:
            raise EmptyEvaluationError("The file holds no question.")
        counts = Counter(sample.id for sample in self.samples)
        key, most = counts.most_common(1)[0]
        if most > 1:
            raise InvalidDatasetError(f"{most} questions have the id {key!r}; make ids differ.")
        documents = tuple(self.documents.values())
        return ImportedDataset(documents, tuple(self.samples), tuple(self.outputs))


def import_dataset(file: Path, kind: str) -> ImportedDataset:
    """Read a file in one of the ``FORMATS``.

    Raises:
        InvalidDatasetError: the file does not have the format; the message says where.

    """
    try:
        return FORMATS[kind](file)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidDatasetError(f"{file} cannot be read: {error}") from error
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise InvalidDatasetError(f"{file} is not in the format {kind}: no {error}.") from error


def write_dataset(imported: ImportedDataset, folder: Path) -> list[Path]:
    """Write ``corpus.jsonl``, ``questions.jsonl`` and, where there are any, ``outputs.jsonl``."""
    files: dict[str, Sequence[JsonLine]] = {
        "corpus.jsonl": imported.corpus,
        "questions.jsonl": imported.samples,
    }
    if imported.outputs:
        files["outputs.jsonl"] = imported.outputs
    return [write_lines(folder / name, lines) for name, lines in files.items()]


def write_lines(file: Path, lines: Sequence[JsonLine]) -> Path:
    """Write one JSON object a line, without what is as it would be anyway."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as out:
        for line in lines:
            out.write(line.model_dump_json(by_alias=True, exclude_defaults=True) + "\n")
    return file


def read_squad(file: Path) -> ImportedDataset:
    """Read SQuAD 1.1 or 2.0 JSON (Rajpurkar et al. 2016, 2018), or its rows as data sets list them.

    A row has ``id``, ``title``, ``context``, ``question`` and ``answers`` with the list ``text``.
    """
    collection = _Collection()
    for article in _squad_articles(file):
        title = (article.get("title") or "").replace("_", " ")
        for paragraph in article["paragraphs"]:
            key = collection.document(paragraph["context"], title)
            for question in paragraph["qas"]:
                answers = _unique(answer["text"] for answer in question.get("answers") or ())
                is_answerable = not question.get("is_impossible", False) and bool(answers)
                sample = {
                    "id": str(question["id"]),
                    "question": question["question"],
                    "answerable": is_answerable,
                    "answers": answers if is_answerable else (),
                    "gold": (key,) if is_answerable else (),
                }
                collection.samples.append(_sample(sample, file, f"question {question['id']}"))
    return collection.finish()


def _squad_articles(file: Path) -> Iterator[Mapping[str, Any]]:
    whole = _whole(file.read_text(encoding="utf-8-sig"))
    if isinstance(whole, Mapping) and "question" not in whole:
        articles = whole["data"]
        if isinstance(articles, list) and (not articles or "paragraphs" in articles[0]):
            yield from articles
            return
    for number, row in _rows(file):
        answers = row.get("answers") or {}
        texts = answers["text"] if isinstance(answers, Mapping) else answers
        question = {
            "id": row.get("id") or number,
            "question": row["question"],
            "answers": [text if isinstance(text, Mapping) else {"text": text} for text in texts],
        }
        yield {
            "title": row.get("title"),
            "paragraphs": [{"context": row["context"], "qas": [question]}],
        }


def read_hotpot(file: Path) -> ImportedDataset:
    """Read HotpotQA's JSON (Yang et al. 2018), which 2WikiMultiHopQA has too."""
    collection = _Collection()
    for number, item in enumerate(_json(file), start=1):
        keys, sentences = {}, {}
        for title, lines in item["context"]:
            keys[title] = collection.document("".join(lines).strip(), title)
            sentences[title] = lines
        facts = [(title, at) for title, at in item.get("supporting_facts") or ()]
        sample = {
            "id": str(item.get("_id", number)),
            "question": item["question"],
            "answers": (item["answer"],),
            "gold": _unique(keys[title] for title, _ in facts if title in keys),
            "evidence": (
                tuple(
                    sentences[t][at].strip() for t, at in facts if at < len(sentences.get(t, ()))
                ),
            ),
            "tags": {"kind": item["type"]} if item.get("type") else {},
        }
        collection.samples.append(_sample(sample, file, f"item {number}"))
    return collection.finish()


def read_ragas(file: Path) -> ImportedDataset:
    """Read rows of RAGAS, old names or new, as JSON, JSONL or CSV; answers become outputs."""
    collection = _Collection()
    for number, row in _rows(file):
        contexts = _as_list(_first(row, "retrieved_contexts", "contexts"))
        golden = _as_list(_first(row, "reference_contexts", "ground_truth_contexts"))
        references = _first(row, "reference", "ground_truth", "ground_truths", "answer_reference")
        retrieved_ids = tuple(collection.document(text) for text in contexts)
        question, turns = _question_and_turns(_first(row, "user_input", "question"))
        sample = {
            "id": str(row.get("id") or number),
            "question": question,
            "turns": turns,
            "answers": tuple(_as_list(references)),
            "gold": _unique(collection.document(text) for text in golden),
            "tags": {"kind": row["synthesizer_name"]} if row.get("synthesizer_name") else {},
        }
        collection.samples.append(_sample(sample, file, f"row {number}"))
        response = _first(row, "response", "answer")
        if response:
            passages = tuple(
                RetrievedText(document=key, text=text)
                for key, text in zip(retrieved_ids, contexts, strict=True)
            )
            citations = tuple(RecordedCitation(document=p.document, quote=p.text) for p in passages)
            collection.outputs.append(
                Output(id=sample["id"], answer=response, passages=passages, citations=citations)
            )
    return collection.finish()


def _question_and_turns(user_input: Any) -> tuple[Any, list[dict[str, str]]]:
    """Return a row's question and what was said before; a conversation's last turn of a person."""
    if not isinstance(user_input, list):
        return user_input, []
    turns = [
        {"speaker": "user" if one.get("type", one.get("role")) in _HUMAN else "assistant",
         "text": str(one.get("content") or "")}
        for one in user_input
    ]  # fmt: skip
    last = max((at for at, turn in enumerate(turns) if turn["speaker"] == "user"), default=None)
    if last is None:
        return None, []
    return turns[last]["text"], turns[:last]


def read_csv(file: Path) -> ImportedDataset:
    """Read a table: ``question``, ``answers`` (split by ``|``), ``context``, ``answerable``, ...

    ``title`` names the context's document, ``principals`` (split by ``|``) who asks; every other
    column is a tag that reports are sliced by.
    """
    collection = _Collection()
    columns = (
        "id",
        "question",
        "answers",
        "answer",
        "context",
        "title",
        "answerable",
        "principals",
    )
    for number, row in _rows(file):
        context = row.get("context") or ""
        answerable_text = str(row.get("answerable") or "").strip().casefold()
        is_answerable = answerable_text not in _FALSE
        key = collection.document(context, row.get("title") or "") if context.strip() else None
        sample = {
            "id": row.get("id") or str(number),
            "question": row["question"],
            "answerable": is_answerable,
            "answers": _split_cell(row.get("answers") or row.get("answer"))
            if is_answerable
            else (),
            "gold": (key,) if key and is_answerable else (),
            "principals": _split_cell(row.get("principals")),
            "tags": {k: v for k, v in row.items() if k and k not in columns and v},
        }
        collection.samples.append(_sample(sample, file, f"line {number + 1}"))
    return collection.finish()


FORMATS: Mapping[str, Callable[[Path], ImportedDataset]] = {
    "squad": read_squad,
    "hotpot": read_hotpot,
    "ragas": read_ragas,
    "csv": read_csv,
}


def _sample(values: Mapping[str, Any], file: Path, location: str) -> Sample:
    try:
        return Sample.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        at = ".".join(map(str, first["loc"]))
        raise InvalidDatasetError(f"{file} {location}: {at}: {first['msg']}.") from error
    except FootnoteError as error:
        raise InvalidDatasetError(f"{file} {location}: {error}") from error


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise InvalidDatasetError(f"{file} line {error.lineno}: not JSON ({error.msg}).") from error


def _rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield rows with their number, from CSV, JSON lines or a JSON list."""
    if file.suffix.casefold() in {".csv", ".tsv"}:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            csv.field_size_limit(_LONGEST_CELL)  # contexts are longer than the module's 128 KiB
            delimiter = "\t" if file.suffix.casefold() == ".tsv" else ","
            yield from enumerate(csv.DictReader(lines, delimiter=delimiter), start=1)
        return
    text = file.read_text(encoding="utf-8-sig")
    whole = _whole(text)
    if isinstance(whole, Mapping):
        whole = [whole] if _is_row(whole) else _of_columns(whole)
    if isinstance(whole, list):
        yield from enumerate(whole, start=1)
        return
    if text.lstrip().startswith("["):
        _json(file)  # says what is wrong with it
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except json.JSONDecodeError as error:
                message = f"{file} line {number}: not JSON ({error.msg})."
                raise InvalidDatasetError(message) from error


def _whole(text: str) -> Any:
    """Return a file's one JSON value; none for JSON lines."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None


def _is_row(value: Mapping[str, Any]) -> bool:
    return any(isinstance(value.get(name), str) for name in ("question", "user_input"))


def _of_columns(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of an object that lists them under a name, or that lists its columns."""
    for name in _LISTS:
        if isinstance(value.get(name), list):
            return list(value[name])
    columns = {name: column for name, column in value.items() if isinstance(column, list)}
    return [
        dict(zip(columns, cells, strict=False)) for cells in zip(*columns.values(), strict=True)
    ]


def _first(row: Mapping[str, Any], *names: str) -> Any:
    return next((row[name] for name in names if row.get(name)), None)


def _as_list(value: Any) -> list[str]:
    """Return a list of texts from a list, a text, or a list written as text."""
    if value is None:
        return []
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = _written_list(value)
    return [value] if isinstance(value, str) else [str(item) for item in value]


def _written_list(text: str) -> Any:
    """Return the list that a cell writes as JSON or, as pandas does, as Python; else the text."""
    apart = _NUMPY.fullmatch(text.strip())
    if apart:  # numpy puts no comma between texts, which Python would join
        return [ast.literal_eval(one) for one in re.findall(_NUMPY_TEXT, apart[1])]
    for parse in (json.loads, ast.literal_eval):
        try:
            items = parse(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        if isinstance(items, list):
            return items
    return text


def _split_cell(value: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (value or "").split(_SEPARATOR) if part.strip())


def _unique(items: Iterator[str] | Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))
