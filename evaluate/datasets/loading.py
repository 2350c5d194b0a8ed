"""Reading data sets: BEIR folders, question sets, claims for the verifier.

BEIR's layout: Thakur et al., BEIR (2021): ``corpus.jsonl``, ``queries.jsonl``,
``qrels/test.tsv``. A question set has ``corpus.jsonl`` and ``questions.jsonl``. Each file may be
compressed, with ``.gz`` behind its name.
"""

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from evaluate.datasets.schema import ClaimSample, CorpusDocument, JsonLine, Query, Sample
from evaluate.errors import EmptyEvaluationError, InvalidDatasetError, UnknownDatasetError
from index.errors import FootnoteError

QRELS = Path("qrels") / "test.tsv"
_OTHER_QRELS = ("dev.tsv", "train.tsv")
"""Files that are read, in this order, where there is no ``test.tsv``."""
_QREL_COLUMNS = (3, 4)
"""BEIR's query, document, grade; trec_eval has an unused column after the query."""
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""The escape of half a character, which only its other half makes text."""

_NAMES = frozenset({"corpus.jsonl", "queries.jsonl", "questions.jsonl", QRELS.name})

LineType = TypeVar("LineType", bound=JsonLine)


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

    Only queries with at least one judgement are kept. A document with the query's own id is no
    result of it, unless it is judged relevant: the query is that document (ArguAna), and BEIR's
    own script leaves it out.

    Raises:
        UnknownDatasetError: neither layout is there.
        InvalidDatasetError: a line does not parse; the message names file and line.

    """
    if not _exists(folder / "queries.jsonl") and _exists(folder / "questions.jsonl"):
        return _judged_by_gold(load_questions(folder))
    files = [existing(folder / name) for name in ("corpus.jsonl", "queries.jsonl")]
    qrels, warnings = _judging_file(folder)
    corpus, judgements = _read_corpus(files[0]), _read_judgements(qrels)
    queries = {query.id: query for query in read_lines(files[1], Query)}
    document_ids = {document.id for document in corpus}
    judged_queries = {key: grades for key, grades in judgements.items() if key in queries}
    samples = tuple(
        _judged_query(queries[key], judged, document_ids) for key, judged in judged_queries.items()
    )
    warnings += tuple(_unknown_queries(judgements, queries))
    return _dataset(folder, [*files, qrels], corpus, samples, warnings)


def _judged_query(query: Query, grades: dict[str, int], document_ids: AbstractSet[str]) -> Sample:
    is_own_document = query.id in document_ids and grades.get(query.id, 0) <= 0
    return Sample(
        id=query.id,
        question=query.text,
        gold=_relevant(grades),
        judgements=grades,
        excluded=(query.id,) if is_own_document else (),
    )


def load_questions(folder: Path, *, needs_corpus: bool = True) -> Dataset:
    """Read a question set; what scores answers that are there already needs no corpus.

    Raises:
        UnknownDatasetError: ``corpus.jsonl`` or ``questions.jsonl`` is missing.
        InvalidDatasetError: a line does not parse; the message names file and line.

    """
    if not needs_corpus and not _exists(folder / "corpus.jsonl"):
        files = [existing(folder / "questions.jsonl")]
        return _dataset(folder, files, (), tuple(read_lines(files[0], Sample)), needs_corpus=False)
    files = [existing(folder / name) for name in ("corpus.jsonl", "questions.jsonl")]
    corpus, samples = _read_corpus(files[0]), tuple(read_lines(files[1], Sample))
    return _dataset(folder, files, corpus, samples, needs_corpus=needs_corpus)


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
    warnings: Sequence[str] = (),
    *,
    needs_corpus: bool = True,
) -> Dataset:
    if (needs_corpus and not corpus) or not samples:
        requirement = f"{folder} needs at least one document and one judged question."
        raise EmptyEvaluationError(" ".join((requirement, *warnings)))
    return Dataset(
        name=folder.resolve().name,
        corpus=corpus,
        samples=samples,
        fingerprint=fingerprint(files),
        corpus_fingerprint=fingerprint(files[:1]),
        warnings=(*warnings, *(_unknown_documents(corpus, samples) if corpus else ())),
    )


def _unknown_documents(
    corpus: tuple[CorpusDocument, ...], samples: tuple[Sample, ...]
) -> Iterator[str]:
    document_ids = {document.id for document in corpus}
    judged_ids = {key for sample in samples for key in (*sample.gold, *sample.judgements)}
    if missing := sorted(judged_ids - document_ids):
        yield (
            f"{len(missing)} judged documents are not in the corpus and can never be found "
            f"(the first: {missing[0]})."
        )


def _unknown_queries(
    judgements: Mapping[str, object], queries: Mapping[str, Query]
) -> Iterator[str]:
    if missing := [key for key in judgements if key not in queries]:
        yield (
            f"{len(missing)} judged queries are not in queries.jsonl and are left out "
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


def _relevant(grades: dict[str, int]) -> tuple[str, ...]:
    return tuple(key for key, grade in grades.items() if grade > 0)


def _read_corpus(file: Path) -> tuple[CorpusDocument, ...]:
    return tuple(read_lines(file, CorpusDocument))


def _judging_file(folder: Path) -> tuple[Path, tuple[str, ...]]:
    """Return the file of judgements, and what is to be said where it is not the usual one."""
    preferred = folder / QRELS
    if not _exists(preferred):
        for name in _OTHER_QRELS:
            if _exists(preferred.with_name(name)):
                return existing(preferred.with_name(name)), (
                    f"There is no {QRELS.as_posix()}; the judgements are those of {name}.",
                )
    return existing(preferred), ()


def _read_judgements(file: Path) -> dict[str, dict[str, int]]:
    judgements: dict[str, dict[str, int]] = {}
    for number, line in _numbered_lines(file):
        columns = [part.strip() for part in (line.split("\t") if "\t" in line else line.split())]
        grade = _grade(columns[-1])
        if grade is None and number == 1:
            continue
        if len(columns) not in _QREL_COLUMNS or grade is None:
            raise _invalid(file, number, "write query-id, corpus-id and a whole number, with tabs")
        judgements.setdefault(columns[0], {})[columns[-2]] = grade
    return judgements


def _grade(text: str) -> int | None:
    """Return a grade, which some tools write as 1.0; none for what is no whole number."""
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if value.is_integer() else None


def read_lines(file: Path, kind: type[LineType]) -> Iterator[LineType]:
    """Read a file of one JSON object a line.

    Raises:
        UnknownDatasetError: the file is missing.
        InvalidDatasetError: a line does not parse, or its id is taken; the message names it.

    """
    existing(file)
    first_seen: dict[str, int] = {}
    for number, text in _numbered_lines(file):
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
    for number, text in _numbered_lines(existing(file)):
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
        return kind.model_validate(_decode(text))
    except json.JSONDecodeError as error:
        raise _invalid(file, number, f"not JSON ({error.msg}); write one object a line") from None
    except ValidationError as error:
        raise _invalid(file, number, _explain(error)) from None
    except FootnoteError as error:
        raise _invalid(file, number, str(error).rstrip(".")) from None


def _decode(text: str) -> Any:
    """Return a line's JSON value; half a character, which no text can hold, becomes U+FFFD."""
    value = json.loads(text)
    if not _HALF.search(text):
        return value
    whole = json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass")
    return json.loads(whole.decode("utf-16", "replace"))


def _numbered_lines(file: Path) -> Iterator[tuple[int, str]]:
    is_gzip = file.suffix == ".gz"
    with gzip.open(file, "rb") if is_gzip else file.open("rb") as stream:
        lines = enumerate(stream, start=1)
        while True:
            try:
                number, line = next(lines)
            except StopIteration:
                return
            except (gzip.BadGzipFile, EOFError, zlib.error) as error:
                raise InvalidDatasetError(f"{file} is no whole gzip file: {error}.") from None
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                raise _invalid(file, number, "not UTF-8; save the file as UTF-8") from None
            if text.strip():
                yield number, text.rstrip("\r\n")


def _explain(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    field = ".".join(map(str, first["loc"])) or "the line"
    return f"{field}: {first['msg']}"


def existing(file: Path) -> Path:
    """Return the file where it is there, or else its compressed twin.

    Raises:
        UnknownDatasetError: neither is.

    """
    if file.is_file():
        return file
    gzip_file = _gzip_file(file)
    if gzip_file.is_file():
        return gzip_file
    raise UnknownDatasetError(
        f"{file} is missing. A retrieval set has corpus.jsonl, queries.jsonl and "
        "qrels/test.tsv; a question set has corpus.jsonl and questions.jsonl."
        if file.name in _NAMES
        else f"{file} is no file."
    )


def _exists(file: Path) -> bool:
    return file.is_file() or _gzip_file(file).is_file()


def _gzip_file(file: Path) -> Path:
    return file.with_name(f"{file.name}.gz")


def _invalid(file: Path, number: int, what: str) -> InvalidDatasetError:
    return InvalidDatasetError(f"{file} line {number}: {what}.")
