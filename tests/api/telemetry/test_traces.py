"""Traces as a collector receives them: complete, as documented, and without content."""

import json
import logging
import re
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from api.errors import UsageError
from api.settings import Settings
from api.telemetry.json_logging import JsonFormatter
from api.telemetry.trace_catalog import ATTRIBUTES, EVENTS, SPANS
from api.telemetry.trace_pipeline import headers_of
from tests.api.conftest import House
from tests.fakes.collector import running_collector
from tests.fakes.model_server import running_model_server

SECRET = "xylophone"
TEXT = f"The ferry to Ardal carries the {SECRET} and leaves at nine."
QUESTION = f"When does the ferry with the {SECRET} leave?"
REPLY = f"The ferry to Ardal carries the {SECRET} and leaves at nine. [1]"
TRACEPARENT = "00-11111111111111111111111111111111-2222222222222222-01"

TYPES = {"string": str, "int": int, "double": (float, int), "boolean": bool}


class Lines(logging.Handler):
    """Keeps log lines as the service would write them."""

    def __init__(self):
        super().__init__()
        self.setFormatter(JsonFormatter())
        self.found = []

    def emit(self, record):
        self.found.append(json.loads(self.format(record)))


@contextmanager
def collected_lines():
    lines, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(lines)
    root.setLevel(logging.INFO)
    yield lines.found
    root.removeHandler(lines)
    root.setLevel(level)


def until(look):
    """Return what a look finds in the end."""
    end = time.monotonic() + 60
    while not (found := look()):
        assert time.monotonic() < end, look
        time.sleep(0.02)
    return found


def wait_for_scores(root):
    scored = 'footnote_live_score_count{name="confidence"} 1.0'
    return until(lambda: scored in root.get("/metrics").text)


def answered_in_background(ann):
    body = {"input": QUESTION, "background": True}
    queued = ann.post("/v1/responses", json=body).json()

    def look():
        response = ann.get(f"/v1/responses/{queued['id']}").json()
        return response if response["status"] == "completed" else None

    return until(look)


class Story:
    """A service that took in a document, answered, and failed; and what the collector got."""

    def __init__(self, folder, *, background=False, **settings):
        with (
            running_collector() as self.collector,
            running_model_server(script=REPLY) as model,
            collected_lines() as self.lines,
        ):
            self.collector.refusals = [503]  # the first batch is sent again
            self.house = House(
                folder, otlp_url=self.collector.url, model_url=f"{model.url}/v1",
                model_name="tester", live_share=1.0, **settings,
            )  # fmt: skip
            with self.house as house:
                self.ann = ann = house.person("ann")
                self.document = ann.add(TEXT, filename=f"{SECRET}.txt")
                ann.job(ann.upload(b"\x7fELF" + bytes(64), filename="a.bin").json()["job_id"])
                self.asked = ann.post(
                    "/v1/ask", json={"question": QUESTION}, headers={"traceparent": TRACEPARENT}
                )
                self.scored = wait_for_scores(house.person("root", role="admin"))
                self.response = answered_in_background(ann) if background else None
                self.missing = ann.get("/v1/documents/none")
                self.probed = house.client.get("/readyz")
                self.openmetrics = house.person("root", role="admin").get(
                    "/metrics", headers={"Accept": "application/openmetrics-text"}
                )

    def trace_of(self, response):
        trace_id = response.headers["x-trace-id"]
        return [span for span in self.collector.spans if span.trace_id == trace_id]


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    return Story(tmp_path_factory.mktemp("plain"), otlp_headers="x-key=abc, x-team=lamps")


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Tell the story to a collector that may have content, below the caller's own trace."""
    settings = {"trace_content": True, "trace_parents": "follow", "background": True}
    return Story(tmp_path_factory.mktemp("content"), **settings)


def catalog_name(name):
    """Return a span's name as the catalog has it."""
    if re.match(r"[A-Z]+ /|_OTHER |[A-Z]+ \(none\)", name):
        return "{method} {route}"
    return re.sub(r"^(chat|embeddings) .*", r"\1 {model}", name)


def test_an_upload_and_its_worker_are_one_trace(story):
    (upload,) = [
        span
        for span in story.collector.of("POST /v1/documents")
        if any(s.name == "commit" and s.trace_id == span.trace_id for s in story.collector.spans)
    ]
    spans = [span for span in story.collector.spans if span.trace_id == upload.trace_id]
    by_name = {catalog_name(span.name): span for span in spans}
    assert {
        "queue", "ingest", "parse", "screen", "chunk", "embeddings {model}", "commit",
    } <= set(by_name)  # fmt: skip
    assert upload.kind == "server"
    assert by_name["ingest"].kind == "consumer"
    assert by_name["queue"].parent_id == by_name["ingest"].parent_id == upload.span_id
    assert by_name["queue"].end <= by_name["ingest"].start
    for step in ("parse", "screen", "chunk", "embeddings {model}", "commit"):
        assert by_name[step].parent_id == by_name["ingest"].span_id
    assert by_name["parse"].attributes["footnote.document.bytes"] == len(TEXT)


def test_a_document_that_fails_is_a_failed_step_with_its_code(story):
    failed = [span for span in story.collector.of("ingest") if span.has_failed]
    assert [span.attributes["error.type"] for span in failed] == ["unsupported-type"]


def test_an_ask_is_one_trace_from_the_request_to_the_verdict(story):
    spans = story.trace_of(story.asked)
    by_name = {catalog_name(span.name): span for span in spans}
    request, answer = by_name["{method} {route}"], by_name["answer"]
    assert request.name == "POST /v1/ask"
    assert request.parent_id == ""
    assert request.attributes["http.response.status_code"] == 200
    for step in ("admission", "answer"):
        assert by_name[step].parent_id == request.span_id
    for step in ("retrieval", "select", "prompt", "chat {model}", "verify"):
        assert by_name[step].parent_id == answer.span_id, step
    for step in ("embeddings {model}", "search", "rerank", "expand"):
        assert by_name[step].parent_id == by_name["retrieval"].span_id, step
    assert answer.attributes["footnote.answer.status"] == "answered"
    assert by_name["verify"].attributes["footnote.verdict"] == "supported"


def test_a_request_to_a_model_follows_the_conventions_for_generative_ai(story):
    (chat,) = story.collector.of("chat tester")
    assert chat.kind == "client"
    facts = chat.attributes
    assert facts["gen_ai.operation.name"] == "chat"
    assert facts["gen_ai.provider.name"] == "openai"
    assert facts["gen_ai.request.model"] == facts["gen_ai.response.model"] == "tester"
    assert facts["gen_ai.usage.input_tokens"] > 0
    assert facts["gen_ai.usage.output_tokens"] > 0
    assert 0 < facts["gen_ai.response.time_to_first_chunk"] < 60


def test_scores_of_an_answer_are_events_of_its_trace(story):
    answer_id, trace_id = story.asked.json()["answer_id"], story.asked.headers["x-trace-id"]
    events = [e for e in story.collector.events if e.name == "gen_ai.evaluation.result"]
    assert events
    names = {event.attributes["gen_ai.evaluation.name"] for event in events}
    assert {"support", "groundedness", "confidence"} <= names
    for event in events:
        assert event.trace_id == trace_id
        assert event.attributes["gen_ai.response.id"] == answer_id
        assert set(event.attributes) <= set(EVENTS["gen_ai.evaluation.result"])
    (support,) = [e for e in events if e.attributes["gen_ai.evaluation.name"] == "support"]
    assert support.attributes["gen_ai.evaluation.score.value"] == 1.0
    assert support.attributes["gen_ai.evaluation.score.label"] == "supported"


@pytest.mark.parametrize("teller", ["story", "told"])
def test_every_span_and_attribute_is_as_documented(teller, request):
    spans = {span.name: span for span in SPANS}
    for received in request.getfixturevalue(teller).collector.spans:
        listed = spans[catalog_name(received.name)]
        assert received.kind == listed.kind
        assert set(received.attributes) <= {*listed.attributes, "error.type"}, received.name
        for name, value in received.attributes.items():
            assert isinstance(value, TYPES[ATTRIBUTES[name].type]), name
        assert received.events == 0


def test_every_documented_span_and_attribute_is_sent(told):
    names = {catalog_name(span.name) for span in told.collector.spans}
    assert {span.name for span in SPANS} == names
    attributes = {name for span in told.collector.spans for name in span.attributes}
    assert set(ATTRIBUTES) == attributes
    assert {name for span in SPANS for name in span.attributes} | {"error.type"} == set(ATTRIBUTES)


def test_no_content_goes_out_unless_it_is_wanted(story, told):
    sent = b"".join(story.collector.bodies)
    for content in (SECRET, "Ardal", "user:ann", story.document, story.ann.key):
        assert content.encode() not in sent, content
    wanted = {name for name, attribute in ATTRIBUTES.items() if attribute.is_content}
    attributes = [pair for span in told.collector.spans for pair in span.attributes.items()]
    assert wanted <= {name for name, _ in attributes}
    assert all(name in wanted for name, value in attributes if SECRET in str(value))


def test_a_callers_trace_is_ignored_or_followed_as_configured(story, told):
    assert story.asked.headers["x-trace-id"] != "1" * 32
    assert told.asked.headers["x-trace-id"] == "1" * 32
    (request,) = told.collector.of("POST /v1/ask")
    assert request.parent_id == "2" * 16


def test_the_request_id_the_log_and_the_trace_lead_to_each_other(story):
    (request,) = [s for s in story.trace_of(story.missing) if s.kind == "server"]
    assert story.missing.headers["x-request-id"] == f"req_{request.span_id}"
    assert request.attributes["footnote.request.id"] == f"req_{request.span_id}"
    assert request.attributes["error.type"] == story.missing.json()["code"] == "not-found"
    assert not request.has_failed  # the caller's mistake, not ours
    (line,) = [line for line in story.lines if line.get("request_id") == f"req_{request.span_id}"]
    assert (line["trace_id"], line["span_id"]) == (request.trace_id, request.span_id)
    assert "trace" not in story.missing.text


def test_probes_are_not_traced(story):
    assert "x-trace-id" not in story.probed.headers
    assert not [span for span in story.collector.spans if "/readyz" in span.name]


def test_the_collector_gets_its_headers_and_who_sends(story):
    for headers in story.collector.headers:
        assert (headers["x-key"], headers["x-team"]) == ("abc", "lamps")
    for resource in story.collector.resources:
        assert resource["service.name"] == "footnote"
        assert {"service.version", "service.instance.id"} <= set(resource)


def test_buckets_have_the_trace_of_an_example_in_openmetrics(story):
    assert story.openmetrics.headers["content-type"].startswith("application/openmetrics-text")
    lines = story.openmetrics.text.splitlines()
    examples = [line for line in lines if 'route="/v1/ask"' in line and "trace_id=" in line]
    assert story.asked.headers["x-trace-id"] in examples[0]


def test_a_collector_that_is_not_there_stops_nothing(tmp_path):
    with House(tmp_path / "data", otlp_url="http://127.0.0.1:9") as house:
        ann = house.person("ann")
        assert ann.get("/v1/documents").status_code == 200


def test_a_header_without_a_value_is_named():
    with pytest.raises(UsageError, match="FOOTNOTE_OTLP_HEADERS"):
        headers_of(Settings(otlp_headers="authorization"))
    assert headers_of(Settings(otlp_headers="a=b=c,")) == {"a": "b=c"}


def test_without_a_collector_the_sdk_is_not_imported(tmp_path):
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from api.app import create_app\n"
        "from api.service import build_service\n"
        "from api.settings import Settings\n"
        "create_app(build_service(Settings(data=Path(sys.argv[1]))))\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry.sdk')])\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
