"""A run as JUnit's XML, and what an answer cost in money."""

import json
from xml.etree import ElementTree as ET

from api.cli import main
from evaluate.datasets.recorded_outputs import output_of
from evaluate.reports.html_page import render_page
from evaluate.reports.junit import render_run
from evaluate.runners.answers import evaluate_outputs
from evaluate.scoring.judging import Judges
from generate.llm.registry import Price
from generate.types import Answer, Usage
from tests.evaluate.conftest import write_lines

RIGHT = {"document": "fog horn", "quote": "The fog horn of Marrow Point was built in 1931."}
SECRET = {"document": "salary", "quote": "The harbour master earns four thousand crowns a month."}
OUTPUTS = [
    {"id": "a1", "answer": "It was built in 1931. [1]", "citations": [RIGHT], "seconds": 0.25,
     "model": "big", "prompt_tokens": 1000, "completion_tokens": 100},
    {"id": "a2", "answer": "Cake.\x00\x1b", "citations": [{**RIGHT, "quote": "cake \x00"}],
     "model": "big", "prompt_tokens": 3000, "completion_tokens": 100},
    {"id": "u1", "abstained": True, "model": "small", "prompt_tokens": 10},
    {"id": "u2", "answer": "Four thousand. [1]", "citations": [SECRET], "cost": 0.5},
]  # fmt: skip


def run_of(questions, tmp_path, **changes):
    write_lines(tmp_path / "outputs.jsonl", OUTPUTS)
    file = tmp_path / "outputs.jsonl"
    return evaluate_outputs(questions, file, Judges(), progress=False, **changes)


def test_a_run_has_a_case_for_each_question_that_fails_for_a_reason(questions, tmp_path):
    suite = ET.fromstring(render_run(run_of(questions, tmp_path)))
    cases = {case.get("name").split(":")[0]: case for case in suite.findall("testcase")}
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", "2", "0")
    assert cases["a1"].find("failure") is None
    assert cases["a1"].get("time") == "0.250"
    assert "answer_in_quote@2 is 0.000" in cases["a2"].find("failure").get("message")
    assert cases["u1"].find("failure") is None
    assert "leaks" in cases["u2"].find("failure").get("message")
    names = {each.get("name"): each.get("value") for each in suite.iter("property")}
    assert names["leaks"] == "1.000"


def test_tokens_are_priced_by_the_list_of_models_unless_the_cost_is_given(questions, tmp_path):
    prices = {"big": Price(prompt=2.0, completion=10.0)}
    report = run_of(questions, tmp_path, prices=prices)
    costs = {result.id: result.facts["cost"] for result in report.results}
    assert costs == {"a1": 0.003, "a2": 0.007, "u1": None, "u2": 0.5}
    assert report.metrics["cost"] == (0.003 + 0.007 + 0.5) / 3
    assert "3 of 4 questions, 0.51 in all" in report.measures["cost"].score.reason
    assert "<code>cost</code>" in render_page(report)


def test_where_no_model_has_a_price_the_cost_is_not_called_nothing():
    written_answer = Answer("answered", "It is.", (), (), Usage(100, 10), "s", "big")
    assert output_of("q", written_answer).cost is None
    quoted_answer = Answer("answered", "It is.", (), (), Usage(), "s", "quote")
    assert output_of("q", quoted_answer).cost == 0


def test_the_command_writes_junit(questions, tmp_path, capsys):
    write_lines(tmp_path / "outputs.jsonl", OUTPUTS)
    code = main(
        ["evaluate", "outputs", str(questions), "--outputs", str(tmp_path / "outputs.jsonl"),
         "--junit", str(tmp_path / "junit.xml"), "--data", str(tmp_path / "data"), "--json"]
    )  # fmt: skip
    assert code == 0
    assert json.loads(capsys.readouterr().out)["metrics"]["leaks"] == 1
    assert ET.parse(tmp_path / "junit.xml").getroot().get("tests") == "4"
