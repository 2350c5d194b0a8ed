"""Runs as files: kept in folders by time, read back for comparison and gates."""

import glob
import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from evaluate.errors import UnknownRunError
from evaluate.metrics.bootstrap import Interval
from evaluate.metrics.score import Score
from evaluate.scoring.results import Curve, Measure, Report, Result

REPORT = "report.json"
LATEST = "latest"
_OF_RESULT = frozenset({"id", "question", "scores"})
_TIME = "????????-??????-??????"
"""What names begin with, as a pattern for files."""
_UNSAFE = re.compile(r"[^\w.-]+")


def run_name(report: Report) -> str:
    """Name a run so that names sort by time: when, which kind, which data set."""
    when = f"{report.started_at:%Y%m%d-%H%M%S-%f}"
    return f"{when}-{report.kind}-{_UNSAFE.sub('-', report.dataset)[:40]}"


def find_run(name: str, kept: Path, kind: str | None = None) -> Path:
    """Return a run's ``report.json``, given a path, a run's name, or ``latest``.

    ``latest`` is the latest of the kind, where one is given.

    Raises:
        UnknownRunError: there is none.

    """
    if name == LATEST:
        runs = sorted(kept.glob(f"{_TIME}-{kind}-*/{REPORT}" if kind else f"*/{REPORT}"))
        if runs:
            return runs[-1]
    for place in (Path(name), Path(name) / REPORT, kept / name / REPORT):
        if place.is_file():
            return place
    raise UnknownRunError(f"There is no run {name!r}: name a report.json, its folder, or a run.")


def find_baseline(name: str, kept: Path, own: str) -> Path:
    """Return the ``report.json`` that the run of the name ``own`` is held against.

    ``latest`` is the latest before it, of its kind and with its data set's name; the run itself
    where there is none before.

    Raises:
        UnknownRunError: there is none.

    """
    if name != LATEST:
        return find_run(name, kept)
    alike = own[len(_TIME) :]
    runs = sorted(kept.glob(f"{_TIME}{glob.escape(alike)}/{REPORT}"))
    before = [run for run in runs if run.parent.name < own]
    found = before or [run for run in runs if run.parent.name == own]
    if not found:
        raise UnknownRunError(f"There is no earlier run like {own}: name a report.json or a run.")
    return found[-1]


def load_report(file: Path) -> Report:
    """Read a report back from its JSON.

    Raises:
        UnknownRunError: the file is no report.

    """
    try:
        return report_from(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnknownRunError(f"{file} is not a report of an evaluation.") from error


def report_from(written: Mapping[str, Any]) -> Report:
    """Turn a report's JSON values into the report they were made from."""
    return Report(
        kind=written["kind"],
        dataset=written["dataset"],
        fingerprint=written["fingerprint"],
        headline=written["headline"],
        measures={name: _measure(name, written) for name in written["metrics"]},
        results=tuple(_result(each) for each in written["results"]),
        config=written["config"],
        counts=written["counts"],
        started_at=datetime.fromisoformat(written["started_at"]),
        seconds=written["seconds"],
        curves=tuple(_curve(each) for each in written["curves"]),
        warnings=tuple(written["warnings"]),
        slices={
            label: {name: _measure(name, held) for name in held["metrics"]}
            for label, held in written.get("slices", {}).items()
        },
    )


def _measure(name: str, written: Mapping[str, Any]) -> Measure:
    interval = written["intervals"].get(name)
    return Measure(
        Score(written["metrics"][name], written["reasons"][name]),
        Interval(interval["low"], interval["high"], interval["level"]) if interval else None,
    )


def _result(written: Mapping[str, Any]) -> Result:
    return Result(
        id=written["id"],
        question=written["question"],
        scores={k: Score(s["value"], s["reason"]) for k, s in written["scores"].items()},
        facts={name: value for name, value in written.items() if name not in _OF_RESULT},
    )


def _curve(written: Mapping[str, Any]) -> Curve:
    points = tuple((x, y) for x, y in written["points"])
    return Curve(
        written["title"],
        written["across"],
        written["up"],
        points,
        scale=written.get("scale", 1.0),
        diagonal=written.get("diagonal", False),
    )
