"""A search over configurations that does not fool itself.

Questions are split by document into tuning and test questions: no document answers both. The best
configuration is chosen on the tuning questions; what it is worth is read on the test questions,
beside the shipped configuration, with a paired interval.
"""

import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from evaluate.datasets.corpus_store import CorpusDependencies
from evaluate.datasets.loading import load_retrieval
from evaluate.datasets.schema import Sample
from evaluate.errors import EmptyEvaluationError, EvaluationError
from evaluate.runners.common import draw
from evaluate.runners.retrieval import HEADLINE, METRICS, draw_rankings, evaluate_retrieval
from evaluate.scoring.aggregates import slices_of
from evaluate.scoring.comparison import MetricChange, compare
from evaluate.scoring.results import Report, Result, average
from ingest.chunking.chunker import ChunkingConfig
from retrieve.config import RetrievalConfig
from retrieve.reranking import Reranker

Setting = int | float | bool

RERANKER = "reranker"
"""Whether the configured reranker is used; every other name is a field of a configuration."""
_SHARES = frozenset({RERANKER, "dense_weight", "unread_weight", "chunk.tiny"})
_LEAST = {"candidates": 1, "attempts": 1, "question_characters": 1, "chunk.max_tokens": 1}


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
    test: MetricChange
    """The best trial on the test questions, against the shipped configuration."""
    best: Report
    """The best trial's run, of the test questions alone, with every trial in its configuration."""
    base: Report
    """The shipped configuration's, of the same questions."""


def sweep(
    folder: Path,
    dependencies: CorpusDependencies,
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
    check_grid(grid, has_reranker=reranker is not None)
    dataset = load_retrieval(folder)
    sides = split_by_document(dataset.samples)
    if {sides[sample.id] for sample in draw(dataset.samples, limit)} != {"tuning", "test"}:
        raise EmptyEvaluationError("Too few questions to split by document; add questions.")

    def measure(settings: Mapping[str, Setting]) -> Report:
        chunking = {
            n.removeprefix("chunk."): v for n, v in settings.items() if n.startswith("chunk.")
        }
        plain = {
            n: v for n, v in settings.items() if n not in (RERANKER, *_chunk_settings(settings))
        }
        return evaluate_retrieval(
            folder,
            replace(dependencies, chunking=replace(dependencies.chunking, **chunking)),  # type: ignore[arg-type]
            replace(RetrievalConfig(), **plain),  # type: ignore[arg-type]
            reranker=reranker if settings.get(RERANKER, reranker is not None) else None,
            limit=limit,
            progress=progress,
        )

    shipped = measure({})
    reports = [(settings, measure(settings)) for settings in combinations(grid)]
    ranking = sorted(reports, key=lambda one: -(_figure(one[1], sides, "tuning") or 0.0))
    trials = tuple(Trial(s, _figure(report, sides, "tuning")) for s, report in ranking)
    best, base = (_side(report, sides, "test") for report in (ranking[0][1], shipped))
    extra = {"trials": [{"settings": dict(t.settings), HEADLINE: t.tuning} for t in trials]}
    return Sweep(
        trials=trials,
        shipped=_figure(shipped, sides, "tuning"),
        tuning_questions=len(_side(shipped, sides, "tuning").results),
        test_questions=len(base.results),
        test=compare(best, base).changes[HEADLINE],
        best=replace(best, config={**best.config, "sweep on other questions": extra}),
        base=base,
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
        sample.id: _side_of_key(find((sample.gold or (f"question {sample.id}",))[0]))
        for sample in samples
    }


def combinations(grid: Mapping[str, Sequence[Setting]]) -> Iterator[dict[str, Setting]]:
    """Yield every combination of the grid's values."""
    for values in product(*grid.values()):
        yield dict(zip(grid, values, strict=True))


def check_grid(grid: Mapping[str, Sequence[Setting]], *, has_reranker: bool = True) -> None:
    """Check that every name can be set, and to every value.

    Raises:
        EvaluationError: one cannot.

    """
    settings: dict[str, Any] = {
        RERANKER: 0,
        **asdict(RetrievalConfig()),
        **{f"chunk.{name}": value for name, value in asdict(ChunkingConfig()).items()},
    }
    unknown_names = sorted(grid.keys() - settings.keys())
    if unknown_names or not grid:
        what = f"{unknown_names[0]!r} cannot be set" if unknown_names else "Nothing is to be tried"
        raise EvaluationError(f"{what}. Known settings: {', '.join(sorted(settings))}.")
    for name, values in grid.items():
        is_whole = not isinstance(settings[name], float)
        for value in values:
            if is_whole and not isinstance(value, int):
                raise EvaluationError(f"{name} is a whole number, not {value}.")
            most = 1.0 if name in _SHARES else sys.float_info.max
            if not _LEAST.get(name, 0) <= value <= most:
                raise EvaluationError(f"{name} cannot be {value}.")
    if any(grid.get(RERANKER, ())) and not has_reranker:
        raise EvaluationError("No reranker is configured; set FOOTNOTE_RERANKER.")


def sweep_json(result: Sweep) -> dict[str, Any]:
    """Return a sweep as JSON values; ``metrics`` has what the best trial is worth."""
    span = result.test.interval
    return {
        "kind": "sweep",
        "dataset": result.best.dataset,
        "fingerprint": result.best.fingerprint,
        "metrics": {
            f"{HEADLINE}_shipped_test": result.test.before,
            f"{HEADLINE}_best_test": result.test.after,
            f"{HEADLINE}_difference_test": result.test.difference,
        },
        "interval": [span.low, span.high] if span else None,
        "significant": result.test.significant,
        "best": dict(result.trials[0].settings),
        "shipped_tuning": result.shipped,
        "tuning_questions": result.tuning_questions,
        "test_questions": result.test_questions,
        "trials": [{"settings": dict(t.settings), HEADLINE: t.tuning} for t in result.trials],
    }


def _chunk_settings(settings: Mapping[str, Setting]) -> list[str]:
    return [name for name in settings if name.startswith("chunk.")]


def _side_of_key(key: str) -> str:
    return "test" if hashlib.sha256(key.encode()).digest()[0] % 2 else "tuning"


def _side(report: Report, sides: Mapping[str, str], side: str) -> Report:
    results: tuple[Result, ...] = tuple(r for r in report.results if sides[r.id] == side)
    return replace(
        report,
        results=results,
        measures=average(results, tuple(METRICS)),
        counts={**report.counts, "queries": len(results)},
        curves=draw_rankings(results),
        slices=slices_of(results, HEADLINE),
    )


def _figure(report: Report, sides: Mapping[str, str], side: str) -> float | None:
    return _side(report, sides, side).metrics[HEADLINE]
