"""RAGAS' own metrics over a run, in RAGAS' own process, with a judge whose words are scripted."""

import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from api.cli import main
from evaluate.errors import InvalidDatasetError, RagasMissingError, UnknownJudgeError
from evaluate.ragas.judge import ATTEMPTS, GIVE_UP, Judge, ReplyCache, judge_spec
from evaluate.ragas.run import evaluate_ragas
from evaluate.ragas.session import AT_ONCE, RagasProcess, RagasTask
from evaluate.ragas.worker import CORRECTIONS, METRICS
from evaluate.reports.report import report_json, write_report
from evaluate.reports.run_files import report_from
from evaluate.runners.answers import evaluate_outputs
from evaluate.scoring.judging import Judges
from generate.llm.openai_client import ModelEndpoint, OpenAIModel
from generate.llm.registry import ModelSpec, Price, Registry
from tests.conftest import missing
from tests.evaluate.conftest import write_lines
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.model_server import running_model_server
from tests.fakes.ragas_judge import judge as scripted

PYTHON = Path(os.environ.get("FOOTNOTE_TEST_RAGAS", ".venv-ragas/bin/python")).absolute()
JUDGED = [name for name, metric in METRICS.items() if "llm" in metric.asks]
PLAIN = [name for name, metric in METRICS.items() if not metric.asks]
ANSWER = "The fog horn of Marrow Point was built in 1931. It is red. [1]"
FIELDS = {
    "user_input": "When was the fog horn of Marrow Point built?",
    "response": "The fog horn of Marrow Point was built in 1931. It is red.",
    "reference": "It was built in 1931. The fog horn of Marrow Point was built in 1931.",
    "retrieved_contexts": ["It is red.", "The fog horn of Marrow Point was built in 1931. Yes."],
}


@pytest.fixture(scope="module")
def ragas():
    if not PYTHON.exists():
        missing("RAGAS", "Run `make ragas`.")
    with RagasProcess(PYTHON, FakeEmbedder(dimension=64)) as process:
        yield process


@pytest.fixture
def judging():
    """Make judges that ask a server; what they wait is counted and not waited."""
    with httpx.Client() as client:

        def make(server, **settings):
            endpoint = ModelEndpoint("scripted", server.url, attempts=1, stall_s=5)
            waited = settings.setdefault("sleep", [].append)
            assert callable(waited)
            return Judge(OpenAIModel(endpoint, client), **settings)

        yield make


@pytest.fixture
def run(questions, tmp_path):
    """Return recorded answers to the town's questions, judged by what needs no model."""
    outputs = tmp_path / "outputs.jsonl"
    passages = [{"document": "fog horn", "text": text} for text in FIELDS["retrieved_contexts"]]
    write_lines(
        outputs,
        [
            {"id": "a1", "answer": ANSWER, "passages": passages},
            {"id": "a2", "answer": "It sells rye bread.", "passages": passages},
            {"id": "u1", "abstained": True},
        ],
    )
    return evaluate_outputs(questions, outputs, Judges(), progress=False)


def jobs_of(names, fields=FIELDS):
    return [RagasTask("a1", name, {n: fields[n] for n in METRICS[name].needs}) for name in names]


def test_every_judged_metric_has_the_value_that_its_definition_gives(ragas, judging):
    with running_model_server(speak=scripted) as server:
        scores = ragas.score(jobs_of(JUDGED), judging(server), progress=False)
    scores_by_metric = dict(zip(JUDGED, scores, strict=True))
    assert all(score.value is not None for score in scores), scores_by_metric
    values = {name: score.value for name, score in scores_by_metric.items()}
    assert values["faithfulness"] == 1.0  # both sentences stand in a passage
    assert values["response_groundedness"] == 1.0
    assert values["context_precision"] == pytest.approx(0.5)  # the second of two is useful
    assert values["context_recall"] == 0.5  # one of the reference's two sentences
    assert values["factual_correctness"] == pytest.approx(0.5)  # one of two, both ways
    assert values["noise_sensitivity"] == 0.0  # what is wrong came from no useful passage
    assert 0 < values["answer_relevancy"] < 1
    assert scores_by_metric["context_recall"].reason.startswith(
        "1 of 2 verdicts are yes; the first no: It was"
    )


def test_metrics_without_a_model_equal_ragas_called_directly(ragas):
    draw = random.Random(3)
    words = ["the old", "ferry", "sank", '"in a storm of ice"', "near", "Elder", "Isle", "1887"]
    texts = [" ".join(draw.choices(words, k=draw.randint(3, 18))) + "." for _ in range(80)]
    rows = [
        {
            "response": texts[n],
            "reference": draw.choice([texts[n], texts[n + 1]]),
            "retrieved_contexts": [texts[n], texts[n + 2], texts[n + 3]],
            "reference_contexts": [texts[n + 2][:-3], texts[n + 4]],
        }
        for n in range(0, 50, 5)
    ]
    jobs = [job for row in rows for job in jobs_of(PLAIN, row)]
    ours = [score.value for score in ragas.score(jobs, None, progress=False)]
    requests = [[METRICS[job.metric].module, METRICS[job.metric].name, job.fields] for job in jobs]
    direct = subprocess.run(
        [PYTHON, "-c", DIRECT],
        input=json.dumps(requests),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ours == pytest.approx(json.loads(direct.stdout), abs=1e-9)
    assert len(set(ours)) > 25


DIRECT = """
import asyncio, importlib, inspect, json, sys
from ragas import SingleTurnSample

async def one(module, name, fields):
    metric = getattr(importlib.import_module(module), name)()
    if hasattr(metric, "single_turn_ascore"):
        return float(await metric.single_turn_ascore(SingleTurnSample(**fields)))
    return float((await metric.ascore(**fields)).value)

async def every():
    print(json.dumps([await one(*each) for each in json.load(sys.stdin)]))

asyncio.run(every())
"""


def test_a_run_says_which_metrics_ran_which_could_not_and_why(ragas, run, questions):
    report = evaluate_ragas(run, ragas, None, dataset=questions, progress=False)
    assert report.metrics["rouge_score"] is not None
    assert report.metrics["non_llm_context_recall"] is not None
    assert report.metrics["faithfulness"] is None
    could_not = {name for name, value in report.metrics.items() if value is None}
    assert could_not == set(JUDGED), report.warnings
    assert report.counts["metrics that ran"] == len(METRICS) - len(JUDGED)
    assert any(
        w == "faithfulness could not be computed: no judge is named (--judge)."
        for w in report.warnings
    )
    silent = next(result for result in report.results if result.id == "u1")
    assert {score.reason for score in silent.scores.values()} >= {"nothing was said"}
    assert report_from(report_json(report)).metrics == report.metrics


def test_without_the_question_set_reference_contexts_are_asked_for(ragas, run):
    names = ["non_llm_context_recall", "exact_match"]
    report = evaluate_ragas(run, ragas, None, metrics=names, progress=False)
    assert report.metrics["exact_match"] is not None
    assert "--dataset" in report.measures["non_llm_context_recall"].score.reason


def test_another_question_set_than_the_runs_is_refused(ragas, run, questions):
    other = replace(run, fingerprint="0" * 64)
    with pytest.raises(InvalidDatasetError):
        evaluate_ragas(other, ragas, None, dataset=questions, progress=False)


def test_what_was_judged_once_costs_nothing_again(ragas, run, judging, tmp_path):
    file = tmp_path / "judge" / "replies.jsonl"
    price = Price(prompt=1_000_000, completion=0)  # one for each token
    figures = []
    with running_model_server(speak=scripted) as server:
        for _ in range(2):
            judge = judging(server, cache=ReplyCache(file), price=price)
            names = ["faithfulness", "context_recall"]
            report = evaluate_ragas(run, ragas, judge, metrics=names, progress=False)
            figures.append((report.metrics, [result.scores for result in report.results]))
    first, second = figures
    assert first[0]["judge_cost"] == first[0]["judge_prompt_tokens"] > 1000
    assert first[0]["judge_calls"] == 6  # two answers: three prompts each
    assert second[0]["judge_cost"] == second[0]["judge_calls"] == 0
    assert first[1] == second[1]


def test_a_judge_that_is_busy_is_asked_again(ragas, judging):
    waited = []
    with running_model_server(speak=scripted, failures=2) as server:
        judge = judging(server, sleep=waited.append)
        score = ragas.score(jobs_of(["faithfulness"]), judge, progress=False)[0]
    assert score.value == 1.0
    assert (judge.spending.calls, judge.spending.failures) == (4, 2)
    assert waited == [0.5, 1.0]


def test_a_judge_that_talks_nonsense_is_told_so_and_then_could_not_judge(ragas, judging):
    with running_model_server(script="I would rather not.") as server:
        scores = ragas.score(
            jobs_of(["context_recall", "response_groundedness"]), judging(server), progress=False
        )
        recall = [r["messages"][0]["content"] for r in server.requests if "classif" in str(r)]
    assert [score.value for score in scores] == [None, None]
    assert all("does not fit what RAGAS asks for" in score.reason for score in scores)
    assert len(recall) == CORRECTIONS + 1
    assert "Reply with the JSON object alone." in recall[-1]


def test_a_judge_that_is_down_is_given_up_and_nothing_is_counted_as_zero(ragas, judging):
    jobs = jobs_of(["faithfulness", "context_recall", "factual_correctness"]) * 20
    with running_model_server(mode="unavailable") as server:
        judge = judging(server)
        scores = ragas.score(jobs, judge, progress=False)
        assert len(server.requests) <= (GIVE_UP + AT_ONCE) * ATTEMPTS
    assert all(score.value is None and "no reply" in score.reason for score in scores)


def test_a_process_that_ends_leaves_reasons_and_no_exception(tmp_path):
    dying = tmp_path / "python"
    first = '{"ready": "0.4.3"}'
    then = '{"scored": 1, "value": 0.5, "reason": "all is well"}'
    dying.write_text(f"#!/bin/sh\nread ignored &\necho '{first}'\necho '{then}'\n")
    dying.chmod(0o755)
    with RagasProcess(dying, FakeEmbedder(dimension=64)) as process:
        scores = process.score(jobs_of(["rouge_score"] * 4), None, progress=False)
    assert [score.value for score in scores] == [None, 0.5, None, None]
    assert "ended" in scores[0].reason


def test_a_python_without_ragas_is_named_and_so_is_the_remedy():
    for python in (Path(sys.executable), Path("/no/such/python")):
        with (
            pytest.raises(RagasMissingError, match=python.name),
            RagasProcess(python, FakeEmbedder(dimension=8)),
        ):
            pass


def test_ragas_process_can_open_no_connection():
    code = (
        "import sys, socket; sys.path.insert(0, 'evaluate/ragas'); import worker\n"
        "sys.addaudithook(worker.stay_here)\n"
        "there = ('127.0.0.1', 9)\n"
        "for go in (lambda: socket.create_connection(there),\n"
        "           lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', there)):\n"
        "    try: go()\n"
        "    except PermissionError as error: print(error)\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert process.stdout.count("opens no connection") == 2


def test_a_judge_is_a_listed_model_or_one_at_an_address():
    registry = Registry(models=(ModelSpec(name="big", url="http://inner:8000/v1"),))
    assert judge_spec(registry, "big", None).base == "http://inner:8000"
    assert judge_spec(registry, "other", "http://there").url == "http://there"
    with pytest.raises(UnknownJudgeError, match="big"):
        judge_spec(registry, "other", None)
    with pytest.raises(UnknownJudgeError):
        judge_spec(registry, "other", "file:///etc/passwd")


def test_the_command_judges_a_run_and_calibrates_the_judge(run, tmp_path, capsys):
    if not PYTHON.exists():
        missing("RAGAS", "Run `make ragas`.")
    write_report(run, tmp_path / "run")
    labels = tmp_path / "labels.jsonl"
    write_lines(labels, [{"id": "a1", "metric": "faithfulness", "label": 0.0}])
    data = ["--data", str(tmp_path / "data"), "--json"]
    with running_model_server(speak=scripted) as server:
        code = main(
            ["evaluate", "ragas", str(tmp_path / "run"), "--judge", "scripted",
             "--judge-url", server.url, "--metric", "faithfulness", "--metric", "bleu_score",
             "--labels", str(labels), "--python", str(PYTHON), "--out", str(tmp_path / "out"),
             *data]
        )  # fmt: skip
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert code == 0
    assert printed["metrics"]["faithfulness"] == 0.5  # one answer stands in its passages, one not
    assert printed["metrics"]["faithfulness_agreement"] == 0.0
    assert printed["metrics"]["faithfulness_corrected"] == 0.0
    assert "faithfulness" in (tmp_path / "out" / "report.html").read_text()
    assert main(["evaluate", "calibrate", "latest", "--labels", str(labels), *data]) == 0
