"""Evaluations over HTTP: run in the background, under the rights of who started them."""

import json
import time
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from api.auth.api_keys import Caller, create_key, revoke_key
from api.auth.delegation import actor_now
from api.auth.groups import join_group, leave_group
from api.auth.identities import credential_of, map_identity
from api.errors import EvaluationEndedError, UnauthorizedError
from api.evaluations.live_scoring import TrendDay, Trends, scores_of
from api.evaluations.run_store import (
    cancel_run,
    claim_run,
    end_run,
    get_run,
    note_progress,
    start_run,
)
from api.evaluations.store_datasets import feedback_samples, readable_corpus
from api.evaluations.trend_charts import trend_pictures
from evaluate.datasets.recorded_outputs import output_of
from generate.types import Answer, Usage
from generate.verification.verifier import AlignmentVerifier
from index.db.database import Database
from index.db.tables.evaluations import EvaluationRun
from index.errors import NotFoundError, QueueFullError
from index.queue_caps import QueueCaps
from index.types import Actor, Scope
from tests.api.conftest import House
from tests.fakes.database import new_database
from tests.fakes.embedder import FakeEmbedder

LAMP = "The lamp is lit thirty minutes before sunset. The lens is a drum of glass."
QUESTION = {"id": "q1", "question": "When is the lamp lit?", "answers": ["before sunset"]}


def ended(person, evaluation_id):
    until = time.monotonic() + 120  # the first run compiles
    while time.monotonic() < until:
        run = person.get(f"/v1/evaluations/{evaluation_id}").json()
        if run["state"] in {"succeeded", "failed"}:
            return run
        time.sleep(0.05)
    raise AssertionError(f"the run did not end: {run}")


def begin(person, **body):
    response = person.post("/v1/evaluations", json=body)
    assert response.status_code == 202, response.text
    return response.json()["evaluation_id"]


def new_store(folder):
    new_database(folder)
    return Database.in_folder(folder)


@pytest.fixture
def ann(house):
    return house.person("ann", "sea/all")


def test_a_run_asks_what_was_sent_and_its_owner_gets_the_report(house, ann):
    ann.add(LAMP, allow=["tenant:all"])
    run = ended(ann, begin(ann, dataset="questions", questions=[QUESTION]))
    assert run["state"] == "succeeded", run
    assert run["report"]["metrics"]["answer_in_quote@2"] == 1
    assert run["report"]["config"]["model"] == "quote"
    assert (run["done"], run["total"]) == (1, 1)
    listed = ann.get("/v1/evaluations").json()["items"][0]
    assert "results" not in listed["report"]
    assert listed["report"]["metrics"] == run["report"]["metrics"]


def test_a_run_s_report_is_a_page_that_its_owner_alone_may_keep(house, ann):
    document = ann.add(LAMP, allow=["group:sea/all"])
    evaluation_id = begin(ann, dataset="questions", questions=[QUESTION])
    assert ended(ann, evaluation_id)["state"] == "succeeded"
    address = f"/v1/evaluations/{evaluation_id}/report.html"
    page = ann.get(address)
    assert page.status_code == 200
    assert "answer_in_" in page.text
    assert page.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in page.headers["content-security-policy"]
    other = house.person("eve", "sea/all")
    assert other.get(address).status_code == 404
    assert other.get(address).content == other.get("/v1/evaluations/run_x/report.html").content
    ann.request("DELETE", f"/v1/documents/{document}")
    assert ann.get(address).status_code == 404


def test_questions_made_of_ones_own_documents_are_asked_as_oneself(house, ann):
    ann.add(f"# The lamp\n\n{LAMP}\n\n# The boat\n\nThe boat is a cutter of oak.", filename="a.md")
    run = ended(ann, begin(ann, dataset="generated", limit=5))
    assert run["state"] == "succeeded", run
    assert any(result["answerable"] for result in run["report"]["results"])


def test_what_the_owner_may_not_read_changes_nothing(house, ann):
    other = house.person("bob")
    before = ended(ann, begin(ann, dataset="questions", questions=[QUESTION]))["report"]
    other.add(LAMP, allow=["user:bob"])
    after = ended(ann, begin(ann, dataset="questions", questions=[QUESTION]))["report"]
    for name in ("answer_in_quote@2", "abstention_auroc", "groundedness", "context_recall"):
        assert before["metrics"][name] == after["metrics"][name]
    assert before["results"][0]["passages"] == after["results"][0]["passages"] == []


def test_a_document_that_is_taken_away_leaves_old_runs_and_their_figures(house, ann):
    owner = house.person("bob")
    document = owner.add(LAMP, allow=["user:bob", "group:sea/all"])
    ann.add("Rye bread is baked at six.", allow=["user:ann"], filename="bread.txt")
    bread = {"id": "q2", "question": "When is rye bread baked?", "answers": ["at six"]}
    identity = begin(ann, dataset="questions", questions=[QUESTION, bread])
    assert "sunset" in json.dumps(ended(ann, identity)["report"])
    owner.request("PATCH", f"/v1/documents/{document}", json={"allow": ["user:bob"]})
    run = ann.get(f"/v1/evaluations/{identity}").json()
    assert run["withheld"] >= 1
    results_text = json.dumps(run["report"]["results"])
    assert "thirty minutes" not in results_text
    assert document not in json.dumps(run)
    assert run["report"]["counts"]["questions"] == 2 - run["withheld"]
    listed = ann.get("/v1/evaluations").json()["items"][0]
    assert listed["report"]["counts"] == run["report"]["counts"]


def test_a_run_of_generated_questions_uses_what_its_owner_may_read(house, ann):
    secret = house.person("bob").add(
        "The safe of the house is a box of steel. The key of it is a card.", allow=["user:bob"]
    )
    ann.add("The bath holds 86 litres of mercury. The lens is a drum of glass.")
    run = ended(ann, begin(ann, dataset="generated", limit=5))
    assert run["state"] == "succeeded", run
    run_text = json.dumps(run)
    assert "bath" in run_text
    assert "steel" not in run_text
    assert secret not in run_text


def test_a_run_remembers_every_document_its_prompt_drew_on(house, ann):
    """The passages of a report are a search's; a prompt may have been given more."""
    reply = Answer(
        "answered", "It is. [1]", (), (), Usage(), "s", "m", documents=("doc_cited", "doc_unseen")
    )
    assert output_of("q1", reply, live=True).documents == ("doc_cited", "doc_unseen")
    document = ann.add(LAMP, allow=["tenant:all"])
    run = ended(ann, begin(ann, dataset="questions", questions=[QUESTION]))
    assert run["report"]["results"][0]["documents"] == [document]


def test_a_question_made_of_two_documents_leaves_a_run_with_either(house, ann):
    bob = house.person("bob")
    table = "# {0}\n\n| {1} | pay |\n| --- | --- |\n| {2} | 12 |\n"
    ann.add(table.format("Boats", "boat", "Cutter"), filename="boats.md")
    theirs = bob.add(
        table.format("Birds", "bird", "Petrel"), filename="birds.md", allow=["user:bob", "user:ann"]
    )
    identity = begin(ann, dataset="generated")
    assert "Petrel" in json.dumps(ended(ann, identity))
    bob.request("PATCH", f"/v1/documents/{theirs}", json={"allow": ["user:bob"]})
    assert "Petrel" not in ann.get(f"/v1/evaluations/{identity}").text


def test_feedback_that_followed_on_a_hidden_document_leaves_a_run(house, ann):
    bob = house.person("bob")
    lamp = bob.add(LAMP, allow=["user:bob", "user:ann"])
    ann.add("Rye bread is baked at six.", filename="bread.txt")
    body = {"conversation_id": ann.post("/v1/conversations").json()["conversation_id"]}
    ann.post("/v1/ask", json={"question": "When is the lamp lit?", **body})
    second = ann.post("/v1/ask", json={"question": "When is rye bread baked?", **body}).json()
    ann.post("/v1/feedback", json={"answer_id": second["answer_id"], "rating": 1})
    identity = begin(ann, dataset="feedback")
    assert len(ended(ann, identity)["report"]["results"]) == 1
    bob.request("PATCH", f"/v1/documents/{lamp}", json={"allow": ["user:bob"]})
    assert ann.get(f"/v1/evaluations/{identity}").json()["withheld"] == 1


@pytest.mark.own_service
def test_a_group_that_is_joined_while_a_run_waits_denies_what_it_denies(house):
    house.person("bob").add(LAMP, allow=["tenant:all"], deny=["group:sea/out"])
    library, database = house.service.pipelines.current.library, house.service.database
    _, key = create_key(database, "default", "ann")

    def read():
        return len(readable_corpus(library, _now(database, key.key_id)))

    assert read() == 1
    join_group(database, "default", "user:ann", "sea/out")
    assert read() == 0
    leave_group(database, "default", "user:ann", "sea/out")
    assert read() == 1


@pytest.mark.own_service
def test_a_run_has_what_its_own_credential_gives_and_ends_with_it(house):
    library, database = house.service.pipelines.current.library, house.service.database
    house.person("bob").add(LAMP, allow=["group:sea/crew"])
    _, key = create_key(database, "default", "ann", groups=["sea/crew"])
    _, other = create_key(database, "default", "ann")
    _, bobs = create_key(database, "default", "bob", groups=["sea/crew"])

    def read(credential):
        return len(readable_corpus(library, _now(database, credential)))

    assert (read(key.key_id), read(other.key_id)) == (1, 0)
    revoke_key(database, "default", key.key_id)
    for gone in (key.key_id, bobs.key_id, "oidc_unknown", ""):
        with pytest.raises(UnauthorizedError):
            read(gone)


def test_a_run_whose_key_is_revoked_before_it_begins_fails_and_says_so(tmp_path):
    database = Database.in_folder(tmp_path / "data")
    database.create()
    _, key = create_key(database, "default", "ann")
    caller = Caller(_now(database, key.key_id), key.key_id)
    body = {"dataset": "questions", "limit": None, "questions": [QUESTION]}
    run = start_run(database, caller, body, 1)
    revoke_key(database, "default", key.key_id)
    with House(tmp_path / "data") as house:
        ended_run = ended(house.person("ann"), run.evaluation_id)
    assert ended_run["state"] == "failed"
    assert "not valid any more" in ended_run["reason"]


def test_a_registered_group_that_was_left_is_not_lent_by_another_key(house):
    database = house.service.database
    map_identity(database, "default", issuer="https://login", subject="42", user="ann")
    credential = credential_of("https://login", "42")
    join_group(database, "default", "user:ann", "sea/crew")
    create_key(database, "default", "ann", groups=["sea/crew"])
    assert "group:sea/crew" in _now(database, credential).scope.principals
    leave_group(database, "default", "user:ann", "sea/crew")
    assert "group:sea/crew" not in _now(database, credential).scope.principals
    map_identity(database, "default", issuer="https://login", subject="42", user="bob")
    with pytest.raises(UnauthorizedError):
        _now(database, credential)


def _now(database, credential):
    return actor_now(database, "default", "user:ann", credential)


def test_a_run_that_has_nothing_to_ask_fails_with_a_reason(house, ann):
    run = ended(ann, begin(ann, dataset="feedback"))
    assert run["state"] == "failed"
    assert "no question" in run["reason"]


@pytest.mark.parametrize(
    "body",
    [
        {"dataset": "questions"},
        {"dataset": "feedback", "questions": [QUESTION]},
        {"dataset": "questions", "questions": [{**QUESTION, "principals": ["user:bob"]}]},
        {"dataset": "elsewhere"},
        {"dataset": "questions", "questions": [{"id": "x"}]},
    ],
)
def test_a_request_that_does_not_fit_is_refused(ann, body):
    assert ann.post("/v1/evaluations", json=body).status_code == 422


@pytest.mark.own_service
def test_good_feedback_becomes_questions_with_the_turns_before_them(house, ann):
    ann.add(LAMP, allow=["tenant:all"])
    conversation = ann.post("/v1/conversations").json()["conversation_id"]
    body = {"conversation_id": conversation}
    first = ann.post("/v1/ask", json={"question": "When is the lamp lit?", **body}).json()
    second = ann.post("/v1/ask", json={"question": "What is the lens?", **body}).json()
    for answer, rating in ((first, -1), (second, 1)):
        ann.post("/v1/feedback", json={"answer_id": answer["answer_id"], "rating": rating})
    actor = Actor(Scope.of("default", ["user:ann", "group:sea/all"]), "user:ann")
    samples, left_out = feedback_samples(house.service.database, actor)
    assert [sample.question for sample in samples] == ["What is the lens?"]
    assert [turn.speaker for turn in samples[0].turns] == ["user", "assistant"]
    assert samples[0].gold == (second["citations"][0]["document_id"],)
    assert left_out == 1
    run = ended(ann, begin(ann, dataset="feedback"))
    assert run["report"]["counts"]["questions"] == 1


@pytest.mark.own_service
def test_feedback_on_a_document_that_was_taken_away_is_left_out(house, ann):
    owner = house.person("bob")
    document = owner.add(LAMP, allow=["user:bob", "group:sea/all"])
    answer = ann.post("/v1/ask", json={"question": "When is the lamp lit?"}).json()
    ann.post("/v1/feedback", json={"answer_id": answer["answer_id"], "rating": 1})
    actor = Actor(Scope.of("default", ["user:ann", "group:sea/all"]), "user:ann")
    assert len(feedback_samples(house.service.database, actor)[0]) == 1
    owner.request("PATCH", f"/v1/documents/{document}", json={"allow": ["user:bob"]})
    assert feedback_samples(house.service.database, actor) == ([], 1)
    assert readable_corpus(house.service.pipelines.current.library, actor) == []


def test_a_curator_does_not_get_the_feedback_of_others(house, ann):
    ann.add(LAMP, allow=["tenant:all"])
    answer = ann.post("/v1/ask", json={"question": "When is the lamp lit?"}).json()
    ann.post("/v1/feedback", json={"answer_id": answer["answer_id"], "rating": 1})
    curator = Actor(Scope.of("default", ["user:carol"]), "user:carol", "curator")
    assert feedback_samples(house.service.database, curator) == ([], 0)


def test_live_scores_are_kept_with_the_answer_counted_and_shown_to_its_asker(make_house):
    house = make_house(live_share=1.0)
    ann, bob = house.person("ann"), house.person("bob")
    document = ann.add(LAMP, allow=["tenant:all"])
    ann.post("/v1/ask", json={"question": "When is the lamp lit?"})
    until = time.monotonic() + 20
    while not (days := ann.get("/v1/evaluations/live").json()["days"]):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert days[0]["answers"] == 1
    assert days[0]["groundedness"] == 1
    assert bob.get("/v1/evaluations/live").json()["days"] == []
    body = ann.get("/v1/evaluations/live/pictures").json()
    assert body["answers"] == 1
    names = {picture["name"] for picture in body["pictures"]}
    assert names == {"groundedness", "abstained", "seconds"}  # what was quoted costs nothing
    assert bob.get("/v1/evaluations/live/pictures").json() == {"answers": 0, "pictures": []}
    admin = house.person("root", role="admin")
    assert 'footnote_live_score_count{name="groundedness"} 1.0' in admin.get("/metrics").text
    ann.request("DELETE", f"/v1/documents/{document}")
    assert ann.get("/v1/evaluations/live").json()["days"] == []
    assert ann.get("/v1/evaluations/live/pictures").json()["pictures"] == []


def test_a_picture_has_a_dot_for_each_day_in_the_order_of_the_days():
    days = [
        TrendDay(f"2026-03-{day:02}", 2, 0.5 if day != 4 else None, 0.25, 0.8, day / 10, 9.0, 0.003)
        for day in (1, 2, 4, 9)
    ]
    charts = trend_pictures(Trends(days))
    pictures = {picture.name: picture for picture in charts.pictures}
    assert charts.answers == 8
    dots = {
        name: [
            float(dot.get("cx")) for dot in ET.fromstring(picture.svg).iter() if "cx" in dot.attrib
        ]
        for name, picture in pictures.items()
    }
    assert (len(dots["groundedness"]), len(dots["seconds"]), len(dots["cost"])) == (3, 4, 4)
    assert dots["seconds"] == sorted(dots["seconds"])
    assert pictures["cost"].latest == "3.000 on 09 March"
    assert ">9 Mar<" in pictures["seconds"].svg


def test_without_a_share_nothing_is_scored(house, ann):
    ann.add(LAMP, allow=["tenant:all"])
    ann.post("/v1/ask", json={"question": "When is the lamp lit?"})
    assert ann.get("/v1/evaluations/live").json()["days"] == []


def test_an_abstention_has_no_groundedness_and_says_that_it_is_one():
    reply = Answer("no_evidence", "There is none.", (), (), Usage(), "s", "quote", confidence=0.1)
    scores = scores_of(reply, AlignmentVerifier(FakeEmbedder()))
    assert scores["groundedness"] is None
    assert (scores["abstained"], scores["confidence"]) == (1, 0.1)


def queue_runs(database, owners):
    """Store a run for each owner, in this order; return their ids."""
    return [
        start_run(
            database, Caller(Actor(Scope.of(tenant, [user]), user), "key"), {}, 1
        ).evaluation_id
        for tenant, user in owners
    ]


def test_people_take_turns_within_tenants_and_each_has_one_run_at_a_time(tmp_path):
    database = new_store(tmp_path)
    ann, bob, eve = ("a", "user:ann"), ("a", "user:bob"), ("b", "user:eve")
    ann1, ann2, ann3, bob1, bob2, eve1 = queue_runs(database, [ann, ann, ann, bob, bob, eve])
    assert [claim_run(database) for _ in range(4)] == [ann1, eve1, bob1, None]
    for evaluation_id in (ann1, bob1, eve1):
        end_run(database, evaluation_id, {})
    served_runs = []
    while evaluation_id := claim_run(database):
        served_runs.append(evaluation_id)
        end_run(database, evaluation_id, {})
    assert set(served_runs) == {ann2, ann3, bob2}
    assert served_runs[0] != ann3
    assert bob2 in served_runs[:2]


def test_who_was_served_before_the_clock_was_set_back_waits_for_nobody_longer(tmp_path):
    database = new_store(tmp_path)
    ann, bob = ("a", "user:ann"), ("a", "user:bob")
    ann1, ann2, bob1, _bob2 = queue_runs(database, [ann, ann, bob, bob])
    assert [claim_run(database), claim_run(database)] == [ann1, bob1]
    for evaluation_id in (ann1, bob1):
        end_run(database, evaluation_id, {})
    with database.write() as session:
        session.get_one(EvaluationRun, ann1).claimed_at += timedelta(hours=1)
    assert claim_run(database) == ann2


def test_forty_runs_of_one_reader_let_the_next_ones_run_begin_at_once(tmp_path):
    database = new_store(tmp_path)
    many = queue_runs(database, [("a", "user:ann")] * 40)
    (other,) = queue_runs(database, [("a", "user:bob")])
    assert [claim_run(database), claim_run(database)] == [many[0], other]


def test_a_run_too_many_is_refused_and_says_what_to_do(tmp_path):
    caps, database = QueueCaps(2, 3), new_store(tmp_path)
    queue_runs(database, [("default", "user:ann")] * 2)
    caller = Caller(Actor(Scope.of("default", ["user:ann"]), "user:ann"), "key")
    with pytest.raises(QueueFullError, match=r"2 of these.*cancel"):
        start_run(database, caller, {}, 1, caps=caps)
    queue_runs(database, [("default", "user:bob")])
    other = Caller(Actor(Scope.of("default", ["user:eve"]), "user:eve"), "key")
    with pytest.raises(QueueFullError, match="tenant has 3"):
        start_run(database, other, {}, 1, caps=caps)


def test_a_cancelled_run_stops_and_stays_cancelled(tmp_path):
    database = new_store(tmp_path)
    waiting, running = queue_runs(database, [("a", "user:ann"), ("a", "user:bob")])
    ann, bob = (Actor(Scope.of("a", [user]), user) for user in ("user:ann", "user:bob"))
    assert cancel_run(database, ann, waiting).state == "cancelled"
    assert cancel_run(database, ann, waiting).state == "cancelled"
    assert claim_run(database) == running
    assert note_progress(database, running, 1)
    with pytest.raises(NotFoundError):
        cancel_run(database, ann, running)
    cancel_run(database, bob, running)
    assert not note_progress(database, running, 2)
    end_run(database, running, {"results": []})
    assert get_run(database, bob, running).state == "cancelled"
    assert claim_run(database) is None


def test_a_run_that_has_ended_cannot_be_cancelled(tmp_path):
    database = new_store(tmp_path)
    (run,) = queue_runs(database, [("a", "user:ann")])
    claim_run(database)
    end_run(database, run, {})
    with pytest.raises(EvaluationEndedError):
        cancel_run(database, Actor(Scope.of("a", ["user:ann"]), "user:ann"), run)


def test_over_http_a_run_is_cancelled_by_its_owner_alone(house, ann):
    evaluation_id = begin(ann, dataset="questions", questions=[QUESTION] * 500)
    path = f"/v1/evaluations/{evaluation_id}/cancel"
    assert house.person("eve").post(path).status_code == 404
    assert ann.post(path).json()["state"] == "cancelled"
    assert ann.get(f"/v1/evaluations/{evaluation_id}").json()["state"] == "cancelled"
