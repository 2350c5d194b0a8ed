import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from evaluate.metrics.bootstrap import Interval
from evaluate.metrics.score import Score
from evaluate.reports.report import report_json, summary_json, write_report
from evaluate.scoring.results import Curve, Measure, Report, Result, average, worst

HOSTILE = '<script>alert(1)</script> "quoted" | `tick` & more'


@pytest.fixture
def report():
    results = (
        Result("q1", HOSTILE, {"ndcg@10": Score(0.25, "1 of 2")}, {"ranking": [HOSTILE]}),
        Result("q2", "Fine?", {"ndcg@10": Score(1.0, "2 of 2")}),
        Result("q3", "Unknown?", {"ndcg@10": Score.unjudged("nothing is judged")}),
    )
    measures = average(results, ["ndcg@10"])
    measures["latency_p50_ms"] = Measure(Score(1234.5, "of 3 questions"))
    measures["auroc"] = Measure(Score.unjudged("one kind only"), Interval(0.1, 0.2))
    return Report(
        kind="retrieval",
        dataset=HOSTILE,
        fingerprint="ab" * 32,
        headline="ndcg@10",
        measures=measures,
        results=results,
        config={"embedder": "fake", "retrieval": {"dense_weight": 0.4}},
        counts={"documents": 3, "questions": 3},
        started_at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        seconds=1.25,
        curves=(Curve("Risk", "answered", "wrong", ((0.5, 0.0), (1.0, 0.5))),),
        warnings=(HOSTILE,),
    )


class Page(HTMLParser):
    """Collects tags, texts and anything that would be fetched."""

    VOID = frozenset({"meta", "br", "link", "img", "wbr"})

    def __init__(self, source):
        super().__init__()
        self.tags, self.addresses, self.text, self.open = [], [], "", []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in {"src", "href", "xlink:href"}]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_three_files_are_written(report, tmp_path):
    paths = write_report(report, tmp_path / "out")
    assert sorted(path.name for path in paths) == ["report.html", "report.json", "report.md"]
    assert all(path.stat().st_size for path in paths)


def test_the_page_is_well_formed_and_fetches_nothing(report, tmp_path):
    write_report(report, tmp_path)
    source = (tmp_path / "report.html").read_text()
    page = Page(source)
    assert page.open == []
    assert page.addresses == []
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert "url(" not in source
    assert "@import" not in source
    assert "prefers-color-scheme: dark" in source
    assert "@media print" in source


def test_hostile_text_is_shown_as_text(report, tmp_path):
    write_report(report, tmp_path)
    assert HOSTILE in Page((tmp_path / "report.html").read_text()).text
    markdown = (tmp_path / "report.md").read_text()
    assert "<script>" not in markdown.replace("\\<script\\>", "")


def test_the_numbers_of_the_page_and_of_markdown_equal_the_json(report, tmp_path):
    write_report(report, tmp_path)
    page = Page((tmp_path / "report.html").read_text()).text
    markdown = (tmp_path / "report.md").read_text()
    metrics = json.loads((tmp_path / "report.json").read_text())["metrics"]
    assert metrics == {"ndcg@10": 0.625, "latency_p50_ms": 1234.5, "auroc": None}
    for text in (page, markdown):
        assert "0.625" in text
        assert re.search(r"1,23[45]", text)


def test_what_could_not_be_judged_is_null_with_a_reason_and_not_counted(report):
    text = report_json(report)
    assert text["results"][2]["scores"]["ndcg@10"] == {
        "value": None,
        "reason": "nothing is judged",
    }
    assert text["reasons"]["ndcg@10"] == "mean of 2 of 3"
    assert text["intervals"]["latency_p50_ms"] is None


def test_the_summary_is_json_without_the_samples(report):
    summary = summary_json(report)
    assert "results" not in summary
    assert json.loads(json.dumps(summary))["metrics"]["ndcg@10"] == 0.625


def test_the_worst_samples_come_lowest_first_and_unjudged_ones_stay_out(report):
    assert [fault.result.id for fault in worst(report, 5)] == ["q1"]
