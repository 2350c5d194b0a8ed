"""Judges on a real vLLM, held to the form of a verdict while they write."""

import subprocess
import sys

import httpx
import pytest

from evaluate.ragas.judge import Judge
from evaluate.ragas.session import RagasProcess
from generate.llm.openai_client import ModelEndpoint, OpenAIModel
from generate.verification.llm_judge import JudgeVerifier
from tests.conftest import missing
from tests.evaluate.ragas.test_ragas import JUDGED, PYTHON, jobs_of
from tests.fakes.embedder import FakeEmbedder
from tests.vllm.server import MODEL, running_vllm

LONGEST = 800
"""Tokens of a reply; the longest reason that a verdict may have takes fewer."""


def asking(server, client):
    endpoint = ModelEndpoint(MODEL, server.url, answer_tokens=LONGEST, attempts=1, stall_s=60)
    return OpenAIModel(endpoint, client)


@pytest.fixture(scope="module")
def brief(tmp_path_factory):
    """Return a server whose model says the shortest that its form allows."""
    folder = tmp_path_factory.mktemp("brief") / "model"
    script = [sys.executable, "scripts/make_tiny_model.py", folder, "--brief"]
    subprocess.run(script, check=True)
    with running_vllm(folder) as server:
        yield server


@pytest.mark.parametrize("claim", ["Tickets cost 14 crowns.", "The ferry leaves at nine."])
def test_random_words_held_to_the_form_are_a_verdict(vllm, claim):
    with httpx.Client() as client:
        judge = JudgeVerifier(asking(vllm, client), deadline_s=120)
        given = judge.verify(claim, ["Tickets cost 12 crowns."])
    assert given.was_judged, given.reason
    assert given.verdict in {"supported", "partial", "unsupported"}


def test_every_judged_metric_of_ragas_has_a_value(brief):
    if not PYTHON.exists():
        missing("RAGAS", "Run `make ragas`.")
    with httpx.Client() as client, RagasProcess(PYTHON, FakeEmbedder(dimension=64)) as ragas:
        judge = Judge(asking(brief, client), deadline_s=120)
        given = ragas.score(jobs_of(JUDGED), judge, progress=False)
    scores = dict(zip(JUDGED, given, strict=True))
    for name, score in scores.items():
        print(f"{name}: {score.value} ({score.reason[:90]})")  # noqa: T201 - what was judged
    assert all(score.value is not None for score in given), scores
    assert judge.spending.calls >= len(JUDGED)
    assert judge.spending.failures == 0
    assert judge.spending.usage.prompt_tokens > judge.spending.usage.completion_tokens > 0
