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
"""The time at the beginning of a run's name, as a file pattern."""
_UNSAFE = re.compile(r"[^\w.-]+")


def run_name(report: Report) -> str:
    """Name a run so that names sort by time: when, which kind, which data set."""
    when = f"{report.started_at:%Y%m%d-%H%M%S-%f}"
    return f"{when}-{report.kind}-{_UNSAFE.sub('-', report.dataset)[:40]}"


def find_run(name: str, folder: Path, kind: str | None = None) -> Path:
    """Return a run's ``report.json``, given a path, a run's name, or ``latest``.

    ``latest`` is the latest of the kind, where one is given.

    Raises:
        UnknownRunError: there is none.

    """
    if name == LATEST:
        runs = sorted(folder.glob(f"{_TIME}-{kind}-*/{REPORT}" if kind else f"*/{REPORT}"))
        if runs:
            return runs[-1]
    for candidate in (Path(name), Path(name) / REPORT, folder / name / REPORT):
        if candidate.is_file():
            return candidate
    raise UnknownRunError(f"There is no run {name!r}: name a report.json, its folder, or a run.")


def find_baseline(name: str, folder: Path, own_name: str) -> Path:
    """Return the ``report.json`` that the run of the name ``own_name`` is held against.

    ``latest`` is the latest before it, of its kind and with its data set's name; the run itself
    where there is none before.

    Raises:
        UnknownRunError: there is none.

    """
    if name != LATEST:
        return find_run(name, folder)
    alike = own_name[len(_TIME) :]
    runs = sorted(folder.glob(f"{_TIME}{glob.escape(alike)}/{REPORT}"))
    before = [run for run in runs if run.parent.name < own_name]
    candidates = before or [run for run in runs if run.parent.name == own_name]
    if not candidates:
        raise UnknownRunError(
            f"There is no earlier run like {own_name}: name a report.json or a run."
        )
    return candidates[-1]


def load_report(file: Path) -> Report:
    """Read a report back from its JSON.

    Raises:
        UnknownRunError: the file is no report.

    """
    try:
        return report_from(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnknownRunError(f"{file} is not a report of an evaluation.") from error


def report_from(fields: Mapping[str, Any]) -> Report:
    """Turn a report's JSON values into the report they were made from."""
    return Report(
        kind=fields["kind"],
        dataset=fields["dataset"],
        fingerprint=fields["fingerprint"],
        headline=fields["headline"],
        measures={name: _measure(name, fields) for name in fields["metrics"]},
        results=tuple(_result(each) for each in fields["results"]),
        config=fields["config"],
        counts=fields["counts"],
        started_at=datetime.fromisoformat(fields["started_at"]),
        seconds=fields["seconds"],
        curves=tuple(_curve(each) for each in fields["curves"]),
        warnings=tuple(fields["warnings"]),
        slices={
            label: {name: _measure(name, figures) for name in figures["metrics"]}
            for label, figures in fields.get("slices", {}).items()
        },
    )


def _measure(name: str, fields: Mapping[str, Any]) -> Measure:
    interval = fields["intervals"].get(name)
    return Measure(
        Score(fields["metrics"][name], fields["reasons"][name]),
        Interval(interval["low"], interval["high"], interval["level"]) if interval else None,
    )


def _result(fields: Mapping[str, Any]) -> Result:
    return Result(
        id=fields["id"],
        question=fields["question"],
        scores={k: Score(s["value"], s["reason"]) for k, s in fields["scores"].items()},
        facts={name: value for name, value in fields.items() if name not in _OF_RESULT},
    )


def _curve(fields: Mapping[str, Any]) -> Curve:
    points = tuple((x, y) for x, y in fields["points"])
    return Curve(
        fields["title"],
        fields["across"],
        fields["up"],
        points,
        scale=fields.get("scale", 1.0),
        diagonal=fields.get("diagonal", False),
    )
