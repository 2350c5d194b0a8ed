"""RAGAS' judged metrics ask a real vLLM: of a model that talks nonsense none has a value."""

import subprocess
import sys

import httpx
import pytest

from evaluate.ragas.judge import Judge, judge_endpoint
from evaluate.ragas.session import RagasProcess
from evaluate.ragas.worker import CORRECTIONS
from generate.model import OpenAIModel
from generate.registry import ModelSpec, Price
from tests.evaluate.test_ragas import JUDGED, PYTHON, jobs_of
from tests.fakes.embedder import FakeEmbedder
from tests.vllm.server import MODEL, running_vllm

CONTEXT = 32_768
"""RAGAS' prompts carry long examples, and the tiny model reads nearly a byte at a time."""


@pytest.fixture(scope="module")
def patient_vllm(tmp_path_factory):
    folder = tmp_path_factory.mktemp("patient") / "model"
    subprocess.run([sys.executable, "scripts/make_tiny_model.py", folder, str(CONTEXT)], check=True)
    with running_vllm(folder, context=CONTEXT) as server:
        yield server


def test_every_judged_metric_asks_and_could_not_judge_and_the_tokens_are_counted(patient_vllm):
    spec = ModelSpec(name=MODEL, url=patient_vllm.url, context_tokens=512)
    before = patient_vllm.metric("prompt_tokens_total")
    with httpx.Client() as client, RagasProcess(PYTHON, FakeEmbedder(dimension=64)) as ragas:
        model = OpenAIModel(judge_endpoint(spec, None), client)
        judge = Judge(model, price=Price(prompt=1.0, completion=2.0))
        scores = ragas.score(jobs_of(JUDGED), judge, progress=False)
    print(judge.spent, judge.cost)  # noqa: T201 - the figures
    for name, score in zip(JUDGED, scores, strict=True):
        assert score.value is None, name
        assert "does not fit what RAGAS asks for" in score.reason, (name, score.reason)
    assert judge.spent.failed == 0
    assert judge.spent.calls >= len(JUDGED) * (CORRECTIONS + 1)
    assert judge.spent.usage.prompt_tokens == patient_vllm.metric("prompt_tokens_total") - before
    assert judge.cost > 0
