"""The report as one self-contained HTML page: no script, nothing fetched, prints well."""

from collections import Counter
from html import escape
from importlib.resources import files

from evaluate.metrics.score import judged
from evaluate.reports.html_changes import changes_section, metric_name
from evaluate.reports.html_samples import worst_section, written
from evaluate.reports.number_format import figure
from evaluate.reports.svg_charts import histogram, interval_bar, line
from evaluate.scoring.comparison import Comparison
from evaluate.scoring.results import Measure, Report

TITLES = {
    "retrieval": "Retrieval",
    "answers": "Answers",
    "verifier": "Verifier",
    "guard": "Guard",
    "ragas": "RAGAS",
}
KEY_FIGURES = {
    "retrieval": ("ndcg@10", "recall@100", "mrr@10", "leaks"),
    "answers": (
        "answer_in_quote@2",
        "citation_precision",
        "citation_recall",
        "groundedness",
        "abstention_auroc",
        "leaks",
        "cost",
    ),
    "verifier": ("auroc", "accuracy", "best_f1"),
    "guard": ("attack_success", "refused_benign"),
    "ragas": (
        "faithfulness",
        "response_groundedness",
        "context_precision",
        "context_recall",
        "answer_relevancy",
        "factual_correctness",
        "judge_cost",
    ),
}
"""What is read first, for each kind of report."""


def render_page(report: Report, compared: Comparison | None = None) -> str:
    """Return the whole page; everything that comes from data is escaped."""
    title = f"{TITLES[report.kind]}: {report.dataset}"
    style = files("evaluate.reports").joinpath("style.css").read_text(encoding="utf-8")
    body = (
        _head(report, title)
        + _warnings(report)
        + _cards(report)
        + (changes_section(compared) if compared else "")
        + _summary(report)
        + _pictures(report)
        + _slices(report)
        + worst_section(report)
        + _run(report)
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body>{body}</body></html>\n"
    )


def _head(report: Report, title: str) -> str:
    counts = ", ".join(f"{count:,} {escape(name)}" for name, count in report.counts.items())
    when = f"{report.started_at:%d %B %Y, %H:%M} UTC"
    return f'<header><h1>{escape(title)}</h1><p class="soft">{when} · {counts}</p></header>'


def _warnings(report: Report) -> str:
    return "".join(f'<p class="card warning">{escape(text)}</p>' for text in report.warnings)


def _cards(report: Report) -> str:
    """Show the few figures that are read first, large."""
    shown = []
    for name in KEY_FIGURES[report.kind]:
        measure = report.measures.get(name)
        if measure is None or measure.score.value is None:
            continue
        if name == "cost" and not measure.score.value:
            continue  # quoted, all of it
        kind = "card key bad" if name == "leaks" and measure.score.value else "card key"
        span = _span(measure)
        note = f"95 %: {span}" if span else escape(measure.score.reason)
        shown.append(
            f'<div class="{kind}"><b>{_large(name, measure.score.value)}</b>'
            f"{metric_name(name)}"
            f'<span class="soft">{note}</span></div>'
        )
    return f'<section class="keys">{"".join(shown)}</section>'


def _large(name: str, value: float) -> str:
    return f"{value:.0f}" if name == "leaks" else figure(value)


def _summary(report: Report) -> str:
    rows = "".join(_summary_row(name, measure) for name, measure in report.measures.items())
    columns = (
        ("", "Metric"),
        ("number", "Value"),
        ("number", "95 % interval"),
        ("picture", "0 to 1"),
        ("note", "Basis"),
    )
    head = "".join(f'<th class="{kind}">{name}</th>' for kind, name in columns)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<section><h2>Every figure</h2><div class="card">{table}</div></section>'


def _summary_row(name: str, measure: Measure) -> str:
    value, interval = measure.score.value, measure.interval
    span = _span(measure)
    label = f"{name} {figure(value)} {span}".strip()
    drawn = value is not None and 0 <= value <= 1
    picture = interval_bar(value, interval, label) if drawn and value is not None else ""
    exact = "" if value is None else f' data-value="{value!r}"'
    return (
        f'<tr><td>{metric_name(name)}</td><td class="number" '
        f'data-metric="{escape(name)}"{exact}>{figure(value)}</td>'
        f'<td class="number">{span}</td><td class="picture">{picture}</td>'
        f'<td class="note soft">{escape(measure.score.reason)}</td></tr>'
    )


def _span(measure: Measure) -> str:
    interval = measure.interval
    return f"{figure(interval.low)} to {figure(interval.high)}" if interval else ""


def _pictures(report: Report) -> str:
    scores = [r.scores[report.headline] for r in report.results if report.headline in r.scores]
    values = judged(scores)
    drawn = []
    if values:
        title = f"{report.headline}: how many samples have which score"
        drawn.append((f"How {report.headline} is distributed", histogram(values, title)))
    drawn += [(curve.title, line(curve)) for curve in report.curves if curve.points]
    figures = "".join(
        f'<figure class="card"><figcaption>{escape(title)}</figcaption>{picture}</figure>'
        for title, picture in drawn
    )
    held = f'<section><h2>Pictures</h2><div class="pictures">{figures}</div></section>'
    return held if drawn else ""


def _slices(report: Report) -> str:
    """Show the figures of each group of samples."""
    if not report.slices:
        return ""
    names = list(dict.fromkeys(name for held in report.slices.values() for name in held))
    head = "".join(f'<th class="number">{metric_name(name)}</th>' for name in names)
    sizes = _sizes(report)
    rows = "".join(
        f'<tr><td>{escape(label)}</td><td class="number">{sizes.get(label, "")}</td>'
        + "".join(_slice_cell(held.get(name)) for name in names)
        + "</tr>"
        for label, held in report.slices.items()
    )
    head = f'<tr><th>Group</th><th class="number">Number</th>{head}</tr>'
    table = f'<table class="groups"><thead>{head}</thead><tbody>{rows}</tbody></table>'
    return f'<section><h2>By group</h2><div class="card">{table}</div></section>'


def _sizes(report: Report) -> Counter[str]:
    """Count the samples of each group."""
    return Counter(
        f"{name}: {value}"
        for result in report.results
        for name, value in result.facts.get("tags", {}).items()
    )


def _slice_cell(measure: Measure | None) -> str:
    if measure is None or measure.score.value is None:
        return '<td class="number soft">-</td>'
    span = f'<br><span class="soft">{_span(measure)}</span>' if measure.interval else ""
    return f'<td class="number">{figure(measure.score.value)}{span}</td>'


def _run(report: Report) -> str:
    facts = {"data set SHA-256": report.fingerprint, "seconds": f"{report.seconds:.1f}"}
    rows = "".join(
        f'<tr><td>{escape(name)}</td><td class="long">{escape(written(value))}</td></tr>'
        for name, value in {**facts, **report.config}.items()
    )
    return (
        '<section><h2>How this was run</h2><div class="card"><table><tbody>'
        f"{rows}</tbody></table></div></section>"
    )
