"""Idempotency keys of asks: repeats, conflicts, rights that changed, asks under way and failed."""

import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from api.errors import AskInProgressError
from api.questions.idempotency import LIFETIME, LONGEST_ANSWER, forget_keys, reserve_key
from api.questions.schemas import AskRequest
from index.db.database import Database
from index.db.tables.questions import AnswerRow, IdempotencyKey
from index.types import Actor, Scope

pytestmark = pytest.mark.own_service

TEXT = "The lamp is lit at dusk by the senior keeper.\n\nThe log is written in black ink only."
QUESTION = "When is the lamp lit by the senior keeper?"
ANN = Actor(Scope.of("default", ["user:ann"]), "user:ann")


def ask(person, key="k1", question=QUESTION, **fields):
    body = {"question": question, **fields}
    return person.post("/v1/ask", json=body, headers={"Idempotency-Key": key})


def answers(house):
    with house.service.database.read() as session:
        return len(session.scalars(select(AnswerRow.id)).all())


def made_older(house, by):
    with house.service.database.write() as session:
        for row in session.scalars(select(IdempotencyKey)):
            row.created_at -= by


@pytest.mark.parametrize("fields", [{}, {"stream": True}, {"format": "markdown"}])
def test_a_repeat_gets_the_same_bytes_and_costs_no_second_answer(house, ann, fields):
    ann.add(TEXT)
    first, again = ask(ann, **fields), ask(ann, **fields)
    assert "dusk" in first.text
    assert again.content == first.content
    assert again.headers["content-type"] == first.headers["content-type"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert answers(house) == 1


def test_a_repeat_gets_the_same_answer_although_there_is_more_to_read_since(ann):
    ann.add(TEXT)
    first = ask(ann)
    ann.add("The lamp is lit at noon by the senior keeper, since yesterday.")
    assert ask(ann).content == first.content
    assert ask(ann, key="k2").content != first.content


def test_another_body_is_a_conflict(ann):
    ann.add(TEXT)
    ask(ann)
    for other in ({"question": "What ink is used?"}, {"stream": True}, {"filters": {}}):
        reply = ask(ann, **other)
        assert (reply.status_code, reply.json()["code"]) == (409, "idempotency-conflict")


def test_a_key_is_its_principals_own_and_counts_for_asks_alone(house, ann, bob):
    ann.add(TEXT)
    first = ask(ann).json()
    other = ask(bob).json()
    assert (first["status"], other["status"]) == ("answered", "no_evidence")
    assert ann.upload(TEXT, filename="b.txt", headers={"Idempotency-Key": "k1"}).status_code == 202
    abroad = house.person("ann", tenant="elsewhere")
    assert ask(abroad).json()["status"] == "no_evidence"


def test_what_may_not_be_read_any_more_is_not_given_again_but_asked_anew(house, ann, bob):
    document = ann.add(TEXT, allow=["user:ann", "user:bob"])
    first = ask(bob)
    assert "dusk" in first.text
    ann.request("PATCH", f"/v1/documents/{document}", json={"allow": ["user:ann"]})
    again = ask(bob)
    assert again.json()["status"] == "no_evidence"
    assert "dusk" not in again.text
    assert "idempotency-replayed" not in again.headers
    assert ask(bob).content == again.content
    assert answers(house) == 2


def test_an_ask_under_way_is_said_to_be_and_a_dead_ones_key_is_taken_over(house, ann):
    ann.add(TEXT)
    database = house.service.database
    reserve_key(database, ANN, "k1", AskRequest(question=QUESTION))
    reply = ask(ann)
    assert (reply.status_code, reply.json()["code"]) == (409, "ask-in-progress")
    assert reply.headers["retry-after"] == "1"
    made_older(house, LONGEST_ANSWER + timedelta(seconds=1))
    assert ask(ann).json()["status"] == "answered"


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_of_asks_that_come_together_one_gets_the_key(request, tmp_path, backend):
    if backend == "postgresql":
        database = Database(request.getfixturevalue("postgres_url"))
    else:
        database = Database.in_folder(tmp_path / "store")
    database.create()
    got = []

    def claim():
        try:
            got.append(reserve_key(database, ANN, "k1", AskRequest(question=QUESTION)))
        except AskInProgressError as error:
            got.append(error)

    threads = [threading.Thread(target=claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refusals = [isinstance(outcome, AskInProgressError) for outcome in got]
    assert sorted(refusals) == [False] + [True] * 5
    got[refusals.index(False)].release()
    assert reserve_key(database, ANN, "k1", AskRequest(question=QUESTION)).earlier is None
    database.engine.dispose()


def test_who_lost_a_key_to_another_neither_settles_nor_releases_it(house):
    database = house.service.database
    slow = reserve_key(database, ANN, "k1", AskRequest(question=QUESTION))
    made_older(house, LONGEST_ANSWER + timedelta(seconds=1))
    reserve_key(database, ANN, "k1", AskRequest(question=QUESTION))
    with database.write() as session:
        slow.settle(session, "ans_slow")
    slow.is_settled = False
    slow.release()
    with pytest.raises(AskInProgressError):
        reserve_key(database, ANN, "k1", AskRequest(question=QUESTION))


def test_an_ask_that_failed_leaves_its_key_free(ann):
    ann.add(TEXT)
    assert ask(ann, filters={"$$$": {"no": 1}}).status_code == 422
    assert ask(ann, conversation_id="conv_none").status_code == 404
    broken = ask(ann, stream=True, filters={"$$$": {"no": 1}})
    assert "event: error" in broken.text
    assert ask(ann).json()["status"] == "answered"


def test_a_deleted_conversation_takes_its_answers_keys_along(ann):
    ann.add(TEXT)
    talk = ann.post("/v1/conversations", json={}).json()["conversation_id"]
    assert ask(ann, conversation_id=talk).status_code == 200
    ann.request("DELETE", f"/v1/conversations/{talk}")
    assert ask(ann, conversation_id=talk).status_code == 404


def test_a_key_is_forgotten_after_a_day(house, ann):
    ann.add(TEXT)
    ask(ann)
    ann.upload(TEXT, filename="b.txt", headers={"Idempotency-Key": "upload"})
    made_older(house, LIFETIME + timedelta(seconds=1))
    assert ask(ann, question="What ink is used?").status_code == 200
    made_older(house, LIFETIME)
    forget_keys(house.service.database)
    with house.service.database.read() as session:
        assert list(session.scalars(select(IdempotencyKey.key))) == ["upload"]


def test_a_stream_given_again_has_the_same_events(ann):
    ann.add(TEXT)
    for _ in range(2):
        blocks = ask(ann, stream=True).text.strip().split("\n\n")
        event_names = [block.split("\n")[0] for block in blocks]
        assert event_names == ["event: sentence"] * (len(blocks) - 1) + ["event: done"]
        assert json.loads(blocks[-1].split("data: ", 1)[1])["status"] == "answered"
