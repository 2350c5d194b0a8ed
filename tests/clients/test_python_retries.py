"""The Python client sends again what is safe to send again, and nothing else."""

import asyncio
import json

import httpx
import pytest

from footnote_client import (
    AsyncFootnote,
    Footnote,
    ServiceError,
    TooManyRequestsError,
    UnreachableError,
    WaitTimeoutError,
)
from footnote_client.events import EventParser
from footnote_client.requests import Request, get, reading, recognised
from footnote_client.retries import Retries

ANSWER = {
    "status": "no_evidence", "text": "", "sentences": [], "citations": [], "snapshot": "0",
    "usage": {"prompt_tokens": 0, "completion_tokens": 0, "cost": 0.0}, "model": "quote",
    "answer_id": "ans_1",
}  # fmt: skip
PASSING = {"Retry-After": "0"}


class Script:
    """Answers requests one after the other, and keeps them."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.requests = []

    def __call__(self, request):
        self.requests.append((request.method, dict(request.headers), request.read()))
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply


def client_of(script, **options):
    http = httpx.Client(transport=httpx.MockTransport(script))
    return Footnote("http://footnote.example", "fn_x", http_client=http, **options)


def busy(status=503):
    return httpx.Response(status, headers=PASSING, json={"code": "busy", "status": status})


def test_an_ask_is_sent_again_with_the_same_key():
    script = Script(busy(), httpx.ReadError("broke"), httpx.Response(200, json=ANSWER))
    assert client_of(script, retries=2).ask("When?").answer_id == "ans_1"
    assert len({headers["idempotency-key"] for _, headers, _ in script.requests}) == 1
    assert len({body for *_, body in script.requests}) == 1


def test_an_ask_that_is_still_answered_is_waited_for():
    waiting = httpx.Response(409, headers=PASSING, json={"code": "ask-in-progress"})
    script = Script(waiting, httpx.Response(200, json=ANSWER))
    assert client_of(script).ask("When?").answer_id == "ans_1"


def test_an_upload_is_sent_again_whole(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 100_000)
    accepted = {"document_id": "doc_1", "version": 1, "job_id": "job_1"}
    for source in (path, path.open("rb"), path.read_bytes()):
        script = Script(httpx.ReadError("broke"), httpx.Response(202, json=accepted))
        upload = client_of(script).documents.upload(source, filename="a.txt")
        assert upload.document_id == "doc_1"
        for method, headers, body in script.requests:
            assert method == "POST"
            assert headers["idempotency-key"] == script.requests[0][1]["idempotency-key"]
            assert body.count(b"x" * 100_000) == 1


def test_a_change_is_not_sent_again_where_it_may_have_been_done():
    for reply, kind in ((busy(), ServiceError), (httpx.ReadError("broke"), UnreachableError)):
        script = Script(reply)
        with pytest.raises(kind):
            client_of(script).conversations.create()
        assert len(script.requests) == 1


def test_a_change_is_sent_again_where_nothing_was_done():
    view = {
        "conversation_id": "conv_1", "title": "", "created_at": "2026-01-02T03:04:05Z",
        "metadata": {}, "id": "conv_1", "object": "conversation",
    }  # fmt: skip
    script = Script(busy(429), httpx.ConnectError("refused"), httpx.Response(201, json=view))
    assert client_of(script).conversations.create().conversation_id == "conv_1"


def test_a_refusal_stands_and_a_long_pause_is_not_waited_for():
    late = httpx.Response(429, headers={"Retry-After": "3600"}, json={"code": "budget-spent"})
    script = Script(late)
    with pytest.raises(TooManyRequestsError) as error:
        client_of(script).ask("When?")
    assert (error.value.code, error.value.retry_after) == ("budget-spent", 3600)
    script = Script(busy(), busy(), busy(), busy())
    with pytest.raises(ServiceError):
        client_of(script, retries=2).search("when")
    assert len(script.requests) == 3


def test_waiting_ends_when_its_time_is_up():
    job = {
        "job_id": "job_1", "document_id": "doc_1", "version": 1, "kind": "ingest",
        "priority": "normal", "state": "queued", "stage": None, "done": 0, "total": 0,
        "stages": [], "attempts": 0, "reason": None, "code": None,
        "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z",
    }  # fmt: skip
    with pytest.raises(WaitTimeoutError, match="job_1 is queued"):
        client_of(Script(httpx.Response(200, json=job))).jobs.wait("job_1", timeout=0)


def test_something_that_is_no_problem_document_is_still_an_error():
    with pytest.raises(ServiceError) as error:
        client_of(Script(httpx.Response(500, text="<h1>Bad gateway</h1>"))).me()
    assert (error.value.status, error.value.code) == (500, "unknown")
    assert "Bad gateway" in error.value.detail


def test_a_stream_that_breaks_or_fails_says_so():
    head = {"content-type": "text/event-stream"}
    broken = Script(httpx.Response(200, headers=head, text=": still working\n\n"))
    with client_of(broken).ask_stream("When?") as stream, pytest.raises(UnreachableError):
        list(stream)
    problem = json.dumps({"status": 429, "code": "overloaded", "detail": "Too much."})
    failed = Script(httpx.Response(200, headers=head, text=f"event: error\ndata: {problem}\n\n"))
    with client_of(failed).ask_stream("When?") as stream, pytest.raises(TooManyRequestsError):
        list(stream)


def test_the_client_for_event_loops_retries_alike():
    script = Script(busy(), httpx.Response(200, json=ANSWER))

    async def use():
        http = httpx.AsyncClient(transport=httpx.MockTransport(script))
        client = AsyncFootnote("http://footnote.example", "fn_x", http_client=http)
        return await client.ask("When?")

    assert asyncio.run(use()).answer_id == "ans_1"
    assert len(script.requests) == 2


@pytest.mark.parametrize(
    ("request_", "error", "is_sent_again"),
    [
        (get("/x"), httpx.ReadTimeout("late"), True),
        (reading("/x", {}), httpx.ReadError("broke"), True),
        (recognised("/x", {}, None), httpx.RemoteProtocolError("broke"), True),
        (Request("POST", "/x"), httpx.ReadTimeout("late"), False),
        (Request("DELETE", "/x"), httpx.WriteError("broke"), False),
        (Request("DELETE", "/x"), httpx.ConnectError("refused"), True),
    ],
)
def test_which_failures_are_followed_by_another_attempt(request_, error, is_sent_again):
    assert (Retries().after_failure(request_, error, 0) is not None) is is_sent_again
    assert Retries().after_failure(request_, error, 2) is None


def test_events_have_names_comments_and_several_lines():
    parser = EventParser()
    lines = [": alive", "", "event: sentence", "data: {", 'data: "a": 1}', "", "data: 2", ""]
    events = [event for line in lines if (event := parser.feed(line))]
    assert [(event.name, event.data) for event in events] == [
        ("sentence", {"a": 1}),
        ("message", 2),
    ]
