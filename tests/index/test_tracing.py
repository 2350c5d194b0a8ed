"""Steps of a trace: nothing without a tracer; with one, no message, no guess, no stray parent."""

import subprocess
import sys

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from api.telemetry.request_tracing import RequestTracing
from index.errors import FetchError
from index.tracing import (
    CONTENT_CHARACTERS,
    Tracing,
    continued,
    current_trace_ids,
    current_traceparent,
    sampled_trace_id,
    traced,
    traced_by,
    valid_traceparent,
)

INCOMING = f"00-{'1' * 32}-{'2' * 16}-01"


class Recorder:
    """A tracer whose spans a test reads; a share of the traces is recorded."""

    def __init__(self, share=1.0, *, shows_content=False):
        self.exporter = InMemorySpanExporter()
        provider = TracerProvider(ParentBased(TraceIdRatioBased(share)), shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracing = Tracing(provider.get_tracer("test"), None, shows_content)

    @property
    def spans(self):
        return {span.name: span for span in self.exporter.get_finished_spans()}


def requested(recorder, parents, traceparent=INCOMING, path="/v1/ask"):
    """Trace one request that brings a traceparent; return its span, if there is one."""
    scope = {
        "type": "http", "method": "GET", "path": path, "scheme": "http", "http_version": "1.1",
        "headers": [(b"traceparent", traceparent.encode()), (b"baggage", b"a=b")],
    }  # fmt: skip
    with RequestTracing(recorder.tracing, parents).request(scope):
        pass
    return recorder.spans.get("GET")


def test_without_a_tracer_a_step_imports_nothing():
    code = (
        "import sys\n"
        "from index.tracing import *\n"
        "from index.tracing import traced, traced_by, trace_event, current_trace_ids\n"
        "with traced_by(None), traced('a', {'b': 1}) as step:\n"
        "    step.note({'c': 2}); step.note_content('d', lambda: 1 / 0); step.note_failure('e')\n"
        "    trace_event('f', {}); assert current_trace_ids() is None and step.span_id is None\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_failed_step_has_a_code_and_no_message():
    recorder = Recorder()
    for error in (FetchError("xylophone"), ValueError("xylophone")):
        with pytest.raises(type(error)), traced_by(recorder.tracing), traced(type(error).__name__):
            raise error
    assert recorder.spans["FetchError"].attributes["error.type"] == FetchError.code
    assert recorder.spans["ValueError"].attributes["error.type"] == "ValueError"
    assert "xylophone" not in "".join(span.to_json() for span in recorder.spans.values())


def test_the_reader_of_a_generator_has_steps_of_its_own():
    recorder = Recorder()

    def reply():
        with traced("chat", is_current=False):
            yield 1
            yield 2

    with traced_by(recorder.tracing), traced("answer"):
        pieces = reply()
        next(pieces)
        with traced("verify"):
            pass
        pieces.close()
    answer = recorder.spans["answer"].context.span_id
    assert recorder.spans["verify"].parent.span_id == answer
    assert recorder.spans["chat"].parent.span_id == answer
    assert "error.type" not in recorder.spans["chat"].attributes


def test_work_goes_on_below_the_step_that_ordered_it():
    recorder = Recorder()
    with traced_by(recorder.tracing):
        with traced("upload"):
            traceparent = current_traceparent()
        with continued(traceparent), traced("ingest"):
            assert current_trace_ids()[0] == traceparent.split("-")[1]
        with continued(None), traced("alone"):
            pass
    upload, ingest = recorder.spans["upload"], recorder.spans["ingest"]
    assert ingest.parent.span_id == upload.context.span_id
    assert ingest.context.trace_id == upload.context.trace_id
    assert recorder.spans["alone"].parent is None


def test_content_is_asked_for_only_where_it_is_wanted_and_then_cut():
    for shows_content in (False, True):
        recorder = Recorder(shows_content=shows_content)
        calls = []
        with traced_by(recorder.tracing), traced("step") as step:
            step.note_content("text", lambda calls=calls: calls.append(1) or "x" * 10_000)
        text = recorder.spans["step"].attributes.get("text")
        assert (len(calls), text and len(text)) == (
            (1, CONTENT_CHARACTERS) if shows_content else (0, None)
        )


def test_a_trace_that_is_not_recorded_has_no_example():
    recorder = Recorder(share=0.0)
    with traced_by(recorder.tracing), traced("step"):
        assert sampled_trace_id() is None
        assert current_trace_ids() is not None
    assert recorder.spans == {}


@pytest.mark.parametrize(
    ("parents", "share", "is_recorded"),
    [("ignore", 0.0, False), ("link", 0.0, False), ("follow", 0.0, True), ("ignore", 1.0, True)],
)
def test_only_followed_callers_decide_what_is_recorded(parents, share, is_recorded):
    assert (requested(Recorder(share), parents) is not None) == is_recorded


def test_a_callers_trace_is_ignored_linked_or_followed():
    ignored, linked, followed = (
        requested(Recorder(), parents) for parents in ("ignore", "link", "follow")
    )
    assert (ignored.parent, ignored.links) == (None, ())
    assert linked.parent is None
    assert [f"{link.context.trace_id:032x}" for link in linked.links] == ["1" * 32]
    assert f"{followed.context.trace_id:032x}" == "1" * 32
    assert followed.parent.is_remote


@pytest.mark.parametrize(
    "text",
    [
        "", "x", INCOMING[:-1], INCOMING + "0", INCOMING.replace("1", "0"), "ff" + INCOMING[2:],
        INCOMING.replace("2", "0"), INCOMING.upper().replace("1", "A"), INCOMING + "\n",
        f"00-{'g' * 32}-{'2' * 16}-01", INCOMING + "-more", "1" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_traceparent_begins_a_trace_of_its_own(text):
    assert valid_traceparent(text) is None
    span = requested(Recorder(), "follow", text)
    assert span.parent is None


@pytest.mark.parametrize("path", ["/readyz", "/livez", "/metrics", "/static/app.js"])
def test_probes_and_files_are_not_traced(path):
    assert requested(Recorder(), "follow", path=path) is None
