"""The report as one self-contained HTML page: no script, nothing fetched, prints well."""

from collections import Counter
from collections.abc import Iterator
from functools import cache, partial
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from evaluate.metrics.bootstrap import Interval
from evaluate.metrics.score import judged_values, shortened
from evaluate.reports.html_changes import changes_view, draw_difference, metric_name
from evaluate.reports.html_samples import (
    PASSAGES_SHOWN,
    WORST_SHOWN,
    as_text,
    mark_citations,
    mark_passage,
    other_facts,
)
from evaluate.reports.number_format import figure, signed
from evaluate.reports.svg_charts import histogram, interval_bar, line
from evaluate.scoring.comparison import Comparison
from evaluate.scoring.results import Measure, Report, worst

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
"""The metrics that the page shows first, for each kind of report."""

LONGEST_TEXT = 700
"""Characters of a question or a fact that are shown."""


def render_page(report: Report, compared: Comparison | None = None) -> str:
    """Return the whole page; everything that comes from data is escaped."""
    counts = ", ".join(f"{count:,} {name}" for name, count in report.counts.items())
    page: str = (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            title=f"{TITLES[report.kind]}: {report.dataset}",
            style=Markup(_style()),  # noqa: S704 - our own file
            started_at=f"{report.started_at:%d %B %Y, %H:%M} UTC",
            counts=counts,
            key_figures=list(_key_figures(report)),
            changes=changes_view(compared) if compared else None,
            pictures=list(_pictures(report)),
            slice_metrics=list(
                dict.fromkeys(name for row in report.slices.values() for name in row)
            ),
            sizes=_sizes(report),
            faults=worst(report, WORST_SHOWN),
            run_facts={
                "data set SHA-256": report.fingerprint,
                "seconds": f"{report.seconds:.1f}",
                **report.config,
            },
        )
    )
    return page


@cache
def _environment() -> Environment:
    """Return the templates of this package; a name that a template lacks is an error."""
    environment = Environment(
        loader=PackageLoader("evaluate.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        figure=figure,
        signed=signed,
        span=_span,
        metric_name=metric_name,
        shortened=partial(shortened, longest=LONGEST_TEXT),
        as_text=as_text,
        mark_citations=mark_citations,
        passage=mark_passage,
        other_facts=other_facts,
    )
    environment.globals.update(bar=_bar, difference=draw_difference, passages_shown=PASSAGES_SHOWN)
    return environment


def _style() -> str:
    return files("evaluate.reports").joinpath("style.css").read_text(encoding="utf-8")


def _key_figures(report: Report) -> Iterator[tuple[str, Measure]]:
    """Yield the few figures that are read first, where there is something to say."""
    for name in KEY_FIGURES[report.kind]:
        measure = report.measures.get(name)
        if measure is None or measure.score.value is None:
            continue
        if name == "cost" and not measure.score.value:
            continue  # quoted, all of it
        yield name, measure


def _bar(name: str, measure: Measure) -> Markup:
    """Draw a figure that lies in [0, 1], with its interval."""
    value = measure.score.value
    if value is None or not 0 <= value <= 1:
        return Markup()
    label = f"{name} {figure(value)} {_span(measure.interval)}".strip()
    return Markup(interval_bar(value, measure.interval, label))  # noqa: S704 - it escapes labels


def _span(interval: Interval | None) -> str:
    return f"{figure(interval.low)} to {figure(interval.high)}" if interval else ""


def _pictures(report: Report) -> Iterator[tuple[str, Markup]]:
    """Yield each picture with its caption."""
    scores = [r.scores[report.headline] for r in report.results if report.headline in r.scores]
    if values := judged_values(scores):
        title = f"{report.headline}: how many samples have which score"
        drawing = Markup(histogram(values, title))  # noqa: S704 - it escapes its title
        yield f"How {report.headline} is distributed", drawing
    for curve in report.curves:
        if curve.points:
            yield curve.title, Markup(line(curve))  # noqa: S704 - it escapes its labels


def _sizes(report: Report) -> Counter[str]:
    """Count the samples of each group."""
    return Counter(
        f"{name}: {value}"
        for result in report.results
        for name, value in result.facts.get("tags", {}).items()
    )
