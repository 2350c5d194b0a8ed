"""Our client on the wire of a real vLLM: streams, cancels, refusals, crashes."""

import time
from dataclasses import replace

import httpx
import pytest

from generate.config import AnswerConfig
from generate.errors import ModelRefusedError, ModelUnavailableError
from generate.llm.openai_client import ModelEndpoint, OpenAIModel
from generate.llm.port import Message
from generate.prompting.prompt import build_prompt
from tests.fakes.passages import passage
from tests.vllm.server import CONTEXT, MODEL, running_vllm

PROMPT = [Message("user", "When is the lamp lit?")]
LONG = 1500
"""Tokens of an answer that takes seconds."""
CANCEL_SECONDS = 1.0


@pytest.fixture
def connect():
    with httpx.Client() as client:

        def make(url, **settings):
            given = ModelEndpoint(MODEL, url, answer_tokens=32, stall_s=30)
            return OpenAIModel(replace(given, **settings), client)

        yield make


def soon():
    return time.monotonic() + 60


def test_an_answer_streams_in_pieces_and_ends_with_its_usage(vllm, connect):
    deltas = list(connect(vllm.url).stream(PROMPT, deadline=soon()))
    assert len(deltas) > 3
    assert deltas[-1].usage.completion_tokens == 32
    assert deltas[-1].usage.prompt_tokens > 10


def test_the_same_prompt_gives_the_same_answer(vllm, connect):
    said = [
        "".join(d.text for d in connect(vllm.url).stream(PROMPT, deadline=soon())) for _ in "ab"
    ]
    assert said[0] == said[1] != ""


def test_closing_the_stream_frees_the_slot_within_a_second(vllm, connect):
    stream = connect(vllm.url, answer_tokens=LONG).stream(PROMPT, deadline=soon())
    counted_by = time.monotonic() + 5
    next(stream)
    while not vllm.metric("num_requests_running"):  # it is counted after the first token is sent
        assert time.monotonic() < counted_by
        time.sleep(0.02)
    stream.close()
    began = time.monotonic()
    while vllm.metric("num_requests_running"):
        assert time.monotonic() - began < CANCEL_SECONDS
        time.sleep(0.05)


def test_a_second_question_about_the_same_passages_finds_its_prefix_cached(vllm, connect):
    model = connect(vllm.url, answer_tokens=8)
    passages = [passage("The lamp is lit thirty minutes before sunset. " * 4)]
    config = replace(AnswerConfig(), context_tokens=CONTEXT, answer_tokens=8)
    before = {name: vllm.metric(f"prefix_cache_{name}_total") for name in ("queries", "hits")}
    for question in ("When is the lamp lit?", "Who lights the lamp, and when?"):
        prompt = build_prompt(question, passages, [], config, model.count_tokens)
        list(model.stream(prompt.messages, deadline=soon()))
    asked, hits = (
        vllm.metric(f"prefix_cache_{name}_total") - before[name] for name in ("queries", "hits")
    )
    print(f"prefix cache: {hits:.0f} of {asked:.0f} prompt tokens, {hits / asked:.2f}")  # noqa: T201 - the figure
    assert hits / asked > 0.4  # of two prompts, the second one's prefix: nearly half


def test_a_model_that_is_not_served_is_refused_once(vllm):
    with httpx.Client() as client:
        stranger = OpenAIModel(ModelEndpoint("another", vllm.url), client)
        with pytest.raises(ModelRefusedError):
            list(stranger.stream(PROMPT, deadline=soon()))


def test_a_prompt_longer_than_the_context_is_refused(vllm, connect):
    with pytest.raises(ModelRefusedError):
        list(connect(vllm.url).stream([Message("user", "lamp " * CONTEXT)], deadline=soon()))


def test_a_server_that_dies_in_mid_answer_is_told_and_serves_again_when_it_is_back(
    tiny_model, connect
):
    with running_vllm(tiny_model) as server:
        port = httpx.URL(server.url).port
        stream = connect(server.url, answer_tokens=LONG).stream(PROMPT, deadline=soon())
        next(stream)
        server.kill()
        with pytest.raises(ModelUnavailableError):
            list(stream)
        with pytest.raises(ModelUnavailableError):
            list(connect(server.url, attempts=1).stream(PROMPT, deadline=soon()))
    with running_vllm(tiny_model, port=port) as again:
        assert list(connect(again.url).stream(PROMPT, deadline=soon()))
