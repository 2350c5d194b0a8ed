"""The whole service refuses when it has too much to do, and when its database is gone."""

import threading
import time
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, event

from api.middleware.request_guard import STORE_REST_SECONDS
from tests.fakes.model_server import running_model_server

TEXT = "The ferry to Ardal leaves the north pier at nine. A ticket costs four crowns."
QUESTION = {"question": "When does the ferry to Ardal leave?"}
SOON_S = 10


@pytest.fixture
def server():
    with running_model_server(mode="slow", step_s=0.1, script="The ferry leaves. " * 20) as running:
        yield running


def until(true):
    end = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


@contextmanager
def asked_meanwhile(person, house, *, under_way):
    """Ask in a thread of its own, and go on when so many asks have a place."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(person.post("/v1/ask", json=QUESTION)))
    thread.start()
    until(lambda: house.service.questions.admission.under_way >= under_way)
    yield answers
    thread.join()


def test_a_full_queue_refuses_at_once_and_serves_again_when_a_place_is_free(make_house, server):
    house = make_house(
        model_url=f"{server.url}/v1", model_name="m", ask_places=1, ask_workers=1, ask_queue=0
    )
    ann, bob = house.person("ann"), house.person("bob")
    ann.add(TEXT, allow=["tenant:all"])
    with asked_meanwhile(ann, house, under_way=1) as answers:
        until(lambda: server.requests)
        request_count = len(server.requests)
        for body in (QUESTION, QUESTION | {"stream": True}):
            response = bob.post("/v1/ask", json=body, headers={"Idempotency-Key": "k"})
            assert (response.status_code, response.json()["code"]) == (429, "overloaded")
            assert response.headers["content-type"] == "application/problem+json"
            assert int(response.headers["retry-after"]) >= 1
        searched = bob.post("/v1/search", json={"query": "ferry"})
        assert searched.status_code == 429
        assert not answers, "the first ask ended before the others were refused"
        assert len(server.requests) == request_count
        server.mode = "normal"
    assert answers[0].status_code == 200
    again = bob.post("/v1/ask", json=QUESTION, headers={"Idempotency-Key": "k"})
    assert again.status_code == 200
    assert "idempotency-replayed" not in again.headers
    metrics = house.person("root", role="admin").get("/metrics").text
    assert 'footnote_refusals_total{code="overloaded"} 3.0' in metrics


def test_a_database_that_is_gone_is_503_and_left_alone_until_it_may_be_back(house, ann):
    ann.add(TEXT)
    database = house.service.database
    attempts = []
    broken_engine = create_engine("sqlite:////no/such/folder/store.db")
    event.listen(
        broken_engine, "do_connect", lambda *_: attempts.append(threading.current_thread().name)
    )
    engine, database.engine = database.engine, broken_engine
    began = time.monotonic()
    try:
        for _ in range(12):
            response = ann.post("/v1/ask", json=QUESTION)
            assert (response.status_code, response.json()["code"]) == (503, "store-unavailable")
            assert int(response.headers["retry-after"]) >= 1
    finally:
        database.engine = engine
    trials = (time.monotonic() - began) // STORE_REST_SECONDS  # on a slow machine it rests in vain
    of_requests = [name for name in attempts if name.startswith("AnyIO")]  # not the queue's workers
    assert 3 <= len(of_requests) <= 3 + trials, "after three failures nobody asks it for a moment"
    until(lambda: ann.post("/v1/ask", json=QUESTION).status_code == 200)
