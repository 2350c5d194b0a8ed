"""A search over configurations that does not fool itself.

Questions are split by document into tuning and test questions: no document answers both. The best
configuration is chosen on the tuning questions; what it is worth is read on the test questions,
beside the shipped configuration, with a paired interval.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from evaluate.compare import Change, compare
from evaluate.corpus import CorpusParts
from evaluate.datasets import load_retrieval
from evaluate.errors import EmptyEvaluationError, EvaluationError
from evaluate.results import Report, Result, average
from evaluate.retrieval import HEADLINE, evaluate_retrieval
from evaluate.samples import Sample
from ingest.chunk import ChunkingConfig
from retrieve.config import RetrievalConfig
from retrieve.rerank import Reranker

Setting = int | float | bool

RERANKER = "reranker"
"""Whether the configured reranker is used; every other name is a field of a configuration."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One configuration and its headline figure on the tuning questions."""

    settings: Mapping[str, Setting]
    tuning: float | None


@dataclass(frozen=True, slots=True)
class Sweep:
    """Every trial, best first, and what the best is worth on questions that chose nothing."""

    trials: tuple[Trial, ...]
    shipped: float | None
    """The shipped configuration on the tuning questions."""
    tuning_questions: int
    test_questions: int
    test: Change
    """The best trial on the test questions, against the shipped configuration."""
    dataset: str
    fingerprint: str


def sweep(
    folder: Path,
    parts: CorpusParts,
    grid: Mapping[str, Sequence[Setting]],
    *,
    reranker: Reranker | None = None,
    limit: int | None = None,
    progress: bool = True,
) -> Sweep:
    """Try every combination of the grid on a retrieval set.

    Names are fields of ``RetrievalConfig``, ``chunk.`` and a field of ``ChunkingConfig``, or
    ``reranker`` (0 or 1). Another way to cut texts fills a store of its own.

    Raises:
        EvaluationError: a name is unknown, or a side of the split has no question.

    """
    check_grid(grid)
    dataset = load_retrieval(folder)
    sides = split_by_document(dataset.samples)

    def measured(settings: Mapping[str, Setting]) -> Report:
        cut = {n.removeprefix("chunk."): v for n, v in settings.items() if n.startswith("chunk.")}
        plain = {n: v for n, v in settings.items() if n not in (RERANKER, *_prefixed(settings))}
        return evaluate_retrieval(
            folder,
            replace(parts, chunking=replace(parts.chunking, **cut)),  # type: ignore[arg-type]
            replace(RetrievalConfig(), **plain),  # type: ignore[arg-type]
            reranker=reranker if settings.get(RERANKER, reranker is not None) else None,
            limit=limit,
            progress=progress,
        )

    shipped = measured({})
    tried = [(settings, measured(settings)) for settings in combinations(grid)]
    ranked = sorted(tried, key=lambda one: -(_figure(one[1], sides, "tuning") or 0.0))
    best = _side(ranked[0][1], sides, "test")
    base = _side(shipped, sides, "test")
    if not best.results or not _side(shipped, sides, "tuning").results:
        raise EmptyEvaluationError("Too few questions to split by document; add questions.")
    return Sweep(
        trials=tuple(Trial(s, _figure(report, sides, "tuning")) for s, report in ranked),
        shipped=_figure(shipped, sides, "tuning"),
        tuning_questions=len(_side(shipped, sides, "tuning").results),
        test_questions=len(base.results),
        test=compare(best, base).changes[HEADLINE],
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
    )


def split_by_document(samples: Sequence[Sample]) -> dict[str, str]:
    """Return ``tuning`` or ``test`` for each question's id; no document is on both sides.

    Questions that share a relevant document form a group, and a group is drawn by the hash of its
    first document's id: the same data is always split the same way.
    """
    leader: dict[str, str] = {}

    def find(key: str) -> str:
        while leader.setdefault(key, key) != key:
            leader[key] = leader[leader[key]]
            key = leader[key]
        return key

    for sample in samples:
        documents = sample.gold or (f"question {sample.id}",)
        for other in documents[1:]:
            one, two = sorted((find(documents[0]), find(other)))
            leader[two] = one
    return {
        sample.id: _drawn(find((sample.gold or (f"question {sample.id}",))[0]))
        for sample in samples
    }


def combinations(grid: Mapping[str, Sequence[Setting]]) -> Iterator[dict[str, Setting]]:
    """Yield every combination of the grid's values."""
    for values in product(*grid.values()):
        yield dict(zip(grid, values, strict=True))


def check_grid(grid: Mapping[str, Sequence[Setting]]) -> None:
    """Check that every name can be set.

    Raises:
        EvaluationError: one cannot.

    """
    known = {
        RERANKER,
        *asdict(RetrievalConfig()),
        *(f"chunk.{name}" for name in asdict(ChunkingConfig())),
    }
    unknown = sorted(set(grid) - known)
    if unknown or not grid:
        what = f"{unknown[0]!r} cannot be set" if unknown else "Nothing is to be tried"
        raise EvaluationError(f"{what}. Known settings: {', '.join(sorted(known))}.")


def sweep_json(found: Sweep) -> dict[str, Any]:
    """Return a sweep as JSON values; ``metrics`` has what the best trial is worth."""
    span = found.test.interval
    return {
        "kind": "sweep",
        "dataset": found.dataset,
        "fingerprint": found.fingerprint,
        "metrics": {
            f"{HEADLINE}_shipped_test": found.test.before,
            f"{HEADLINE}_best_test": found.test.after,
            f"{HEADLINE}_difference_test": found.test.difference,
        },
        "interval": [span.low, span.high] if span else None,
        "significant": found.test.significant,
        "best": dict(found.trials[0].settings),
        "shipped_tuning": found.shipped,
        "tuning_questions": found.tuning_questions,
        "test_questions": found.test_questions,
        "trials": [{"settings": dict(t.settings), HEADLINE: t.tuning} for t in found.trials],
    }


def _prefixed(settings: Mapping[str, Setting]) -> list[str]:
    return [name for name in settings if name.startswith("chunk.")]


def _drawn(key: str) -> str:
    return "test" if hashlib.sha256(key.encode()).digest()[0] % 2 else "tuning"


def _side(report: Report, sides: Mapping[str, str], side: str) -> Report:
    held: tuple[Result, ...] = tuple(r for r in report.results if sides[r.id] == side)
    return replace(report, results=held, measures=average(held, (HEADLINE,)))


def _figure(report: Report, sides: Mapping[str, str], side: str) -> float | None:
    return _side(report, sides, side).metrics[HEADLINE]
