"""A whole service in front of a real vLLM whose random words no passage supports."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.e2e.service import running_service
from tests.vllm.server import MODEL

LAMP = b"The lamp at Gull Stack is lit thirty minutes before sunset. The lens turns by night."
ASKED = 32


@pytest.fixture(scope="module")
def ann(vllm, tmp_path_factory):
    settings = {
        "FOOTNOTE_MODEL_URL": f"{vllm.url}/v1",
        "FOOTNOTE_MODEL_NAME": MODEL,
        "FOOTNOTE_ASK_WAIT_SECONDS": "240",  # thirty-two wait for two cores that also run vLLM
    }
    with running_service(tmp_path_factory.mktemp("service"), **settings) as service:
        held = {"Authorization": f"Bearer {service.key('ann')}"}
        with httpx.Client(base_url=service.url, headers=held, timeout=300) as client:
            sent = client.post("/v1/documents", files={"file": ("lamp.txt", LAMP)}).json()
            while client.get(f"/v1/jobs/{sent['job_id']}").json()["state"] != "succeeded":
                time.sleep(0.1)
            yield client


def test_words_that_nothing_supports_never_leave_and_the_nearest_passage_is_offered(ann, vllm):
    before = vllm.metric("prompt_tokens_total")
    answer = ann.post("/v1/ask", json={"question": "When is the lamp at Gull Stack lit?"}).json()
    assert vllm.metric("prompt_tokens_total") > before
    assert (answer["status"], answer["sentences"], answer["citations"]) == ("no_evidence", [], [])
    assert answer["notice"]
    assert answer["nearest"][0]["text"] in LAMP.decode()


def test_thirty_two_asks_at_once_are_all_answered(ann):
    def ask(_):
        return ann.post("/v1/ask", json={"question": "When is the lamp at Gull Stack lit?"})

    with ThreadPoolExecutor(ASKED) as pool:
        answers = list(pool.map(ask, range(ASKED)))
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["status"] for answer in answers} <= {"answered", "partial", "no_evidence"}
