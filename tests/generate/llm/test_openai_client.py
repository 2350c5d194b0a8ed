"""The client against a scripted server: streaming, patience, retries, and every failure's name."""

import time

import httpx
import pytest
import stamina

from generate.errors import (
    ModelError,
    ModelProtocolError,
    ModelRefusedError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from generate.llm.metering import Meter, ask, counting
from generate.llm.openai_client import LINE_BYTES, STREAM_BYTES, ModelEndpoint, OpenAIModel
from generate.llm.port import Message
from generate.llm.token_counting import guess_tokens
from tests.fakes.model import ScriptedModel
from tests.fakes.model_server import running_model_server

PROMPT = [Message("user", "Say something.")]


@pytest.fixture
def server():
    with running_model_server() as running:
        yield running


@pytest.fixture
def connect(server):
    with httpx.Client() as client:

        def make(**settings):
            endpoint = ModelEndpoint("tiny", server.url, stall_s=0.3, key="k", **settings)
            return OpenAIModel(endpoint, client)

        yield make


def read(model, seconds=5.0):
    deltas = list(model.stream(PROMPT, deadline=time.monotonic() + seconds))
    return "".join(delta.text for delta in deltas), deltas[-1].usage


@pytest.mark.parametrize("kind", ["scripted", "server"])
def test_every_model_streams_text_then_usage_and_counts_tokens(kind, server, connect):
    sentence = "The ferry leaves at nine. [1]"
    model = ScriptedModel(sentence) if kind == "scripted" else connect()
    text, usage = read(model)
    assert text.strip() == sentence
    assert usage.completion_tokens > 0
    assert 0 < model.count_tokens("a few words") <= model.count_tokens("a few words and more")


def test_the_request_asks_for_a_deterministic_stream_with_usage(server, connect):
    read(connect())
    request = server.requests[0]
    assert request["messages"] == [{"role": "user", "content": "Say something."}]
    assert request["stream"]
    assert request["stream_options"] == {"include_usage": True}
    assert request["temperature"] == 0


def test_the_endpoints_settings_are_in_the_request(server, connect):
    extra = {"top_k": 20, "chat_template_kwargs": {"enable_thinking": False}, "seed": None}
    read(
        connect(
            temperature=0.6,
            reasoning_effort="low",
            answer_tokens=77,
            answer_tokens_field="max_completion_tokens",
            extra_body=extra,
        )
    )
    request = server.requests[0]
    assert (request["temperature"], request["reasoning_effort"], request["top_k"]) == (
        0.6,
        "low",
        20,
    )
    assert request["chat_template_kwargs"] == {"enable_thinking": False}
    assert request["max_completion_tokens"] == 77
    assert {"max_tokens", "seed"}.isdisjoint(request)


def test_a_setting_that_is_not_wanted_is_not_sent_and_none_replaces_the_services_own(
    server, connect
):
    read(connect(temperature=None, extra_body={"stream": False, "messages": [], "model": "other"}))
    request = server.requests[0]
    assert {"temperature", "reasoning_effort"}.isdisjoint(request)
    assert request["stream"]
    assert (request["model"], len(request["messages"])) == ("tiny", 1)


FORM = {"type": "object", "properties": {"verdict": {"enum": ["yes", "no"]}}}


def test_a_server_is_asked_to_hold_its_model_to_a_form(server, connect):
    model = connect()
    read(model.in_form(FORM))
    read(model)
    request = server.requests[0]["response_format"]
    assert request["type"] == "json_schema"
    assert request["json_schema"]["schema"] == FORM
    assert request["json_schema"]["strict"]
    assert "response_format" not in server.requests[1]


def test_a_server_that_takes_no_form_is_asked_without_and_then_no_more(server, connect):
    server.forms = False
    model = connect()
    for _ in range(2):
        assert read(model.in_form(FORM))[0]
    assert ["response_format" in request for request in server.requests] == [True, False, False]


def test_a_request_that_is_refused_with_and_without_a_form_says_nothing_of_forms(server, connect):
    server.mode = "refuse"
    model = connect().in_form(FORM)
    for _ in range(2):
        with pytest.raises(ModelRefusedError):
            read(model)
    assert ["response_format" in request for request in server.requests] == [True, False] * 2


@pytest.fixture
def waits():
    """Let retries wait for real, and collect for how long."""
    texts = []
    stamina.instrumentation.set_on_retry_hooks([lambda retry: texts.append(retry.wait_for)])
    with stamina.set_testing(False):
        yield texts
    stamina.instrumentation.set_on_retry_hooks([])


def test_a_busy_server_is_asked_again_with_growing_waits(server, connect, waits):
    server.failures = 2
    text, _ = read(connect(attempts=3, backoff_s=0.02))
    assert text.startswith("The ferry")
    assert len(server.requests) == 3
    assert 0.01 <= waits[0] <= 0.02 <= waits[1] <= 0.04


def test_attempts_are_bounded(server, connect):
    server.mode = "unavailable"
    with pytest.raises(ModelUnavailableError):
        read(connect(attempts=2))
    assert len(server.requests) == 2


def test_nothing_is_asked_again_once_a_token_has_come(server, connect):
    server.mode = "reset"
    with pytest.raises(ModelUnavailableError):
        read(connect(attempts=3))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("garbage", ModelProtocolError),
        ("hang", ModelTimeoutError),
        ("refuse", ModelRefusedError),
        ("error", ModelUnavailableError),
    ],
)
def test_each_failure_has_its_name(mode, error, server, connect):
    server.mode = mode
    with pytest.raises(error):
        read(connect(attempts=1))


def test_a_slow_server_is_left_at_the_deadline(server, connect):
    server.mode, server.step_s = "slow", 0.15
    began = time.monotonic()
    with pytest.raises(ModelTimeoutError):
        read(connect(), seconds=0.4)
    assert time.monotonic() - began < 1.0


def test_no_request_is_made_after_the_deadline(server, connect):
    with pytest.raises(ModelTimeoutError):
        read(connect(), seconds=0.0)
    assert server.requests == []


def test_closing_the_iterator_ends_the_request(server, connect):
    server.mode, server.step_s, server.script = "slow", 0.02, "word " * 500
    stream = connect().stream(PROMPT, deadline=time.monotonic() + 5)
    next(stream)
    stream.close()
    assert server.client_left.wait(2)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError, httpx.ReadError, httpx.WriteError, httpx.CloseError, httpx.ProxyError,
        httpx.LocalProtocolError, httpx.RemoteProtocolError, httpx.UnsupportedProtocol,
        httpx.DecodingError, httpx.TooManyRedirects, httpx.ConnectTimeout, httpx.ReadTimeout,
        httpx.WriteTimeout, httpx.PoolTimeout, httpx.InvalidURL,
    ],
)  # fmt: skip
def test_every_error_of_httpx_becomes_one_of_ours(error):
    def fail(_request):
        raise error("no")

    with httpx.Client(transport=httpx.MockTransport(fail)) as client:
        model = OpenAIModel(ModelEndpoint("t", "http://model", attempts=1), client)
        with pytest.raises(ModelError):
            read(model)


@pytest.mark.parametrize(
    "body",
    [
        b"data: 5\n\n", b'data: {"choices": [5]}\n\n', b'data: {"choices": "x"}\n\n', b"",
        b'data: {"choices": [{"delta": {"content": 5}}]}\n\n', b"<html>", b"data: [DONE",
        b'data: {"usage": {"prompt_tokens": 1}}\n\n', b'data: {"choices": {"a": 1}}\n\n',
        b"data: " + b"[" * 100_000 + b"\n\n",
    ],
)  # fmt: skip
def test_a_body_of_another_shape_is_named_so(body):
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=body))
    with httpx.Client(transport=transport) as client, pytest.raises(ModelProtocolError):
        read(OpenAIModel(ModelEndpoint("t", "http://model", attempts=1), client))


@pytest.mark.parametrize("block", [b"x" * LINE_BYTES, b": " + b"x" * 1000 + b"\n"])
def test_a_stream_without_end_is_left_before_it_fills_the_memory(block):
    size = 0

    def endless():
        nonlocal size
        while True:
            size += len(block)
            yield block

    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=endless()))
    with httpx.Client(transport=transport) as client, pytest.raises(ModelProtocolError):
        read(OpenAIModel(ModelEndpoint("t", "http://model", attempts=1), client), seconds=60)
    assert size <= STREAM_BYTES + len(block)


@pytest.mark.parametrize(
    "counts",
    [
        '{"prompt_tokens": "7", "completion_tokens": 2}',
        '{"prompt_tokens": null, "completion_tokens": 2}',
        '{"prompt_tokens": 7, "completion_tokens": -2}',
        '{"prompt_tokens": 7.5, "completion_tokens": 2}',
        '{"prompt_tokens": NaN, "completion_tokens": Infinity}',
        '{"prompt_tokens": 1e300, "completion_tokens": 2}',
        '{"prompt_tokens": 1' + "0" * 30 + ', "completion_tokens": 2}',
        '{"prompt_tokens": true, "completion_tokens": []}',
        '"many"', "7", "[1]", "null", "{}", "false",
    ],
)  # fmt: skip
def test_a_usage_that_is_no_count_of_tokens_counts_for_nothing(counts):
    body = (
        f'data: {{"choices": [{{"delta": {{"content": "Yes."}}}}], "usage": {counts}}}\n\n'
        "data: [DONE]\n\n"
    )
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=body.encode()))
    with httpx.Client(transport=transport) as client:
        model = OpenAIModel(ModelEndpoint("t", "http://model", attempts=1), client)
        with counting(Meter()) as meter:
            text = "".join(
                delta.text for delta in ask(model, PROMPT, deadline=time.monotonic() + 5)
            )
    assert text == "Yes."
    assert meter.total.prompt_tokens == guess_tokens(PROMPT[0].content)
    assert meter.total.completion_tokens == guess_tokens("Yes.")
