"""The chain of models over a real connection, in each way that a model server breaks."""

import threading
import time
from contextlib import ExitStack

import httpx
import pytest

from generate.errors import ModelError, ModelRefusedError, ModelTimeoutError
from generate.llm.circuit_breaker import Health
from generate.llm.fallback_chain import Route, RoutedModel
from generate.llm.openai_client import ModelEndpoint, OpenAIModel
from generate.llm.port import Message
from generate.llm.registry import ModelSpec
from tests.fakes.model import ScriptedModel
from tests.fakes.model_engine import EngineLimits
from tests.fakes.model_server import running_model_server

PROMPT = [Message("user", "Say something.")]


class Clock:
    """The watchdog's clock, moved by hand."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def stack():
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def chain_to(stack, clock):
    """Make a chain of a server and, after it, a model that never fails."""

    def make(server, stall_s=5.0):
        client = stack.enter_context(httpx.Client())
        endpoint = ModelEndpoint("served", server.url, attempts=1, stall_s=stall_s)
        health = Health(failures=2, rest_s=5, stuck_s=8, clock=clock)
        served = Route(
            ModelSpec(name="served", url=server.url), OpenAIModel(endpoint, client), health
        )
        spare = Route(ModelSpec(name="spare", url="http://spare"), ScriptedModel("Spare."))
        return RoutedModel([served, spare]), health

    return make


def read(chain):
    deltas = list(chain.stream(PROMPT, deadline=time.monotonic() + 10))
    return deltas[-1].model, "".join(delta.text for delta in deltas)


@pytest.mark.parametrize("mode", ["unavailable", "garbage"])
def test_a_server_that_fails_twice_is_left_alone_and_tried_again_later(
    mode, stack, chain_to, clock
):
    server = stack.enter_context(running_model_server(mode=mode))
    chain, health = chain_to(server)
    assert [read(chain)[0] for _ in range(4)] == ["spare"] * 4
    assert (len(server.requests), health.state) == (2, "open")
    server.mode = "normal"
    clock.now += 6
    assert read(chain)[0] == "served"
    assert health.state == "closed"


@pytest.mark.parametrize("mode", ["reset", "error"])
def test_a_server_that_breaks_off_fails_its_readers_and_then_is_left_alone(mode, stack, chain_to):
    server = stack.enter_context(running_model_server(mode=mode))
    chain, health = chain_to(server)
    for _ in range(2):
        with pytest.raises(ModelError):
            read(chain)
    assert read(chain)[0] == "spare"
    assert (len(server.requests), health.state) == (2, "open")


def test_a_prompt_that_the_server_refuses_says_nothing_of_its_health(stack, chain_to):
    server = stack.enter_context(running_model_server(limits=EngineLimits(kv_tokens=3)))
    chain, health = chain_to(server)
    assert [read(chain)[0] for _ in range(3)] == ["spare"] * 3
    assert (len(server.requests), health.state) == (3, "closed")
    with pytest.raises(ModelRefusedError):
        list(chain.routes[0].model.stream(PROMPT, deadline=time.monotonic() + 5))


def test_an_engine_that_stands_still_behind_a_green_health_gets_no_further_asks(
    stack, chain_to, clock
):
    server = stack.enter_context(running_model_server(mode="hang"))
    chain, health = chain_to(server, stall_s=20)
    heard = []
    first = threading.Thread(target=lambda: heard.append(read(chain)))
    first.start()
    until(lambda: server.requests)
    assert httpx.get(f"{server.url}/health").json() == {"status": "ok"}
    assert not health.stuck
    clock.now += 9
    assert health.stuck
    assert read(chain)[0] == "spare"
    assert len(server.requests) == 1
    server.mode = "normal"
    first.join(10)
    assert heard == [("served", server.script)]
    assert read(chain)[0] == "served"


def test_a_slow_server_is_not_a_stuck_one(stack, chain_to, clock):
    server = stack.enter_context(running_model_server(mode="slow", step_s=0.01))
    chain, health = chain_to(server)
    with_tokens = chain.stream(PROMPT, deadline=time.monotonic() + 10)
    for _ in with_tokens:
        clock.now += 7
        assert not health.stuck
    assert health.state == "closed"


def test_silence_in_the_middle_of_a_reply_ends_it_and_frees_the_servers_batch(stack, chain_to):
    server = stack.enter_context(
        running_model_server(mode="slow", step_s=0.01, script="word " * 500)
    )
    chain, _ = chain_to(server, stall_s=0.2)
    stream = chain.stream(PROMPT, deadline=time.monotonic() + 10)
    assert next(stream).text == "word"
    server.mode = "hang"
    with pytest.raises(ModelTimeoutError):
        list(stream)
    until(lambda: "vllm:num_requests_running 0" in httpx.get(f"{server.url}/metrics").text)


def test_a_full_batch_makes_the_next_ask_wait_and_loses_none(stack, chain_to):
    server = stack.enter_context(running_model_server(limits=EngineLimits(slots=1, step_s=0.002)))
    chain, _ = chain_to(server)
    heard = []
    threads = [threading.Thread(target=lambda: heard.append(read(chain))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert heard == [("served", server.script)] * 8


def test_a_reply_that_is_not_streamed_comes_whole(stack):
    server = stack.enter_context(running_model_server())
    body = {"model": "m", "messages": [{"role": "user", "content": "Two words"}], "max_tokens": 2}
    reply = httpx.post(f"{server.url}/v1/chat/completions", json=body).json()
    assert reply["choices"][0]["message"]["content"] == "The ferry"
    assert reply["choices"][0]["finish_reason"] == "length"
    assert reply["usage"] == {"prompt_tokens": 2, "completion_tokens": 2, "total_tokens": 4}
    assert httpx.get(f"{server.url}/v1/models").json()["data"][0]["id"] == "scripted"


def until(true, seconds=10.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)
