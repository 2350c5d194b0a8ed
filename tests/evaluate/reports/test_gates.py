"""A run is compared with its baseline question by question, and held against rules."""

from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from api.cli import main
from evaluate.errors import InvalidRulesError, UnknownRunError
from evaluate.metrics.score import Score
from evaluate.reports.gates import GateRule, GateRules, check_gates, read_rules
from evaluate.reports.junit import render_gate
from evaluate.reports.report import report_json, write_report
from evaluate.reports.run_files import find_baseline, find_run, load_report
from evaluate.scoring.aggregates import measure_answers
from evaluate.scoring.comparison import compare
from evaluate.scoring.results import Report, Result, average


def retrieval(values, **config):
    results = tuple(
        Result(f"q{at}", f"Question {at}?", {"ndcg@10": Score(value, "as given")})
        for at, value in enumerate(values)
    )
    return Report(
        kind="retrieval",
        dataset="harbour",
        fingerprint="ab" * 32,
        headline="ndcg@10",
        measures=average(results, ["ndcg@10"]),
        results=results,
        config={"retrieval": {"dense_weight": 0.6, **config}},
        counts={"queries": len(results)},
        started_at=datetime(2026, 1, 2, tzinfo=UTC),
        seconds=1.0,
    )


def answers(confident, *, leak=0.0):
    results = tuple(
        Result(
            f"q{at}",
            f"Question {at}?",
            {"answer_in_quote@2": Score(1.0, "it is there"), "leaks": Score(leak, "hidden 'pay'")},
            {
                "answerable": at % 2 == 0,
                "abstained": confidence < 0.5,
                "confidence": confidence,
                "seconds": 0.1,
            },
        )
        for at, confidence in enumerate(confident)
    )
    whole = retrieval([1.0])
    measures = measure_answers(results, "answer_in_quote@2")
    return replace(
        whole, kind="answers", results=results, measures=measures, headline="answer_in_quote@2"
    )


def rules(**limits):
    metric = limits.pop("metric", "ndcg@10")
    return GateRules(rules=(GateRule(metric=metric, **limits),))


GOOD = [0.9, 0.8, 1.0, 0.7] * 10


def test_a_significant_fall_breaks_the_rule_and_names_figures_questions_and_settings():
    fallen = retrieval([value - 0.3 for value in GOOD], dense_weight=0.0)
    [outcome] = check_gates(fallen, retrieval(GOOD), rules(fall=0.0))
    assert not outcome.is_kept
    assert "went from 0.850 to 0.550" in outcome.reason
    assert "40 questions lost, 0 won" in outcome.reason
    assert "retrieval.dense_weight: 0.6 -> 0.0" in outcome.reason


def test_noise_and_gains_keep_the_rule():
    noisy = retrieval([v + (0.1 if at % 2 else -0.1) for at, v in enumerate(GOOD)])
    assert check_gates(noisy, retrieval(GOOD), rules(fall=0.0))[0].is_kept
    better = retrieval([min(1.0, value + 0.1) for value in GOOD])
    assert check_gates(better, retrieval(GOOD), rules(fall=0.0))[0].is_kept


def test_a_significant_fall_within_the_tolerance_is_let_pass():
    slightly = retrieval([value - 0.005 for value in GOOD])
    assert check_gates(slightly, retrieval(GOOD), rules(fall=0.01))[0].is_kept
    assert not check_gates(slightly, retrieval(GOOD), rules(fall=0.001))[0].is_kept


def test_limits_hold_without_any_fall():
    run = retrieval(GOOD)
    assert not check_gates(run, run, rules(minimum=0.9))[0].is_kept
    assert check_gates(run, run, rules(minimum=0.8, maximum=0.9))[0].is_kept
    assert not check_gates(run, run, rules(maximum=0.5))[0].is_kept


def test_a_metric_that_is_missing_or_could_not_be_judged_breaks_its_rule():
    run = retrieval(GOOD)
    assert "does not have it" in check_gates(run, run, rules(metric="mrr@10"))[0].reason
    unjudged = replace(run, measures=average([], ["ndcg@10"]))
    assert "could not be judged" in check_gates(unjudged, run, rules(fall=0.0))[0].reason


def test_runs_of_different_data_are_not_compared():
    other = replace(retrieval(GOOD), fingerprint="cd" * 32)
    assert "different data" in check_gates(other, retrieval(GOOD), rules(fall=0.0))[0].reason


def test_a_leak_breaks_a_rule_and_says_which_question():
    tight = [0.9, 0.1] * 20
    outcome = check_gates(
        answers(tight, leak=1.0), answers(tight), rules(metric="leaks", maximum=0)
    )[0]
    assert not outcome.is_kept
    assert "the first: q0, hidden 'pay'" in outcome.reason


def test_a_fall_of_a_figure_over_all_questions_is_seen_by_resampling_both_runs():
    sharp, blunt = answers([0.9, 0.1] * 20), answers([0.9, 0.9, 0.1, 0.1] * 10)
    change = compare(blunt, sharp).changes["abstention_auroc"]
    assert change.before == 1
    assert change.difference == pytest.approx(-0.5)
    assert change.worse
    assert not check_gates(blunt, sharp, rules(metric="abstention_auroc", fall=0.05))[0].is_kept


def test_for_times_and_leaks_less_is_better():
    slow = answers([0.9, 0.1] * 20)
    slow = replace(
        slow,
        results=tuple(replace(r, facts={**r.facts, "seconds": 0.5}) for r in slow.results),
    )
    change = compare(slow, answers([0.9, 0.1] * 20)).changes["latency_p50_ms"]
    assert change.worse


def test_the_questions_that_moved_most_come_first():
    scores = list(GOOD)
    scores[3], scores[7] = 0.0, 0.5
    movers = compare(retrieval(scores), retrieval(GOOD)).movers
    assert [after.id for _, after in movers] == ["q3", "q7"]


def test_a_report_is_read_back_from_its_json_as_it_was(tmp_path):
    run = answers([0.9, 0.1, 0.6, 0.4])
    write_report(run, tmp_path)
    assert report_json(load_report(tmp_path / "report.json")) == report_json(run)


def test_runs_are_found_by_path_by_name_and_as_the_latest(tmp_path):
    for name in ("20260101-a", "20260202-b"):
        write_report(retrieval(GOOD), tmp_path / name)
    assert find_run("latest", tmp_path).parent.name == "20260202-b"
    assert find_run("20260101-a", tmp_path).parent.name == "20260101-a"
    assert find_run(str(tmp_path / "20260101-a"), tmp_path / "elsewhere").is_file()
    with pytest.raises(UnknownRunError):
        find_run("nothing", tmp_path)
    (tmp_path / "report.json").write_text("{}")
    with pytest.raises(UnknownRunError, match="not a report"):
        load_report(tmp_path / "report.json")


def test_the_latest_of_a_kind_is_told_from_a_data_set_that_is_called_like_it(tmp_path):
    names = ("20260101-120000-000001-answers-town", "20260102-120000-000001-ragas-x-answers-y")
    for name in names:
        write_report(retrieval(GOOD), tmp_path / name)
    assert find_run("latest", tmp_path, kind="answers").parent.name == names[0]
    assert find_run("latest", tmp_path).parent.name == names[1]


def test_the_latest_baseline_is_the_run_before_of_the_same_kind_and_data(tmp_path):
    names = [
        "20260101-120000-000001-answers-town",
        "20260102-120000-000001-answers-other",
        "20260103-120000-000001-retrieval-town",
        "20260104-120000-000001-answers-town",
    ]
    for name in names:
        write_report(retrieval(GOOD), tmp_path / name)
    assert find_baseline("latest", tmp_path, names[3]).parent.name == names[0]
    assert find_baseline("latest", tmp_path, names[0]).parent.name == names[0]
    assert find_baseline(names[1], tmp_path, names[3]).parent.name == names[1]
    with pytest.raises(UnknownRunError, match="no earlier run"):
        find_baseline("latest", tmp_path, "20260104-120000-000001-verifier-claims")


def test_a_rule_that_names_a_metric_alone_forbids_every_significant_fall(tmp_path):
    (tmp_path / "gates.yaml").write_text("rules: [{metric: ndcg@10}]")
    rules = read_rules(tmp_path / "gates.yaml")
    assert [o.is_kept for o in check_gates(retrieval(GOOD), retrieval(GOOD), rules)] == [True]
    assert [o.is_kept for o in check_gates(retrieval([0.1] * 40), retrieval(GOOD), rules)] == [
        False
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules: [{metric: x, minimum: .nan}]", "minimum"),
        ("rules: []", "rules"),
        ("rules: [{metric: x, fal: 1}]", "fal"),
        ("rules: [{metric: x, fall: -1}]", "fall"),
        ("{", "cannot be read"),
    ],
)
def test_rules_that_do_not_fit_are_refused_with_the_place(tmp_path, text, message):
    file = tmp_path / "gates.yaml"
    file.write_text(text)
    with pytest.raises(InvalidRulesError, match=message):
        read_rules(file)
    with pytest.raises(InvalidRulesError):
        read_rules(tmp_path / "missing.yaml")


def test_junit_has_a_case_for_each_rule_and_the_reason_of_each_failure():
    run = retrieval(GOOD)
    outcomes = check_gates(
        run,
        run,
        GateRules(rules=(GateRule(metric="ndcg@10", minimum=0.99), GateRule(metric="ndcg@10"))),
    )
    suite = ET.fromstring(render_gate(outcomes, "<harbour>"))
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert "below 0.99" in suite.find("testcase/failure").get("message")


def test_the_command_exits_with_one_and_says_why(tmp_path, capsys):
    write_report(retrieval(GOOD), tmp_path / "before")
    write_report(retrieval([0.1] * 40, dense_weight=0.0), tmp_path / "after")
    (tmp_path / "gates.yaml").write_text("rules:\n- metric: ndcg@10\n  fall: 0.01\n")
    gate = [
        "evaluate", "gate", str(tmp_path / "after"), "--baseline", str(tmp_path / "before"),
        "--rules", str(tmp_path / "gates.yaml"), "--junit", str(tmp_path / "junit.xml"),
        "--markdown", str(tmp_path / "gates.md"), "--data", str(tmp_path / "data"),
    ]  # fmt: skip
    assert main(gate) == 1
    assert "BROKEN ndcg@10 went from 0.850 to 0.100" in capsys.readouterr().out
    assert "broken" in (tmp_path / "gates.md").read_text()
    assert ET.parse(tmp_path / "junit.xml").getroot().get("failures") == "1"
    gate[2] = str(tmp_path / "before")
    assert main(gate) == 0


def test_the_run_itself_as_its_baseline_is_said(tmp_path, capsys):
    write_report(retrieval(GOOD), tmp_path / "only")
    (tmp_path / "gates.yaml").write_text("rules: [{metric: ndcg@10}]")
    only = str(tmp_path / "only")
    gate = ["evaluate", "gate", only, "--baseline", only, "--rules", str(tmp_path / "gates.yaml")]
    assert main([*gate, "--data", str(tmp_path / "data")]) == 0
    assert "its own baseline" in capsys.readouterr().err


@pytest.mark.parametrize(
    "extra",
    [
        ("--baseline", "nothing"),
        ("--out", "{folder}/file"),
        ("--junit", "{folder}/file/junit.xml"),
    ],
)
def test_what_cannot_be_compared_or_written_is_said_before_anything_is_measured(
    tmp_path, capsys, extra
):
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "claims.jsonl").write_text("not read")
    arguments = [each.format(folder=tmp_path) for each in extra]
    command = ["evaluate", "verifier", str(tmp_path / "claims.jsonl"), *arguments]
    assert main([*command, "--data", str(tmp_path / "data")]) in {1, 2}
    message = capsys.readouterr().err
    assert "There is no run" in message or "cannot be written" in message
