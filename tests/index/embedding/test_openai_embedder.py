"""An embedding server: what is sent, what is tried again, and what is not taken from it."""

import threading
import time

import numpy as np
import pytest

from index.errors import EmbedderRefusedError, EmbedderUnavailableError
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.embedding_server import remote_at, running_embedding_server


@pytest.fixture
def server():
    with running_embedding_server() as server:
        yield server


def test_a_request_holds_one_text_so_that_its_bytes_depend_on_that_text_alone(server):
    embedder = remote_at(server, dimension=64)
    texts = [f"The lamp of tower {i}." for i in range(20)]
    embedder.embed(texts)
    assert sorted(body["input"] for body in server.requests) == sorted([text] for text in texts)
    for body in server.requests:
        assert body == {"model": "lamp-1", "input": body["input"], "encoding_format": "float"}


def test_rows_come_in_order_and_are_normalised(server):
    embedder = remote_at(server)
    texts = [f"The lamp of tower {i}." for i in range(20)]
    np.testing.assert_allclose(embedder.embed(texts), FakeEmbedder().embed(texts), atol=1e-6)
    assert (embedder.name, embedder.dimension) == ("server:lamp-1@64", 64)


@pytest.mark.parametrize("status", [429, 503, 500, 0])
def test_what_was_only_busy_is_tried_again(server, status):
    waits = []
    embedder = remote_at(server, sleep=waits.append, dimension=64)
    server.failures, server.failing = 3, status
    assert embedder.embed(["lamp"]).shape == (1, 64)
    assert len(server.requests) == 4
    assert len(waits) == 3


def test_after_the_last_attempt_the_server_is_not_available(server):
    embedder = remote_at(server, dimension=64, attempts=3)
    server.failures = 100
    with pytest.raises(EmbedderUnavailableError):
        embedder.embed(["lamp"])
    assert len(server.requests) == 3


def test_waits_grow_and_a_server_may_ask_for_its_own(server):
    waits = []
    embedder = remote_at(server, sleep=waits.append, dimension=64, backoff_s=8.0, longest_wait_s=20)
    server.failures = 2
    embedder.embed(["lamp"])
    assert 3.9 < waits[0] <= 8 < waits[1] <= 16
    waits.clear()
    embedder = remote_at(server, sleep=waits.append, dimension=64, longest_wait_s=20)
    server.failures, server.retry_after = 1, "7"
    embedder.embed(["lamp"])
    assert 6 < waits[0] <= 7
    server.failures, server.retry_after = 1, "9000"
    embedder.embed(["lamp"])
    assert 19 < waits[-1] <= 20


def test_when_one_request_is_told_to_wait_all_wait(server):
    waits = []
    embedder = remote_at(server, sleep=waits.append, dimension=64, longest_wait_s=60)
    server.failures, server.failing, server.retry_after = 1, 429, "50"
    embedder.embed(["lamp"])
    embedder.embed(["oil"])
    assert [len(server.requests), len(waits)] == [3, 2]
    assert all(40 < wait <= 50 for wait in waits)


def test_no_more_requests_are_under_way_than_allowed(server):
    embedder = remote_at(server, dimension=64, at_once=3)
    server.hold = threading.Event()
    work = threading.Thread(target=embedder.embed, args=([f"lamp {i}" for i in range(12)],))
    work.start()
    until = time.monotonic() + 10
    while len(server.requests) < 3:
        assert time.monotonic() < until
        time.sleep(0.005)
    server.hold.set()
    work.join(10)
    assert (server.together, len(server.requests)) == (3, 12)


def test_what_the_server_refuses_for_its_content_is_not_tried_again(server):
    embedder = remote_at(server, dimension=64)
    server.failures, server.failing = 1, 400
    with pytest.raises(EmbedderRefusedError):
        embedder.embed(["lamp"])
    server.failures, server.failing = 1, 401
    with pytest.raises(EmbedderUnavailableError, match="401"):
        embedder.embed(["lamp"])
    assert len(server.requests) == 2


def test_a_server_with_another_model_is_noticed_by_its_dimensions(server):
    with pytest.raises(EmbedderUnavailableError, match="64 dimensions, and 32"):
        remote_at(server, dimension=32).embed(["lamp"])
    embedder = remote_at(server)
    server.embedder = FakeEmbedder(dimension=32)
    with pytest.raises(EmbedderUnavailableError, match="another model"):
        embedder.embed(["lamp"])


@pytest.mark.parametrize(
    "reply",
    [
        b"lamp", b"[]", b"{}", b'{"data": []}', b'{"data": [{"embedding": "x"}]}', b"null",
        b'{"data": [{"embedding": [NaN, 1.0]}]}', b'{"data": [{"embedding": [0.0, 0.0]}]}',
        b'{"data": [{"embedding": [1, 0]}, {"embedding": [1, 0]}]}',
    ],
)  # fmt: skip
def test_what_is_no_vector_is_not_taken(server, reply):
    embedder = remote_at(server, dimension=2)
    server.reply = reply
    with pytest.raises(EmbedderUnavailableError):
        embedder.embed(["lamp"])


def test_a_text_is_cut_to_what_the_model_sees_and_an_empty_one_is_a_space(server):
    embedder = remote_at(server, dimension=64, max_tokens=10)
    embedder.embed(["lamp " * 50])
    embedder.embed([""])
    assert server.requests[0]["input"] == [" ".join(["lamp"] * 8)]
    assert server.requests[1]["input"] == [" "]


def test_the_key_goes_along_and_no_proxy_of_the_environment_is_asked(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    remote_at(server, key="fn-secret").embed(["lamp"])
    assert server.headers[-1]["Authorization"] == "Bearer fn-secret"
