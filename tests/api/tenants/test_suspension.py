"""What is under way with a credential ends with it: streams of answers and jobs, evaluations."""

import asyncio
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import select

from api.auth.api_keys import Caller, list_keys, revoke_key
from api.auth.browser_cookies import csrf_token
from api.auth.identities import map_identity
from api.auth.people import suspend_person
from api.auth.sessions import SessionTerms, open_session
from api.errors import UnauthorizedError
from api.middleware.stream_guard import LOOK_SECONDS, StreamGuard
from api.tenants.life_cycle import create_tenant, suspend_tenant
from index.db.tables.access import Identity
from index.db.tables.evaluations import EvaluationRun
from index.db.tables.questions import AnswerRow
from index.types import Actor, Scope
from ingest.queue.administration import pause_queue
from tests.api.auth.test_oidc import AUDIENCE, ISSUER, key_set, token
from tests.api.conftest import Person
from tests.fakes.asgi_client import OpenRequest, until
from tests.fakes.model_server import running_model_server

TEXT = "The ferry to Ardal leaves the north pier at nine."
QUESTION = "When does the ferry to Ardal leave?"


@pytest.fixture
def server():
    """Make a model server that takes questions and never answers."""
    with running_model_server(mode="hang") as running:
        yield running


@pytest.fixture
def signer():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def house(make_house, server, signer, tmp_path):
    jwks = tmp_path / "jwks.json"
    jwks.write_text(key_set(signer, "one"))
    house = make_house(
        model_url=f"{server.url}/v1", model_name="m",
        oidc_issuer=ISSUER, oidc_audience=AUDIENCE, oidc_jwks=str(jwks),
    )  # fmt: skip
    create_tenant(house.service.database, "harbour")
    return house


@pytest.fixture
def ann(house):
    ann = house.person("ann", tenant="harbour")
    ann.add(TEXT)
    return ann


def suspend(house):
    suspend_tenant(house.service.database, "harbour")


def revoke(house):
    for key in list_keys(house.service.database, "harbour"):
        revoke_key(house.service.database, "harbour", key.key_id)


CUTS = pytest.mark.parametrize(
    ("cut", "code"), [(suspend, "tenant-suspended"), (revoke, "unauthorized")]
)


def cut_off(house, request, is_under_way, cut):
    """Open a stream, cut its credential once it is under way, and wait until it has ended."""

    async def scene():
        task = asyncio.create_task(request.run())
        await until(lambda: request.sent and is_under_way())
        await asyncio.to_thread(cut, house)
        await asyncio.wait_for(task, 120)

    asyncio.run(scene())
    assert request.status == 200
    assert not request.sent[-1].get("more_body", False)
    return request.text


@CUTS
def test_a_stream_of_an_answer_ends_with_its_credential(house, ann, server, cut, code):
    body = {"question": QUESTION, "stream": True}
    request = OpenRequest(house.app, ann.key, "POST", "/v1/ask", body)
    text = cut_off(house, request, lambda: server.requests, cut)
    assert text.startswith("event: error\n")
    assert code in text
    assert server.client_left.wait(120)
    with house.service.database.read() as session:
        assert session.scalar(select(AnswerRow)) is None


@CUTS
def test_a_stream_of_a_job_ends_with_its_credential(house, ann, cut, code):
    pause_queue(house.service.database, "harbour", by="user:root")
    job_id = ann.upload(TEXT + " It returns at noon.", filename="other.txt").json()["job_id"]
    request = OpenRequest(house.app, ann.key, "GET", f"/v1/jobs/{job_id}/events")
    first, last = cut_off(house, request, lambda: request.text, cut).strip().split("\n\n")
    assert first.startswith("event: progress\n")
    assert last.startswith("event: error\n")
    assert code in last


def test_a_stream_with_a_token_of_an_issuer_ends_when_the_tenant_is_suspended(
    house, ann, server, signer
):
    map_identity(house.service.database, "harbour", issuer=ISSUER, subject="42", user="ann")
    ben = Person(house.client, token(signer))
    assert ben.get("/v1/me").json()["user"] == "user:ann"
    body = {"question": QUESTION, "stream": True}
    request = OpenRequest(house.app, ben.key, "POST", "/v1/ask", body)
    assert "tenant-suspended" in cut_off(house, request, lambda: server.requests, suspend)


def test_a_stream_of_a_session_ends_with_its_person(house, ann, server):
    database = house.service.database
    map_identity(database, "harbour", issuer=ISSUER, subject="42", user="ann")
    terms = SessionTerms(timedelta(hours=1), timedelta(hours=1))
    with database.write() as session:
        cookie = open_session(session, session.get(Identity, (ISSUER, "42")), terms)
    headers = {
        "authorization": "", "cookie": f"footnote={cookie}", "origin": "http://localhost",
        "x-csrf-token": csrf_token(cookie),
    }  # fmt: skip
    body = {"question": QUESTION, "stream": True}
    request = OpenRequest(house.app, "", "POST", "/v1/ask", body, headers=headers)
    text = cut_off(
        house, request, lambda: server.requests,
        lambda house: suspend_person(house.service.database, "harbour", "ann"),
    )  # fmt: skip
    assert text.startswith("event: error\n")
    assert "unauthorized" in text


@CUTS
def test_an_evaluation_ends_in_the_middle_of_a_question(house, ann, server, cut, code):
    sample = {"id": "q1", "question": QUESTION, "answers": ["at nine"]}
    body = {"dataset": "questions", "questions": [sample]}
    evaluation_id = ann.post("/v1/evaluations", json=body).json()["evaluation_id"]

    def end():
        columns = select(EvaluationRun.state, EvaluationRun.reason)
        with house.service.database.read() as session:
            return session.execute(columns.where(EvaluationRun.id == evaluation_id)).one()

    async def scene():
        await until(lambda: server.requests, 120)
        await asyncio.to_thread(cut, house)
        await until(lambda: end().state == "failed", 120)

    asyncio.run(scene())
    assert server.client_left.wait(120)
    assert {"tenant-suspended": "suspended", "unauthorized": "not valid"}[code] in end().reason


def test_streams_are_looked_through_often_enough_to_end_within_a_second():
    assert LOOK_SECONDS <= 0.5


def test_one_query_looks_after_all_streams_and_the_others_go_on():
    """Only the stream whose credential is refused ends; nobody looks once none is open."""
    refused, looks = {}, []

    def refusals(callers):
        looks.append(sorted(caller.credential for caller in callers))
        return refused

    guard = StreamGuard(refusals)
    is_over = asyncio.Event()

    async def app(scope, receive, send):
        headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"event: one\n\n", "more_body": True})
        await is_over.wait()
        await send({"type": "http.response.body", "body": b"event: two\n\n"})

    def stream(caller):
        sent = []

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "state": {"caller": caller}}
        return sent, asyncio.create_task(guard.serve(app, scope, None, send))

    async def scene(callers):
        (sent_to_ann, ann), (sent_to_bob, bob) = (stream(caller) for caller in callers)
        await until(lambda: sent_to_ann and sent_to_bob)
        refused[callers[0].credential] = UnauthorizedError("It is not valid any more.")
        await asyncio.wait_for(ann, 30)
        assert b"event: error" in sent_to_ann[-2]["body"]
        assert not bob.done()
        is_over.set()
        await asyncio.wait_for(bob, 30)
        assert sent_to_bob[-1]["body"] == b"event: two\n\n"

    asyncio.run(scene([caller_of("key_1"), caller_of("key_2")]))
    assert looks[0] == ["key_1", "key_2"]


def caller_of(credential):
    return Caller(Actor(Scope.of("default", ["user:ann"]), "user:ann"), credential)
