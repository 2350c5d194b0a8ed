"""A sweep chooses on some documents and is read on others."""

import json

import pytest

from api.cli import main
from evaluate.datasets import load_retrieval
from evaluate.errors import EvaluationError
from evaluate.samples import Sample
from evaluate.sweep import combinations, split_by_document, sweep, sweep_json
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


def test_every_combination_is_tried_and_the_best_comes_first(tmp_path, parts):
    folder = town(tmp_path)
    grid = {"dense_weight": [0.0, 1.0], "feedback_passages": [0, 3]}
    found = sweep(folder, parts, grid, progress=False)
    assert len(found.trials) == 4
    figures = [trial.tuning for trial in found.trials]
    assert figures == sorted(figures, reverse=True)
    assert found.tuning_questions + found.test_questions == 16
    assert found.test_questions > 0
    sides = split_by_document(load_retrieval(folder).samples)
    assert found.test_questions == sum(side == "test" for side in sides.values())
    json.dumps(sweep_json(found))


def test_another_way_to_cut_texts_is_tried_in_a_store_of_its_own(tmp_path, parts):
    sweep(town(tmp_path), parts, {"chunk.max_tokens": [40]}, progress=False)
    assert len(list(parts.cache.glob("*/complete.json"))) == 2


def test_a_name_that_cannot_be_set_is_refused_with_those_that_can(tmp_path, parts):
    with pytest.raises(EvaluationError, match=r"'weight' cannot be set.*dense_weight"):
        sweep(town(tmp_path), parts, {"weight": [1]}, progress=False)


def test_combinations_are_the_product():
    assert list(combinations({"a": [1, 2], "b": [3]})) == [{"a": 1, "b": 3}, {"a": 2, "b": 3}]


def test_a_value_that_is_no_number_is_refused(tmp_path, capsys):
    assert main(["evaluate", "sweep", str(town(tmp_path)), "--set", "dense_weight=much"]) == 2
    assert "with numbers" in capsys.readouterr().err
