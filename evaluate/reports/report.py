"""Writing a report down: JSON for programs, Markdown for a pull request, HTML for people."""

import json
from collections.abc import Mapping
from pathlib import Path

from evaluate.metrics.score import Score, shortened
from evaluate.reports.html_changes import visible_changes
from evaluate.reports.html_page import KEY_FIGURES, TITLES, render_page
from evaluate.reports.number_format import figure, signed
from evaluate.reports.report_types import (
    FiguresJson,
    IntervalJson,
    ReportJson,
    ResultJson,
    ScoreJson,
    SummaryJson,
)
from evaluate.scoring.comparison import Comparison, MetricChange, compare
from evaluate.scoring.results import Measure, Report, Result, worst

_WORST_IN_MARKDOWN = 10
_LONGEST_CELL = 160


def write_report(report: Report, folder: Path, baseline: Report | None = None) -> list[Path]:
    """Write ``report.json``, ``report.md`` and ``report.html``; return their paths.

    The HTML file needs nothing else: no network, no other file. With a baseline, HTML and
    Markdown say what has changed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    compared = compare(report, baseline) if baseline else None
    contents = {
        "report.json": json.dumps(report_json(report), ensure_ascii=False, indent=2),
        "report.md": render_markdown(report, compared),
        "report.html": render_page(report, compared),
    }
    for name, content in contents.items():
        (folder / name).write_text(content, encoding="utf-8")
    return [folder / name for name in contents]


def report_json(report: Report) -> ReportJson:
    """Return the whole report as JSON values."""
    return {
        **summary_json(report),
        "results": [_result_json(result) for result in report.results],
        "curves": [
            {
                "title": c.title,
                "across": c.across,
                "up": c.up,
                "points": [list(point) for point in c.points],
                "scale": c.scale,
                "diagonal": c.diagonal,
            }
            for c in report.curves
        ],
        "slices": {label: _figures_json(figures) for label, figures in report.slices.items()},
    }


def summary_json(report: Report) -> SummaryJson:
    """Return the figures without the samples, as ``--json`` prints them."""
    return {
        "kind": report.kind,
        "dataset": report.dataset,
        "fingerprint": report.fingerprint,
        "headline": report.headline,
        **_figures_json(report.measures),
        "counts": dict(report.counts),
        "config": dict(report.config),
        "warnings": list(report.warnings),
        "started_at": report.started_at.isoformat(timespec="seconds"),
        "seconds": round(report.seconds, 3),
    }


def _figures_json(measures: Mapping[str, Measure]) -> FiguresJson:
    return {
        "metrics": {name: m.score.value for name, m in measures.items()},
        "intervals": {name: _interval_json(m) for name, m in measures.items()},
        "reasons": {name: m.score.reason for name, m in measures.items()},
    }


def render_markdown(report: Report, compared: Comparison | None = None) -> str:
    """Return what a pull request needs: key figures, what changed, the worst samples, the rest."""
    keys = dict.fromkeys((*KEY_FIGURES[report.kind], report.headline))
    key_measures = {name: report.measures[name] for name in keys if name in report.measures}
    others = {name: m for name, m in report.measures.items() if name not in key_measures}
    lines = [
        f"# {TITLES[report.kind]}: {_cell(report.dataset)}",
        "",
        *_table(key_measures),
        *(f"Warning: {_cell(warning)}\n" for warning in report.warnings),
        *(_changes(compared) if compared else ()),
        *_worst(report),
        *_fold(f"{len(others)} more figures", _table(others) if others else []),
        _run_line(report),
        "",
    ]
    return "\n".join(lines)


def _table(measures: Mapping[str, Measure]) -> list[str]:
    rows = [
        f"| `{name}` | {figure(m.score.value)} | {_interval_text(m)} | {_cell(m.score.reason)} |"
        for name, m in measures.items()
    ]
    head = ["| metric | value | 95 % interval | note |", "| --- | ---: | --- | --- |"]
    return [*head, *rows, ""]


def _worst(report: Report) -> list[str]:
    rows = [
        f"| {_cell(one.result.id)} | {_cell(one.result.question)} | `{one.metric}` "
        f"{figure(one.score.value)} | {_cell(one.score.reason)} |"
        for one in worst(report, _WORST_IN_MARKDOWN)
    ]
    head = [f"## Worst by `{report.headline}`", "", "| id | question | value | why |"]
    return [*head, "| --- | --- | ---: | --- |", *rows, ""] if rows else []


def _fold(title: str, lines: list[str]) -> list[str]:
    """Fold lines away, as GitHub and GitLab show it."""
    if not lines:
        return []
    return [f"<details><summary>{title}</summary>", "", *lines, "</details>", ""]


def _changes(compared: Comparison) -> list[str]:
    changes = [change for change in compared.changes.values() if change.difference is not None]
    shown_changes = visible_changes(changes)
    same = len(changes) - len(shown_changes)
    head = [
        "| metric | before | after | difference | 95 % interval | won / lost | |",
        "| --- | ---: | ---: | ---: | --- | ---: | --- |",
    ]
    settings = [
        f"- {_code(setting)}: {_cell(str(before))} -> {_cell(str(after))}"
        for setting, (before, after) in compared.settings.items()
    ]
    return [
        f"## Against the baseline, {compared.shared_questions} questions",
        "",
        *([*head, *map(_change_row, shown_changes), ""] if shown_changes else ()),
        *(
            (f"{same} {'others' if shown_changes else 'figures'} are unchanged.", "")
            if same
            else ()
        ),
        *((*settings, "") if settings else ()),
    ]


def _change_row(change: MetricChange) -> str:
    span, difference = change.interval, change.difference or 0.0
    between = f"{signed(span.low)} to {signed(span.high)}" if span else ""
    outcome = ("**worse**" if change.worse else "**better**") if change.significant else "-"
    return (
        f"| `{change.metric}` | {figure(change.before)} | {figure(change.after)} | "
        f"{signed(difference)} | {between} | {change.won} / {change.lost} | {outcome} |"
    )


def _run_line(report: Report) -> str:
    when = f"{report.started_at:%Y-%m-%d %H:%M} UTC"
    return f"Data set `{report.fingerprint[:16]}`, {when}, {report.seconds:.0f} s."


def _interval_text(measure: Measure) -> str:
    if measure.interval is None:
        return ""
    return f"{figure(measure.interval.low)} to {figure(measure.interval.high)}"


def _interval_json(measure: Measure) -> IntervalJson | None:
    interval = measure.interval
    if interval is None:
        return None
    return {"low": interval.low, "high": interval.high, "level": interval.level}


def _result_json(result: Result) -> ResultJson:
    return {
        "id": result.id,
        "question": result.question,
        "scores": {name: _score_json(score) for name, score in result.scores.items()},
        **result.facts,  # type: ignore[typeddict-item]  # they differ by kind of report
    }


def _score_json(score: Score) -> ScoreJson:
    return {"value": score.value, "reason": score.reason}


def _cell(text: str) -> str:
    """Keep a text inside one cell of a Markdown table, short, and keep its markup from acting."""
    short = shortened(" ".join(text.split()), _LONGEST_CELL)
    return "".join(f"\\{c}" if c in "\\`*_[]<>|" else c for c in short)


def _code(text: str) -> str:
    """Write a name as code, where nothing needs to be kept from acting but its end."""
    return f"`{text.replace('`', ' ')}`"
