"""Held replies over HTTP: who sees what, what a decision does, what time does."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from api.cli import main
from api.evaluations.store_datasets import review_samples
from api.questions.reviews import expire_reviews
from generate.guardrails.review_queue import ReviewQueue, ReviewTerms
from generate.guardrails.session import GuardrailSession
from index.db.tables.base import utc_now
from index.db.tables.reviews import ReviewItem
from index.types import Actor, Scope
from tests.api.conftest import House

CANARY = "AKIAZ7QX3PLMN5RTWUVB"
POLICY = """
version: "1"
rules:
  - {name: secrets, detect: secret, action: redact}
  - {name: zeus, words: [zeus], stages: [before], action: review, message: "Zeus is sensitive."}
  - {name: salary, words: [salary], stages: [after], action: review}
  - {name: mail, detect: personal, only: [email], stages: [before], action: review}
  - {name: hera, words: [hera], stages: [before], action: block}
"""
ZEUS = {"question": "On which mountain does Zeus live?"}
SALARY = {"question": "What salary does the gardener earn?"}
TEXT = "The gardener earns a salary of 900 crowns. The gardener works in the park."


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return path


@pytest.fixture
def guarded(tmp_path, policy):
    with House(tmp_path / "data", policy=policy) as house:
        yield house


@pytest.fixture
def ann(guarded):
    return guarded.person("ann")


@pytest.fixture
def rita(guarded):
    return guarded.person("rita", role="curator")


def age(house, review_id, **by):
    with house.service.database.write() as session:
        row = session.scalar(select(ReviewItem).where(ReviewItem.id == review_id))
        row.expires_at -= timedelta(**by)
        if row.decided_at:
            row.decided_at -= timedelta(**by)


def decide(person, review_id, decision, **fields):
    return person.post(f"/v1/reviews/{review_id}/decide", json={"decision": decision, **fields})


def test_a_question_waits_and_its_approval_lets_the_same_asker_ask_it_again(guarded, ann, rita):
    ann.add("Zeus lives on the mountain Olympus in the north of the country.", allow=["tenant:all"])
    body = ann.post("/v1/ask", json=ZEUS).json()
    review_id = body["review"]["id"]
    assert (body["status"], body["review"]["state"]) == ("blocked", "pending")
    assert body["sentences"] == body["citations"] == []
    assert review_id in body["notice"]
    assert body["notice"].startswith("Zeus is sensitive.")
    again = ann.post("/v1/ask", json={"question": " On which  mountain does Zeus live?"}).json()
    assert again["review"]["id"] == review_id
    [item] = rita.get("/v1/reviews").json()["items"]
    assert (item["asker"], item["text"], item["rules"]) == (
        "user:ann",
        "On which mountain does Zeus live?",
        ["zeus"],
    )
    assert item["decidable"]
    decided = decide(rita, review_id, "approve", note="Fine.").json()
    assert (decided["state"], decided["decided_by"]) == ("approved", "user:rita")
    reply = ann.post("/v1/ask", json=ZEUS).json()
    assert (reply["status"], reply["review"]) == ("answered", None)
    assert reply["guard"][0] == {"stage": "before", "rule": "zeus", "action": "allow"}
    assert ann.post("/v1/ask", json={"question": "Is Zeus old?"}).json()["status"] == "blocked"
    bob = guarded.person("bob")
    assert bob.post("/v1/ask", json=ZEUS).json()["status"] == "blocked"
    age(guarded, review_id, hours=25)
    assert ann.post("/v1/ask", json=ZEUS).json()["review"]["id"] != review_id


def test_an_answer_waits_as_a_whole_and_streams_nothing_before_it_is_approved(ann, rita):
    ann.add(TEXT, allow=["tenant:all"])
    streamed = ann.post("/v1/ask", json=SALARY | {"stream": True}).text
    assert "event: sentence" not in streamed
    assert "900 crowns" not in streamed
    body = ann.post("/v1/ask", json=SALARY).json()
    assert (body["status"], body["sentences"]) == ("blocked", [])
    [item] = rita.get("/v1/reviews", params={"state": "pending"}).json()["items"]
    assert (item["stage"], item["question"]) == ("after", SALARY["question"])
    assert "salary of 900" in item["text"]
    assert decide(rita, item["review_id"], "approve").status_code == 200
    streamed = ann.post("/v1/ask", json=SALARY | {"stream": True}).text
    assert "event: sentence" in streamed
    assert "900" in ann.post("/v1/ask", json=SALARY).json()["text"]


def test_nobody_but_the_asker_and_reviewers_can_tell_that_an_item_is_there(guarded, ann, rita):
    review_id = ann.post("/v1/ask", json=ZEUS).json()["review"]["id"]
    bob = guarded.person("bob")
    stranger = guarded.person("erin", role="admin", tenant="elsewhere")
    made_up = "rev_0123456789abcdef01234567"
    for other in (bob, stranger):
        hidden, missing = (other.get(f"/v1/reviews/{name}") for name in (review_id, made_up))
        assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert stranger.get("/v1/reviews").json()["items"] == []
    assert decide(stranger, review_id, "approve").content == decide(
        stranger, made_up, "approve").content  # fmt: skip
    for reader in (ann, bob):
        assert reader.get("/v1/reviews").status_code == 403
        assert decide(reader, review_id, "approve").status_code == 403
    own = ann.get(f"/v1/reviews/{review_id}").json()
    assert own["state"] == "pending"
    decide(rita, review_id, "deny", note="Never.")
    own = ann.get(f"/v1/reviews/{review_id}").json()
    assert own["state"] == "denied"
    field_names = ("review_id", "state", "stage", "created_at", "expires_at", "decided_at")
    assert {name for name, value in own.items() if value} == set(field_names)


def test_a_reviewer_who_may_not_read_a_document_sees_the_rule_and_the_time_alone(
    guarded, ann, rita
):
    ann.add(TEXT)
    review_id = ann.post("/v1/ask", json=SALARY).json()["review"]["id"]
    [item] = rita.get("/v1/reviews").json()["items"]
    assert item["rules"] == ["salary"]
    assert not item["readable"]
    assert not item["decidable"]
    for name in ("text", "question", "asker", "note", "decided_by"):
        assert item[name] is None
    response = decide(rita, review_id, "approve")
    assert (response.status_code, response.json()["code"]) == (403, "review-not-yours")
    sam = guarded.person("sam", "hr/all", role="curator")
    document = ann.get("/v1/documents").json()["items"][0]["document_id"]
    ann.request("PATCH", f"/v1/documents/{document}", json={"allow": ["user:ann", "group:hr/all"]})
    assert sam.get(f"/v1/reviews/{review_id}").json()["asker"] == "user:ann"
    ann.request("DELETE", f"/v1/documents/{document}")
    assert sam.get(f"/v1/reviews/{review_id}").json()["text"] is None


def test_what_the_policy_redacts_is_in_no_item_and_nowhere_in_the_table(guarded, ann, rita):
    question = f"Is Zeus with {CANARY} at ann@example.org or with carl@example.org?"
    ann.post("/v1/ask", json={"question": question})
    [item] = rita.get("/v1/reviews").json()["items"]
    assert item["text"] == "Is Zeus with [redacted] at [redacted] or with [redacted]?"
    assert item["rules"] == ["zeus", "mail"]
    with guarded.service.database.read() as session:
        row = session.scalars(select(ReviewItem)).one()
        row_text = json.dumps({c.key: str(getattr(row, c.key)) for c in row.__table__.columns})
    assert CANARY not in row_text
    assert "example.org" not in row_text


def test_a_denial_holds_and_is_told_with_the_same_item(ann, rita):
    review_id = ann.post("/v1/ask", json=ZEUS).json()["review"]["id"]
    decide(rita, review_id, "deny")
    body = ann.post("/v1/ask", json=ZEUS).json()
    assert body["status"] == "blocked"
    assert (body["review"]["id"], body["review"]["state"]) == (review_id, "denied")
    assert "not let through" in body["notice"]


def test_what_nobody_decides_in_time_is_denied(guarded, ann, rita):
    review_id = ann.post("/v1/ask", json=ZEUS).json()["review"]["id"]
    age(guarded, review_id, hours=73)
    assert ann.get(f"/v1/reviews/{review_id}").json()["state"] == "expired"
    assert rita.get("/v1/reviews", params={"state": "pending"}).json()["items"] == []
    late = decide(rita, review_id, "approve")
    assert (late.status_code, late.json()["code"]) == (409, "review-decided")
    assert expire_reviews(guarded.service.database) == 1
    [item] = rita.get("/v1/reviews", params={"state": "expired"}).json()["items"]
    assert item["review_id"] == review_id
    assert ann.post("/v1/ask", json=ZEUS).json()["review"]["id"] != review_id


def test_an_item_is_decided_once_and_never_by_its_asker(guarded, rita):
    body = rita.post("/v1/ask", json=ZEUS).json()["review"]["id"]
    own = decide(rita, body, "approve")
    assert (own.status_code, own.json()["code"]) == (403, "review-not-yours")
    root = guarded.person("root", role="admin")
    assert decide(root, body, "deny").status_code == 200
    assert decide(root, body, "approve").status_code == 409


def test_an_approval_counts_under_the_policy_that_it_was_given_under(guarded, ann, rita, policy):
    first = ann.post("/v1/ask", json=ZEUS).json()["review"]["id"]
    decide(rita, first, "approve")
    policy.write_text(POLICY.replace("[zeus]", "[zeus, jupiter]"))
    guarded.service.pipelines.current.answering.policy.reload()
    assert ann.post("/v1/ask", json=ZEUS).json()["review"]["id"] != first


def test_what_a_rule_blocks_no_approval_lets_through(ann, rita):
    both = {"question": "Are Zeus and Hera married?"}
    body = ann.post("/v1/ask", json=both).json()
    assert (body["status"], body["review"]) == ("blocked", None)
    assert rita.get("/v1/reviews").json()["items"] == []


def test_an_asker_who_floods_the_queue_is_blocked_without_an_item(guarded):
    def hold(user, number):
        actor = Actor(Scope.of("new", [user]), user)
        review_queue = ReviewQueue(guarded.service.database, actor, ReviewTerms(most=2))
        watch = GuardrailSession(
            guarded.service.pipelines.current.answering.policy.rules, review_queue=review_queue
        )
        watch.question(f"Zeus {number}?", 100)
        return watch.file(())

    assert [bool(hold("user:ann", number)) for number in (1, 2, 1, 3)] == [True, True, True, False]
    assert hold("user:bob", 3)


def test_decisions_become_texts_that_a_policy_is_measured_on(guarded, ann, rita, tmp_path, capsys):
    ann.add(TEXT)
    for question, decision in ((ZEUS, "approve"), ({"question": "Zeus, really?"}, "deny")):
        decide(rita, ann.post("/v1/ask", json=question).json()["review"]["id"], decision)
    ann.post("/v1/ask", json=SALARY)
    reviewer = Actor(Scope.of("default", ["user:rita"]), "user:rita", "curator")
    samples = review_samples(guarded.service.database, reviewer)
    assert [(s.text, s.label, s.stage) for s in samples] == [
        ("On which mountain does Zeus live?", "benign", "before"),
        ("Zeus, really?", "attack", "before"),
    ]
    data = ["--data", str(guarded.service.settings.data)]
    out = ["--out", str(tmp_path / "set")]
    assert main(["evaluate", "dataset", "reviews", "--as", "user:rita", *data, *out]) == 0
    capsys.readouterr()
    assert main(["evaluate", "guard", str(tmp_path / "set" / "guard.jsonl"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["texts"] == 2


def test_the_command_line_lists_and_decides(tmp_path, policy, monkeypatch, capsys):
    monkeypatch.setenv("FOOTNOTE_POLICY", str(policy))
    data = ["--data", str(tmp_path / "local")]

    def printed(*arguments):
        assert main([*arguments, *data, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    review_id = printed("ask", "On which mountain does Zeus live?", "--as", "user:ann")["review"][
        "id"
    ]
    [item] = printed("review", "list", "--state", "pending")["items"]
    assert item["review_id"] == review_id
    assert printed("review", "approve", review_id, "--note", "Fine.")["state"] == "approved"
    assert (
        printed("ask", "On which mountain does Zeus live?", "--as", "user:ann")["status"]
        == "no_evidence"
    )
    assert main(["review", "deny", review_id, *data]) == 1
    assert main(["review", "list", *data]) == 0
    assert "approved" in capsys.readouterr().out


def test_how_long_an_item_waits_is_a_setting(tmp_path, policy):
    with House(tmp_path / "data", policy=policy, review_hours=1) as house:
        ann = house.person("ann")
        review_id = ann.post("/v1/ask", json=ZEUS).json()["review"]["id"]
        item = ann.get(f"/v1/reviews/{review_id}").json()
        with house.service.database.read() as session:
            until = session.scalars(select(ReviewItem.expires_at)).one()
        assert item["state"] == "pending"
        assert until - utc_now() < timedelta(hours=1)


def gauges(person):
    lines = person.get("/metrics").text.splitlines()
    return dict(line.split(" ") for line in lines if line.startswith("footnote_reviews_"))


def test_the_metrics_tell_how_many_replies_wait_and_how_long_the_oldest_has(guarded, ann, rita):
    root = guarded.person("root", role="admin")
    assert set(gauges(root).values()) == {"0.0"}
    body = [
        ann.post("/v1/ask", json={"question": question}).json()["review"]["id"]
        for question in ("Is Zeus old?", "Is Zeus tall?", "Is Zeus kind?")
    ]
    with guarded.service.database.write() as session:
        row = session.scalar(select(ReviewItem).where(ReviewItem.id == body[0]))
        row.created_at -= timedelta(hours=2)
    gauge_values = gauges(root)
    assert gauge_values["footnote_reviews_waiting"] == "3.0"
    assert 7200 <= float(gauge_values["footnote_reviews_oldest_seconds"]) < 7300
    decide(rita, body[0], "deny")
    age(guarded, body[1], days=30)  # nobody has swept it yet
    gauge_values = gauges(root)
    assert gauge_values["footnote_reviews_waiting"] == "1.0"
    assert float(gauge_values["footnote_reviews_oldest_seconds"]) < 100


def test_every_process_tells_of_the_same_waiting_replies(guarded, ann, tmp_path, policy):
    ann.post("/v1/ask", json=ZEUS)
    with House(tmp_path / "data", policy=policy) as other:
        root = other.person("root", role="admin")
        assert gauges(root)["footnote_reviews_waiting"] == "1.0"
