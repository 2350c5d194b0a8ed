"""Right sentences of a real small model leave with a citation, and the others do not leave.

Its words change with vLLM's version and the processor, so nothing here hangs on one wording.
"""

import time

import httpx
import pytest

from tests.e2e.service import running_service
from tests.vllm.server import MODEL

LAMP = (
    b"The lamp at Gull Stack is lit thirty minutes before sunset. The lens was made by Johan Berg "
    b"in 1894. Visitors must not enter without a guide. The ferry to the station costs 12 crowns."
)


@pytest.fixture(scope="module")
def ann(real_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("service")
    registry = folder / "models.yaml"
    registry.write_text(
        f"models:\n- name: {MODEL}\n  url: {real_model.url}/v1\n  prompt: small\n"
        "  first_token_seconds: 300\n  deadline_seconds: 600\n"
    )
    with running_service(folder, FOOTNOTE_MODELS=str(registry)) as service:
        headers = {"Authorization": f"Bearer {service.key('ann')}"}
        with httpx.Client(base_url=service.url, headers=headers, timeout=900) as client:
            sent = client.post("/v1/documents", files={"file": ("lamp.txt", LAMP)}).json()
            while client.get(f"/v1/jobs/{sent['job_id']}").json()["state"] != "succeeded":
                time.sleep(0.1)
            yield client


def ask(client, question):
    return client.post("/v1/ask", json={"question": question}).json()


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("When is the lamp at Gull Stack lit?", "sunset"),
        ("Who made the lens?", "Berg"),
        ("How much does the ferry cost?", "12"),
    ],
)
def test_what_the_passages_tell_is_answered_in_the_models_words_with_a_quote(ann, question, words):
    answer = ask(ann, question)
    assert answer["status"] in {"answered", "partial"}, answer
    assert words in answer["text"]
    assert all(sentence["markers"] for sentence in answer["sentences"])
    assert all(citation["quote"] in LAMP.decode() for citation in answer["citations"])
    assert {citation["verdict"] for citation in answer["citations"]} == {"supported"}


def test_what_the_passages_do_not_name_is_not_answered(ann):
    answer = ask(ann, "What does the ferry to Kelp Island cost in winter?")
    assert answer["status"] == "no_evidence", answer
    assert answer["sentences"] == []


def test_another_act_than_the_asked_one_is_not_told_with_confidence(ann):
    """A small model takes made for cleaned; no rule of ours tells verbs apart (docs/quality.md)."""
    answer = ask(ann, "When was the lens cleaned?")
    assert answer["status"] == "no_evidence" or answer["confidence"] < 0.4
