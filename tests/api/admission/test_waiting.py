"""Askers who leave, and readers who take nothing: their places are free at once."""

import asyncio

import pytest
from sqlalchemy import select

from api.questions.usage import usage_report
from index.db.tables.questions import IdempotencyKey
from tests.fakes.asgi_client import OpenRequest, until
from tests.fakes.model_server import running_model_server

SOON_S = 10.0
"""Far less than the slow reply takes, and enough for a busy machine."""
TEXT = "The ferry to Ardal leaves the north pier at nine. A ticket costs four crowns."


@pytest.fixture
def server():
    with running_model_server(mode="slow", script="The ferry leaves " * 200) as running:
        yield running


@pytest.fixture
def house(make_house, server):
    house = make_house(model_url=f"{server.url}/v1", model_name="m", reader_stall_seconds=0.5)
    house.person("ann").add(TEXT, allow=["tenant:all"])
    return house


class Asker(OpenRequest):
    """Somebody who asks, and whose connection the test holds in its hands."""

    def __init__(self, house, *, headers=None, **body):
        question = {"question": "When does the ferry to Ardal leave?", **body}
        key = house.person("ann").key
        super().__init__(house.app, key, "POST", "/v1/ask", question, headers=headers)


@pytest.mark.parametrize("stream", [False, True])
def test_the_slot_of_who_leaves_is_free_long_before_the_reply_would_end(house, server, stream):
    async def scene():
        asker = Asker(house, stream=stream)
        task = asyncio.create_task(asker.run())
        await until(lambda: server.requests and house.service.questions.admission.under_way)
        asker.leave()
        await until(lambda: not house.service.questions.admission.under_way, SOON_S)
        await until(server.client_left.is_set, SOON_S)
        await asyncio.wait({task}, timeout=5)

    asyncio.run(scene())


def held_keys(database):
    with database.read() as session:
        return list(session.scalars(select(IdempotencyKey.key)))


@pytest.mark.parametrize("stream", [False, True])
def test_who_leaves_pays_for_what_was_written_and_leaves_the_idempotency_key_free(
    house, server, stream
):
    async def scene():
        asker = Asker(house, stream=stream, headers={"idempotency-key": "k"})
        task = asyncio.create_task(asker.run())
        await until(lambda: server.requests and house.service.questions.admission.under_way)
        await asyncio.sleep(3 * server.step_s)  # a few words
        asker.leave()
        await until(server.client_left.is_set, SOON_S)
        await asyncio.wait({task}, timeout=5)
        await until(lambda: usage_report(database, "default").items and not held_keys(database))

    database = house.service.database
    asyncio.run(scene())
    [line] = usage_report(database, "default").items
    assert (line.asks, line.prompt_tokens > 0, line.completion_tokens > 0) == (0, True, True)
    server.mode, server.script = "normal", "The ferry leaves at nine. [1]"
    again = house.person("ann").post(
        "/v1/ask",
        json={"question": "When does the ferry to Ardal leave?", "stream": stream},
        headers={"Idempotency-Key": "k"},
    )
    assert again.status_code == 200
    assert "idempotency-replayed" not in again.headers
    assert "nine" in again.text


def test_a_reader_who_takes_nothing_is_dropped_and_others_are_served(house, server):
    async def scene():
        server.mode, server.script = "normal", "The ferry leaves at nine. [1]"
        slow, quick = Asker(house, stream=True), Asker(house, stream=True)
        slow.stuck = True
        tasks = [asyncio.create_task(one.run()) for one in (slow, quick)]
        await until(lambda: not house.service.questions.admission.under_way and quick.sent)
        await asyncio.wait(tasks, timeout=10)
        assert b"event: done" in b"".join(m.get("body", b"") for m in quick.sent)
        assert slow.sent == []

    asyncio.run(scene())
