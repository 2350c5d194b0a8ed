"""A capacity plan is arithmetic that one can check by hand."""

import json

import pytest

from api.capacity.catalogue import GPUS, MODELS
from api.capacity.generation import plan_generation
from api.capacity.plan import make_plan
from api.capacity.plan_text import plan_lines, shown
from api.capacity.quantity import Quantity, computed
from api.capacity.scenario import Scenario
from api.cli import main
from api.errors import UsageError

MILLION = Scenario(chunks=1_000_000, readable=0.2, asks_per_minute=120, model="8b")


def test_the_published_cache_of_a_token_comes_out():
    assert MODELS["8b"].cache_bytes == 131_072
    assert MODELS["70b"].cache_bytes == 327_680


def test_an_ask_costs_its_constant_and_the_search_of_what_is_readable():
    plan = make_plan(MILLION)
    seconds = 0.19 + 0.11 * 0.2
    assert plan.figure("Services", "an ask").value == pytest.approx(seconds)
    assert plan.figure("Services", "cores").value == pytest.approx(2 * seconds / 0.6)
    assert plan.figure("Storage", "database").value == pytest.approx(7.2e9)


def test_a_lone_sequence_on_one_gpu_is_bound_by_reading_the_weights():
    quiet = Scenario(chunks=1, asks_per_minute=0.001, model="8b", gpu="h100", prompt_tokens=1)
    engine = plan_generation(quiet).engine
    weights = 8.03e9 * 2 / (0.6 * 3.35e12)
    assert engine.step_seconds == pytest.approx(weights, rel=0.01)
    assert (engine.gpus, plan_generation(quiet).engines) == (1, 1)


def test_a_model_that_one_gpu_cannot_hold_is_split_over_a_power_of_two():
    large = Scenario(chunks=1, asks_per_minute=1, model="70b", gpu="h100")
    assert plan_generation(large).engine.gpus == 4
    halved = Scenario(chunks=1, asks_per_minute=1, model="70b", gpu="h100", weight_bytes=1)
    assert plan_generation(halved).engine.gpus == 2


def test_more_asks_need_no_fewer_gpus_and_no_answer_is_later_than_permitted():
    counts = []
    for asks in (1, 60, 600, 6_000):
        scenario = Scenario(chunks=1000, asks_per_minute=asks, model="8b", gpu="l40s")
        plan = make_plan(scenario)
        counts.append(plan.figure("Language model", "GPUs").value)
        assert plan.figure("Language model", "whole answer").value <= scenario.answer_seconds
        assert plan.figure("Language model", "sequences at a time").value <= 256
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


def test_independent_errors_add_as_squares_of_logarithms():
    twice = Quantity("a", 1, "", 2, "")
    both = computed("c", 8, "", "a x b", [twice, twice])
    assert both.factor == pytest.approx(2**2**0.5)
    assert (both.low, both.high) == pytest.approx((8 / both.factor, 8 * both.factor))
    assert computed("d", 8, "", "given", []).factor == 1


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"readable": 0}, "--readable"),
        ({"chunks": 0}, "above 0"),
        ({"asks_per_minute": float("nan")}, "number"),
        ({"model": "9b"}, "1.5b"),
        ({"gpu": "abacus"}, "h100"),
    ],
)
def test_what_no_deployment_has_is_refused(changes, word):
    with pytest.raises(UsageError, match=word):
        Scenario(**({"chunks": 10} | changes))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"model": "70b", "gpu": "l4"}, "do not hold"),
        ({"model": "32b", "gpu": "a100", "answer_seconds": 0.5}, "Even alone"),
        ({"model": "8b", "gpu": "l4", "asks_per_minute": 1e9}, "No number"),
    ],
)
def test_a_plan_that_cannot_be_made_says_what_to_change(changes, word):
    with pytest.raises(UsageError, match=word):
        make_plan(Scenario(**({"chunks": 10, "answer_seconds": 60} | changes)))


def test_the_page_names_each_figure_with_its_range_and_formula():
    text = "\n".join(plan_lines(make_plan(MILLION)))
    assert "| database | 7.2 GB | 5.14 GB to 10.1 GB | bytes a chunk x chunks" in text
    for name in ("Services", "Storage", "Ingestion", "Language model", "Evaluation", "Cost"):
        assert f"## {name}" in text


def test_answers_by_quotes_need_no_gpu():
    plan = make_plan(Scenario(chunks=10_000))
    assert plan.figure("Cost", "GPUs").value == 0
    assert plan.figure("Answers by quotes", "whole answer").value < 1


def test_an_index_beyond_a_machine_is_said():
    text = "\n".join(plan_lines(make_plan(Scenario(chunks=100_000_000, node_memory=32e9))))
    assert "does not fit into a machine's memory" in text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (2.5e9, "bytes", "2.5 GB"), (0.012, "s", "12 ms"), (90, "s", "1.5 min"),
        (2044, "$ a month", "$2,044 a month"), (1.2, "cards", "2 cards"), (0, "bytes", "0 B"),
    ],
)  # fmt: skip
def test_numbers_are_shown_in_the_size_that_people_read(value, unit, text):
    assert shown(value, unit) == text


def test_the_command_prints_json_and_refuses_in_one_line(capsys):
    assert main(["plan", "--chunks", "1000", "--model", "8B", "--gpu", "H200", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["scenario"]["model"] == "8b"
    assert {section["title"] for section in printed["sections"]} >= {"Services", "Cost"}
    assert main(["plan", "--chunks", "1000", "--gpu", "none"]) == 2
    assert capsys.readouterr().err.startswith("footnote: --gpu is one of")
    assert GPUS["h200"].memory == 141e9
