"""A sweep chooses on some documents and is read on others."""

import json

import pytest

from api.cli import main
from evaluate.datasets.loading import load_retrieval
from evaluate.datasets.schema import Sample
from evaluate.errors import EvaluationError
from evaluate.reports.report import write_report
from evaluate.runners.sweep import combinations, split_by_document, sweep, sweep_json
from tests.evaluate.conftest import write_lines


def town(tmp_path, count=16):
    folder = tmp_path / "streets"
    names = [f"street{at}" for at in range(count)]
    write_lines(
        folder / "corpus.jsonl",
        [
            {"_id": n, "text": f"The {n} leads to the mill number {at}."}
            for at, n in enumerate(names)
        ],
    )
    write_lines(
        folder / "questions.jsonl",
        [{"id": f"q {n}", "question": f"Where does {n} lead?", "gold": [n]} for n in names],
    )
    return folder


def test_no_document_is_on_both_sides():
    samples = [
        Sample(id=str(at), question="?", gold=(f"d{at % 30}", f"d{(at * 7) % 30}"))
        for at in range(60)
    ] + [Sample(id=f"s{at}", question="?", gold=(f"e{at}",)) for at in range(60)]
    sides = split_by_document(samples)
    by_side = {side: set() for side in ("tuning", "test")}
    for sample in samples:
        by_side[sides[sample.id]].update(sample.gold)
    assert not by_side["tuning"] & by_side["test"]
    assert all(by_side.values())


def test_every_combination_is_tried_and_the_best_comes_first(tmp_path, dependencies):
    folder = town(tmp_path)
    grid = {"dense_weight": [0.0, 1.0], "feedback_passages": [0, 3]}
    result = sweep(folder, dependencies, grid, progress=False)
    assert len(result.trials) == 4
    figures = [trial.tuning for trial in result.trials]
    assert figures == sorted(figures, reverse=True)
    assert result.tuning_questions + result.test_questions == 16
    assert result.test_questions > 0
    sides = split_by_document(load_retrieval(folder).samples)
    assert result.test_questions == sum(side == "test" for side in sides.values())
    json.dumps(sweep_json(result))


def test_another_way_to_cut_texts_is_tried_in_a_store_of_its_own(tmp_path, dependencies):
    sweep(town(tmp_path), dependencies, {"chunk.max_tokens": [40]}, progress=False)
    assert len(list(dependencies.cache.glob("*/complete.json"))) == 2


def test_a_name_that_cannot_be_set_is_refused_with_those_that_can(tmp_path, dependencies):
    with pytest.raises(EvaluationError, match=r"'weight' cannot be set.*dense_weight"):
        sweep(town(tmp_path), dependencies, {"weight": [1]}, progress=False)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("dense_weight", 5, "dense_weight cannot be 5"),
        ("dense_weight", float("nan"), "dense_weight cannot be nan"),
        ("candidates", 1.5, "candidates is a whole number"),
        ("candidates", 0, "candidates cannot be 0"),
        ("chunk.max_tokens", 0, "chunk.max_tokens cannot be 0"),
        ("reranker", 1, "No reranker is configured"),
    ],
)
def test_a_value_that_cannot_be_is_refused_before_anything_is_measured(
    tmp_path, dependencies, name, value, message
):
    with pytest.raises(EvaluationError, match=message):
        sweep(tmp_path / "not read", dependencies, {name: [value]}, progress=False)


def test_too_few_questions_are_told_before_anything_is_measured(tmp_path, dependencies):
    with pytest.raises(EvaluationError, match="Too few questions"):
        sweep(town(tmp_path, count=1), dependencies, {"dense_weight": [0.5]}, progress=False)
    assert not list(dependencies.cache.glob("*/complete.json"))


def test_the_best_is_a_report_of_the_test_questions_beside_the_shipped_one(tmp_path, dependencies):
    result = sweep(town(tmp_path), dependencies, {"dense_weight": [0.0, 1.0]}, progress=False)
    write_report(result.best, tmp_path / "out", result.base)
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert len(report["results"]) == report["counts"]["queries"] == result.test_questions
    assert report["metrics"]["ndcg@10"] == result.test.after
    assert len(report["config"]["sweep on other questions"]["trials"]) == 2
    assert "retrieval.dense_weight" in (tmp_path / "out/report.md").read_text()


def test_combinations_are_the_product():
    assert list(combinations({"a": [1, 2], "b": [3]})) == [{"a": 1, "b": 3}, {"a": 2, "b": 3}]


def test_a_value_that_is_no_number_is_refused(tmp_path, capsys):
    assert main(["evaluate", "sweep", str(town(tmp_path)), "--set", "dense_weight=much"]) == 2
    assert "with numbers" in capsys.readouterr().err
