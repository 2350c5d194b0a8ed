"""Metrics count, logs tell, and neither holds content."""

import json
import logging

import httpx
import pytest

from api.telemetry.json_logging import JsonFormatter
from ingest.sandbox.parser import SandboxedParser
from tests.api.conftest import House
from tests.e2e.service import free_port

pytestmark = pytest.mark.own_service

SECRET = "xylophone"


@pytest.fixture
def lines():
    """Collect every log line as the service would write it."""
    found = []

    class Keep(logging.Handler):
        def emit(self, record):
            found.append(self.format(record))

    keep = Keep()
    keep.setFormatter(JsonFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(keep)
    root.setLevel(logging.DEBUG)
    yield found
    root.removeHandler(keep)
    root.setLevel(level)


def test_no_log_line_holds_content_or_a_key(house, ann, lines):
    ann.add(f"The {SECRET} is tuned.", filename=f"{SECRET}.txt", title=SECRET)
    ann.post("/v1/search", json={"query": SECRET})
    ann.post("/v1/ask", json={"question": f"Who tunes the {SECRET}?"})
    ann.post("/v1/search", json={"query": [SECRET]})
    ann.get(f"/v1/documents/{SECRET}")
    text = "\n".join(lines)
    assert '"route": "/v1/search"' in text
    assert SECRET not in text
    assert ann.key not in text


def test_why_a_document_failed_is_logged_by_class_and_told_in_words(make_house, lines):
    with SandboxedParser() as parser:
        ann = make_house(parser=parser).person("ann")
        job = ann.job(ann.upload(f"%PDF-1.7 {SECRET}", filename="a.pdf").json()["job_id"])
    assert job["reason"].startswith("This PDF is damaged")
    assert "Error" not in job["reason"]
    [line] = [json.loads(line) for line in lines if "document failed" in line]
    assert (line["code"], line["cause"]) == ("broken-document", "PdfiumError")


def test_a_line_names_the_original_that_it_is_about_and_moves_no_cursor():
    told = {"name": "ingest.lifecycle", "msg": "\x9b2J\u202e\ud800", "blob": "b1"}
    line = JsonFormatter().format(logging.makeLogRecord(told))
    assert json.loads(line)["blob"] == "b1"
    assert line.isascii()
    assert line.isprintable()


def test_a_request_is_one_line_with_its_id(ann, lines):
    answer = ann.get("/v1/documents")
    found = [json.loads(line) for line in lines if '"message": "request"' in line]
    assert len(found) == 1
    assert found[0]["request_id"] == answer.headers["x-request-id"]
    assert (found[0]["method"], found[0]["route"], found[0]["status"]) == (
        "GET", "/v1/documents", 200,
    )  # fmt: skip
    assert found[0]["caller"].startswith("key_")


def test_an_exception_is_logged_by_type_and_place_alone(house, ann, lines):
    @house.app.get("/v1/broken")
    def broken():
        raise RuntimeError(SECRET)

    ann.get("/v1/broken")
    failed = [json.loads(line) for line in lines if '"exception"' in line]
    assert failed[0]["exception"] == "RuntimeError"
    assert failed[0]["trace"]
    assert SECRET not in "\n".join(lines)


def test_metrics_count_requests_stages_refusals_answers_and_jobs(house, ann):
    ann.add("The lamp is lit at dusk.")
    ann.post("/v1/ask", json={"question": "When is the lamp lit?"})
    ann.get("/v1/documents/none")
    house.client.get("/v1/documents")
    text = house.person("root", role="admin").get("/metrics").text
    for sign in (
        'footnote_request_seconds_count{method="POST",route="/v1/ask",status="200"} 1.0',
        'footnote_stage_seconds_count{stage="search"} 1.0',
        'footnote_refusals_total{code="not-found"} 1.0',
        'footnote_refusals_total{code="unauthorized"} 1.0',
        "footnote_answers_total{status=",
        "footnote_queue_depth 0.0",
        'footnote_jobs{code="",state="succeeded"} 1.0',
    ):
        assert sign in text, sign


def test_an_ingest_failure_is_counted_by_its_code(house, ann):
    ann.job(ann.upload(b"\x7fELF\x02\x01\x01" + bytes(64), filename="a.bin").json()["job_id"])
    text = house.person("root", role="admin").get("/metrics").text
    assert 'footnote_jobs{code="unsupported-type",state="failed"} 1.0' in text


def test_metrics_can_have_a_port_of_their_own(tmp_path):
    port = free_port()
    with House(tmp_path / "data", metrics_port=port):
        text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    assert "footnote_queue_depth 0.0" in text


def test_the_page_may_load_only_what_is_its_own(house):
    answer = house.client.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert house.client.get("/static/app.js").status_code == 200
    assert house.client.get("/static/../app.py").status_code == 404


def test_files_of_the_page_are_compressed_and_answers_are_not(house):
    gzip = {"Accept-Encoding": "gzip"}
    assert house.client.get("/static/app.js", headers=gzip).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in house.client.get("/openapi.json", headers=gzip).headers


def test_ready_means_every_part_is(house):
    response = house.client.get("/readyz")
    assert response.status_code == 200
    assert all(response.json()["checks"].values())
    assert house.client.get("/healthz").json() == {"status": "ok"}


def test_a_service_that_is_starting_says_what_it_waits_for(house):
    house.service.background.warm.clear()
    response = house.client.get("/readyz")
    assert (response.status_code, response.json()["code"]) == (503, "not-ready")
    assert "embedder" in response.json()["detail"]
    assert response.headers["retry-after"]
