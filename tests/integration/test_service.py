"""`footnote serve` as a process, used through httpx as any program would use it."""

import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.e2e.service import COMMAND, running_service
from tests.fakes.pdf import column, write_pdf

pytestmark = pytest.mark.integration

LAMP = ["The lamp at Gull Stack is lit thirty minutes before sunset.", "The lens turns by night."]
PAY = "# Pay\n\nA senior keeper at Gull Stack earns 3,720 crowns a month.\n"
LOG = "The log of the station is written in black ink, and no page is ever torn out of it."


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with running_service(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture(scope="module")
def people(service):
    """Three principals with keys of their own."""
    held = {"ann": ["keepers/all"], "hana": ["hr/all"], "vera": []}
    clients = {
        name: httpx.Client(
            base_url=service.url,
            headers={"Authorization": f"Bearer {service.key(name, *groups)}"},
            timeout=60,
        )
        for name, groups in held.items()
    }
    yield clients
    for client in clients.values():
        client.close()


def send(client, filename, content, **fields):
    return client.post("/v1/documents", files={"file": (filename, content)}, data=fields)


def job_of(client, answer):
    assert answer.status_code == 202, answer.text
    until = time.monotonic() + 90
    while time.monotonic() < until:
        job = client.get(f"/v1/jobs/{answer.json()['job_id']}").json()
        if job["state"] not in {"queued", "running"}:
            return job
        time.sleep(0.1)
    raise AssertionError(f"the job did not end: {job}")


@pytest.fixture(scope="module")
def documents(service, people):
    """Upload a PDF for keepers, Markdown for human resources, text for everybody."""
    ann, hana = people["ann"], people["hana"]
    everybody = {"allow": ["tenant:all"]}
    assert send(ann, "log.txt", LOG.encode(), **everybody).status_code == 403
    contributor = [COMMAND, "admin", "contributor", "add", "tenant:all", "user:ann"]
    subprocess.run([*contributor, "--data", service.data], check=True)
    accepted = [
        (ann, send(ann, "lamp.pdf", write_pdf([column(LAMP)]), allow=["group:keepers/all"])),
        (hana, send(hana, "pay.md", PAY.encode(), allow=["group:hr/all"])),
        (ann, send(ann, "log.txt", LOG.encode(), **everybody)),
    ]
    for client, answer in accepted:
        job = job_of(client, answer)
        assert job["state"] == "succeeded", job
    return {
        name: answer.json()["document_id"]
        for name, (_, answer) in zip(("lamp", "pay", "log"), accepted, strict=True)
    }


@pytest.mark.parametrize(
    ("name", "question", "source"),
    [
        ("ann", "When is the lamp at Gull Stack lit?", "lamp"),
        ("hana", "What does a senior keeper at Gull Stack earn?", "pay"),
        ("vera", "In which ink is the log of the station written?", "log"),
        ("hana", "In which ink is the log of the station written?", "log"),
    ],
)
def test_each_gets_answers_with_exact_quotes_from_what_they_may_read(
    people, documents, name, question, source
):
    client = people[name]
    answer = client.post("/v1/ask", json={"question": question}).json()
    assert answer["status"] == "answered"
    assert documents[source] in {citation["document_id"] for citation in answer["citations"]}
    for cited in answer["citations"]:
        text = client.get(f"/v1/documents/{cited['document_id']}/text")
        assert text.status_code == 200
        assert text.text[cited["start"] : cited["end"]] == cited["quote"]


def test_who_may_not_read_gets_no_evidence_and_no_trace(people, documents):
    vera = people["vera"]
    answer = vera.post("/v1/ask", json={"question": "What does a senior keeper earn?"})
    assert answer.json()["status"] == "no_evidence"
    assert "3,720" not in answer.text
    assert documents["pay"] not in answer.text
    assert vera.get(f"/v1/documents/{documents['pay']}").status_code == 404


def test_a_question_about_something_absent_has_no_evidence(people, documents):
    question = {"question": "Which telescope did Galileo build in Padua?"}
    assert people["ann"].post("/v1/ask", json=question).json()["status"] == "no_evidence"


def test_a_pdf_citation_has_its_page_and_boxes_and_the_page_has_an_image(people, documents):
    ann = people["ann"]
    question = {"question": "When is the lamp at Gull Stack lit?"}
    body = ann.post("/v1/ask", json=question).json()["citations"][0]
    assert (body["document_id"], body["page"]) == (documents["lamp"], 1)
    assert all(0 <= box["x0"] < box["x1"] <= 1 for box in body["boxes"])
    assert body["boxes"]
    image = ann.get(f"/v1/documents/{documents['lamp']}/pages/1.png")
    assert image.headers["content-type"] == "image/png"
    assert image.content.startswith(b"\x89PNG")
    assert ann.get(f"/v1/documents/{documents['lamp']}/pages/2.png").status_code == 404


def test_a_stream_arrives_as_events(people, documents):
    body = {"question": "When is the lamp at Gull Stack lit?", "stream": True}
    with people["ann"].stream("POST", "/v1/ask", json=body) as answer:
        lines = [line for line in answer.iter_lines() if line]
    assert lines[0] == "event: sentence"
    assert lines[-2] == "event: done"
    assert json.loads(lines[-1].removeprefix("data: "))["status"] == "answered"


@pytest.mark.parametrize(
    ("filename", "content", "code"),
    [
        ("tool.bin", b"\x7fELF\x02\x01\x01" + bytes(64), "unsupported-type"),
        ("empty.pdf", write_pdf([]), "broken-document"),
        ("locked.pdf", write_pdf([column(LAMP)], encrypted=True), "encrypted-document"),
        ("torn.pdf", write_pdf([column(LAMP)])[:200], "broken-document"),
    ],
)
def test_a_file_that_cannot_be_read_fails_alone_with_a_reason(people, filename, content, code):
    job = job_of(people["ann"], send(people["ann"], filename, content))
    assert (job["state"], job["code"]) == ("failed", code), job
    assert len(job["reason"]) > 10
    assert people["ann"].get("/readyz").status_code == 200


def test_invalid_utf_8_is_read_or_refused_with_a_reason(people):
    job = job_of(
        people["ann"], send(people["ann"], "latin.txt", "caf\xe9 \xff\xfe".encode("latin-1"))
    )
    assert job["state"] == "succeeded" or job["reason"]


def test_a_300_mb_upload_is_refused_while_it_streams(people, tmp_path):
    def body():
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        for _ in range(300):
            yield b"x" * (1 << 20)
        yield b"\r\n--b--\r\n"

    ann = people["ann"]
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    response = ann.post("/v1/documents", content=body(), headers=headers)
    assert (response.status_code, response.json()["code"]) == (413, "too-large")
    with (tmp_path / "large.txt").open("w+b") as file:
        file.truncate(300 << 20)
        declared = ann.post("/v1/documents", files={"file": file})
    assert declared.status_code == 413
    assert ann.get("/healthz").status_code == 200


def test_a_missing_a_wrong_and_a_malformed_request_are_problems(service, people):
    ann = people["ann"]
    malformed = {"Content-Type": "application/json"}
    answers = [
        (httpx.get(f"{service.url}/v1/documents"), 401),
        (httpx.get(f"{service.url}/v1/documents", headers={"Authorization": "Bearer no"}), 401),
        (ann.post("/v1/ask", content=b"{", headers=malformed), 400),
        (send(ann, "a.txt", b"text", allow=["everybody"]), 422),
        (send(ann, "a.txt", b""), 422),
        (ann.get("/v1/documents", headers={"Host": "evil.example.org"}), 421),
    ]
    for answer, status in answers:
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


def test_many_askers_at_once_are_all_served(people, documents):
    def ask(_):
        results = people["vera"].post("/v1/search", json={"query": "black ink"})
        return results.json()["passages"][0]["document_id"]

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(40))) == {documents["log"]}


def test_what_was_accepted_is_there_after_a_restart(tmp_path):
    with running_service(tmp_path) as first:
        headers = {"Authorization": f"Bearer {first.key('ann')}"}
        with httpx.Client(base_url=first.url, headers=headers, timeout=60) as client:
            accepted = send(client, "log.txt", LOG.encode())
            assert job_of(client, accepted)["state"] == "succeeded"
            before = client.post("/v1/search", json={"query": "black ink"}).json()
    with (
        running_service(tmp_path) as second,
        httpx.Client(base_url=second.url, headers=headers, timeout=60) as client,
    ):
        assert client.post("/v1/search", json={"query": "black ink"}).json() == before
