"""Reading data sets: BEIR folders, question sets, claims for the verifier.

BEIR's layout: Thakur et al., BEIR (2021): ``corpus.jsonl``, ``queries.jsonl``,
``qrels/test.tsv``. A question set has ``corpus.jsonl`` and ``questions.jsonl``.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from evaluate.errors import EmptyEvaluationError, InvalidDatasetError, UnknownDatasetError
from evaluate.samples import ClaimSample, CorpusDocument, Line, Query, Sample
from index.errors import FootnoteError

QRELS = Path("qrels") / "test.tsv"
_QREL_COLUMNS = 3

LineType = TypeVar("LineType", bound=Line)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A corpus and the questions asked of it."""

    name: str
    corpus: tuple[CorpusDocument, ...]
    samples: tuple[Sample, ...]
    fingerprint: str
    """SHA-256 of every file that was read: equal data, equal fingerprint."""
    corpus_fingerprint: str
    """SHA-256 of ``corpus.jsonl`` alone: what its vectors depend on."""
    warnings: tuple[str, ...] = field(default=())


def load_retrieval(folder: Path) -> Dataset:
    """Read a BEIR folder, or a question set, whose gold documents become the judgements.

    Only queries with at least one judgement are kept.

    Raises:
        UnknownDatasetError: neither layout is there.
        InvalidDatasetError: a line does not parse; the message names file and line.

    """
    if not (folder / "queries.jsonl").exists() and (folder / "questions.jsonl").exists():
        return _judged_by_gold(load_questions(folder))
    files = [existing(folder / name) for name in ("corpus.jsonl", "queries.jsonl", str(QRELS))]
    corpus = _read_corpus(files[0])
    queries = {query.id: query for query in read_lines(files[1], Query)}
    judgements = _read_judgements(files[2], queries)
    samples = tuple(
        Sample(id=key, question=queries[key].text, gold=_relevant(judged), judgements=judged)
        for key, judged in judgements.items()
    )
    return _dataset(folder, files, corpus, samples)


def load_questions(folder: Path) -> Dataset:
    """Read a question set.

    Raises:
        UnknownDatasetError: ``corpus.jsonl`` or ``questions.jsonl`` is missing.
        InvalidDatasetError: a line does not parse; the message names file and line.

    """
    files = [existing(folder / name) for name in ("corpus.jsonl", "questions.jsonl")]
    samples = tuple(read_lines(files[1], Sample))
    return _dataset(folder, files, _read_corpus(files[0]), samples)


def load_claims(file: Path) -> tuple[ClaimSample, ...]:
    """Read claims for the verifier, one a line.

    Raises:
        UnknownDatasetError: the file is missing.
        InvalidDatasetError: a line does not parse; the message names file and line.
        EmptyEvaluationError: there is no line.

    """
    claims = tuple(read_lines(existing(file), ClaimSample))
    if not claims:
        raise EmptyEvaluationError(f"{file} holds no claims. Write one JSON object a line.")
    return claims


def fingerprint(files: Iterable[Path]) -> str:
    """Return the SHA-256 of the files' names and bytes, in the order given."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            digest.update(
                f"{file.name}\0{hashlib.file_digest(stream, 'sha256').hexdigest()}\n".encode()
            )
    return digest.hexdigest()


def _dataset(
    folder: Path,
    files: Sequence[Path],
    corpus: tuple[CorpusDocument, ...],
    samples: tuple[Sample, ...],
) -> Dataset:
    if not corpus or not samples:
        raise EmptyEvaluationError(f"{folder} needs at least one document and one judged question.")
    return Dataset(
        name=folder.resolve().name,
        corpus=corpus,
        samples=samples,
        fingerprint=fingerprint(files),
        corpus_fingerprint=fingerprint(files[:1]),
        warnings=tuple(_unknown_documents(corpus, samples)),
    )


def _unknown_documents(
    corpus: tuple[CorpusDocument, ...], samples: tuple[Sample, ...]
) -> Iterator[str]:
    known = {document.id for document in corpus}
    named = {key for sample in samples for key in (*sample.gold, *sample.judgements)}
    if missing := sorted(named - known):
        yield (
            f"{len(missing)} judged documents are not in the corpus and can never be found "
            f"(the first: {missing[0]})."
        )


def _judged_by_gold(dataset: Dataset) -> Dataset:
    samples = tuple(
        sample.model_copy(update={"judgements": dict.fromkeys(sample.gold, 1)})
        for sample in dataset.samples
        if sample.gold
    )
    if not samples:
        raise EmptyEvaluationError(f"No question of {dataset.name} names a gold document.")
    return Dataset(
        dataset.name,
        dataset.corpus,
        samples,
        dataset.fingerprint,
        dataset.corpus_fingerprint,
        dataset.warnings,
    )


def _relevant(judged: dict[str, int]) -> tuple[str, ...]:
    return tuple(key for key, grade in judged.items() if grade > 0)


def _read_corpus(file: Path) -> tuple[CorpusDocument, ...]:
    return tuple(read_lines(file, CorpusDocument))


def _read_judgements(file: Path, queries: dict[str, Query]) -> dict[str, dict[str, int]]:
    judgements: dict[str, dict[str, int]] = {}
    for number, line in _numbered(file):
        columns = line.split("\t")
        if number == 1 and not columns[-1].strip().lstrip("-").isdigit():
            continue
        if len(columns) != _QREL_COLUMNS or not columns[2].strip().lstrip("-").isdigit():
            raise _invalid(file, number, "write query-id, corpus-id and a whole number, with tabs")
        query, document, grade = columns
        if query not in queries:
            raise _invalid(file, number, f"query {query!r} is not in queries.jsonl; add it there")
        judgements.setdefault(query, {})[document] = int(grade)
    return judgements


def read_lines(file: Path, kind: type[LineType]) -> Iterator[LineType]:
    """Read a file of one JSON object a line.

    Raises:
        UnknownDatasetError: the file is missing.
        InvalidDatasetError: a line does not parse, or its id is taken; the message names it.

    """
    existing(file)
    first_seen: dict[str, int] = {}
    for number, text in _numbered(file):
        line = _read_line(file, number, text, kind)
        identity = getattr(line, "id", None)
        if identity is not None and first_seen.setdefault(identity, number) != number:
            before = first_seen[identity]
            raise _invalid(file, number, f"id {identity!r} is taken by line {before}; change one")
        yield line


def explained_lines(file: Path, kind: type[LineType]) -> Iterator[tuple[int, LineType | None, str]]:
    """Yield each line's number with what it holds, or with what is wrong with it.

    Raises:
        UnknownDatasetError: the file is missing.

    """
    first_seen: dict[str, int] = {}
    for number, text in _numbered(existing(file)):
        try:
            line = _read_line(file, number, text, kind)
        except InvalidDatasetError as error:
            yield number, None, str(error).split(": ", 1)[1].rstrip(".")
            continue
        identity = getattr(line, "id", None)
        if identity is not None and first_seen.setdefault(identity, number) != number:
            yield number, None, f"id {identity!r} is taken by line {first_seen[identity]}"
            continue
        yield number, line, ""


def _read_line(file: Path, number: int, text: str, kind: type[LineType]) -> LineType:
    try:
        return kind.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        raise _invalid(file, number, f"not JSON ({error.msg}); write one object a line") from None
    except ValidationError as error:
        raise _invalid(file, number, _explain(error)) from None
    except FootnoteError as error:
        raise _invalid(file, number, str(error).rstrip(".")) from None


def _numbered(file: Path) -> Iterator[tuple[int, str]]:
    with file.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                raise _invalid(file, number, "not UTF-8; save the file as UTF-8") from None
            if text.strip():
                yield number, text.rstrip("\r\n")


def _explain(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(map(str, first["loc"])) or "the line"
    return f"{place}: {first['msg']}"


def existing(file: Path) -> Path:
    """Return the file where it is there.

    Raises:
        UnknownDatasetError: it is not.

    """
    if not file.is_file():
        raise UnknownDatasetError(
            f"{file} is missing. A retrieval set has corpus.jsonl, queries.jsonl and "
            "qrels/test.tsv; a question set has corpus.jsonl and questions.jsonl."
        )
    return file


def _invalid(file: Path, number: int, what: str) -> InvalidDatasetError:
    return InvalidDatasetError(f"{file} line {number}: {what}.")
