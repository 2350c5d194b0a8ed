"""The page says what the JSON says, and shows where an answer came from."""

import json
import re
from dataclasses import replace

from evaluate.reports.html_samples import highlight
from evaluate.reports.report import write_report
from evaluate.runners.answers import evaluate_answers


def test_every_number_of_the_page_is_the_number_of_the_json(
    questions, dependencies, answering, tmp_path
):
    report = evaluate_answers(questions, dependencies, answering, progress=False)
    slower = tuple(
        replace(r, facts={**r.facts, "seconds": r.facts["seconds"] + 1}) for r in report.results
    )
    write_report(report, tmp_path, replace(report, results=slower))
    page = (tmp_path / "report.html").read_text()
    metrics = json.loads((tmp_path / "report.json").read_text())["metrics"]
    figures = dict(re.findall(r'data-metric="([^"]+)" data-value="([^"]+)"', page))
    assert {name: float(value) for name, value in figures.items()} == {
        name: value for name, value in metrics.items() if value is not None
    }
    assert "Against the baseline, 5 questions" in page
    assert "Unchanged: " in page
    assert "By group" in page


def test_quotes_are_marked_in_their_passage_and_hostile_text_stays_text():
    assert highlight("It was built <b>in</b> 1931.", ["built <b>in</b>", "missing", ""]) == (
        "It was <mark>built &lt;b&gt;in&lt;/b&gt;</mark> 1931."
    )
    assert highlight("one two three", ["one two", "two three"]) == "<mark>one two three</mark>"
