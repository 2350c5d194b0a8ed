"""Reports of few, long and wrong answers."""

from dataclasses import replace
from datetime import UTC, datetime

from evaluate.metrics.score import Score
from evaluate.reports.html_page import render_page
from evaluate.reports.junit import render_run
from evaluate.reports.report import render_markdown
from evaluate.scoring.aggregates import slices_of
from evaluate.scoring.comparison import compare
from evaluate.scoring.results import Report, Result, average, worst


def of_answers(*results):
    return Report(
        kind="answers",
        dataset="town",
        fingerprint="ab" * 32,
        headline="citation_recall",
        measures=average(results, ["citation_recall", "exact_match"]),
        results=results,
        config={"answering": {"passages_read": 4}},
        counts={},
        started_at=datetime(2026, 1, 2, tzinfo=UTC),
        seconds=1.0,
    )


def result(key, *, recall=None, right=1.0, leaks=0.0, question="Why?", **facts):
    scores = {
        "citation_recall": Score(recall, "of 1") if recall is not None else Score.unjudged("none"),
        "abstention": Score(right, "answered, and it is not answerable"),
        "leaks": Score(leaks, "the asker may not read 'x'"),
        "exact_match": Score(0.0, "equals no reference"),
    }
    return Result(key, question, scores, facts)


def test_the_worst_are_leaks_then_low_scores_and_wrong_decisions_and_nothing_that_is_whole():
    report = of_answers(
        result("whole", recall=1.0),
        result("half", recall=0.5),
        result("answered though unknown", right=0.0),
        result("abstained rightly"),
        result("leak", recall=1.0, leaks=2.0),
    )
    faults = [(fault.result.id, fault.metric) for fault in worst(report, 10)]
    assert faults == [
        ("leak", "leaks"),
        ("answered though unknown", "abstention"),
        ("half", "citation_recall"),
    ]
    page = render_page(report)
    assert "abstention: answered, and it is not answerable" in page


def test_markdown_stays_short_whatever_is_asked_and_however_little_changes():
    report = of_answers(*(result(str(n), recall=0.5, question="why " * 5000) for n in range(30)))
    other = replace(report, config={"answering": {"passages_read": 5}})
    markdown = render_markdown(report, compare(report, other))
    assert len(markdown) < 6000
    assert "2 figures are unchanged." in markdown
    assert "- `answering.passages_read`: 5 -> 4" in markdown
    assert "<details><summary>1 more figures" in markdown
    assert len(render_run(report)) < 40_000


def test_a_group_says_how_many_it_has():
    results = [result(str(n), recall=1.0, tags={"kind": "a" if n else "b"}) for n in range(5)]
    report = replace(of_answers(*results), slices=slices_of(results, "citation_recall"))
    page = render_page(report)
    assert '<td>kind: a</td><td class="number">4</td>' in page
    assert '<td>kind: b</td><td class="number">1</td>' in page
