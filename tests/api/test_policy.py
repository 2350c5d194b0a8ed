"""The policy of a running service: in every answer, taken up when its file changes."""

import json

import pytest

from tests.api.conftest import House

SOUND = 'version: "1"\nrules: [{name: zeus, words: [zeus], action: block, message: "No."}]\n'


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(SOUND)
    return path


@pytest.fixture
def guarded(tmp_path, policy):
    with House(tmp_path / "data", policy=policy) as house:
        yield house


def test_a_blocked_question_is_answered_stored_and_streamed_without_its_words(guarded):
    ann = guarded.person("ann")
    ann.add("Zeus lives on the mountain.")
    thread = ann.post("/v1/conversations", json={}).json()["conversation_id"]
    body = {"question": "Who is Zeus?", "conversation_id": thread}
    response = ann.post("/v1/ask", json=body)
    assert response.status_code == 200
    assert (response.json()["status"], response.json()["notice"]) == ("blocked", "No.")
    assert response.json()["policy"].startswith("1+")
    streamed = ann.post("/v1/ask", json=body | {"stream": True}).text
    conversation_response = ann.get(f"/v1/conversations/{thread}")
    assert conversation_response.json()["title"] == "Who is [redacted]?"
    out = (response.text + streamed + conversation_response.text).lower().replace(" ", "")
    assert "zeus" not in out.replace('"rule":"zeus"', "")


def test_an_administrator_reads_a_new_policy_in_and_a_broken_one_changes_nothing(guarded, policy):
    root = guarded.person("root", role="admin")
    ann = guarded.person("ann")
    before = root.get("/v1/admin/policy").json()
    assert (before["source"], before["error"]) == (str(policy), None)
    policy.write_text("rules: [")
    broken = root.post("/v1/admin/policy/reload").json()
    assert broken["version"] == before["version"]
    assert "cannot be read" in broken["error"]
    policy.write_text(SOUND.replace("zeus", "hera"))
    after = root.post("/v1/admin/policy/reload").json()
    assert after["version"] != before["version"]
    assert after["error"] is None
    body = ann.post("/v1/ask", json={"question": "Who is Hera?"}).json()
    assert (body["status"], body["policy"]) == ("blocked", after["version"])
    assert json.dumps(body["guard"]) == json.dumps(
        [{"stage": "before", "rule": "hera", "action": "block"}]
    )
