"""Jobs over HTTP: progress as it happens, cancelling, and the queue for administrators."""

import json
import threading
from itertools import pairwise

import pytest

from ingest.queue.jobs import get_job
from tests.api.conftest import House, InProcessParser

WAIT = 20


class Gate:
    """A parser that waits until it is let go on."""

    def __init__(self):
        self.reached, self.open = threading.Event(), threading.Event()

    def parse(self, path, filename):
        self.reached.set()
        assert self.open.wait(WAIT)
        return InProcessParser().parse(path, filename)


@pytest.fixture
def idle(tmp_path):
    """Start a service without workers: jobs wait until a test works the queue."""
    with House(tmp_path / "idle", workers=0) as house:
        yield house


def settle(house):
    worker = house.service.pipelines.current.ingestion.worker()
    while worker.run_once():
        pass


def events(text):
    blocks = [block.split("\n") for block in text.strip().split("\n\n")]
    return [(b[0].removeprefix("event: "), json.loads(b[1].removeprefix("data: "))) for b in blocks]


def test_a_job_is_followed_from_the_first_stage_to_its_end(idle):
    ann = idle.person("ann")
    accepted = ann.upload("The lamp is lit at dusk.").json()
    working = threading.Timer(0.5, settle, [idle])
    working.start()
    answer = ann.get(f"/v1/jobs/{accepted['job_id']}/events")
    working.join()
    assert answer.headers["content-type"].startswith("text/event-stream")
    job_events = events(answer.text)
    assert job_events[0][0] == "progress"
    assert job_events[0][1]["state"] == "queued"
    assert job_events[-1][0] == "done"
    assert job_events[-1][1]["state"] == "succeeded"
    assert {stage["state"] for stage in job_events[-1][1]["stages"]} == {"done"}
    assert all(before != after for before, after in pairwise(job_events))


def test_the_progress_of_somebody_elses_job_is_not_found(idle):
    accepted = idle.person("ann").upload("The lamp.").json()
    bob = idle.person("bob", role="admin")
    for method, end in (("GET", "/events"), ("POST", "/cancel"), ("POST", "/retry"), ("GET", "")):
        answer = bob.request(method, f"/v1/jobs/{accepted['job_id']}{end}")
        assert answer.status_code == 404


def test_a_running_job_is_cancelled_and_nothing_of_it_is_found(tmp_path):
    gate = Gate()
    with House(tmp_path / "gated", parser=gate) as house:
        ann = house.person("ann")
        accepted = ann.upload("The lamp is lit at dusk.").json()
        assert gate.reached.wait(WAIT)
        answer = ann.post(f"/v1/jobs/{accepted['job_id']}/cancel")
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
        gate.open.set()
        after = ann.add("The boat comes on Tuesdays.", filename="after.txt")
        results = ann.post("/v1/search", json={"query": "lamp boat"}).json()["passages"]
        assert {passage["document_id"] for passage in results} == {after}
        assert ann.job(accepted["job_id"])["state"] == "cancelled"
        again = ann.post(f"/v1/jobs/{accepted['job_id']}/retry")
        assert again.json()["state"] == "queued"
        assert ann.job(accepted["job_id"])["state"] == "succeeded"


def test_a_job_that_has_ended_cannot_be_cancelled(ann):
    job_id = ann.upload("The lamp.").json()["job_id"]
    ann.job(job_id)
    answer = ann.post(f"/v1/jobs/{job_id}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "job-not-runnable")


def test_jobs_are_listed_by_state(idle):
    ann = idle.person("ann")
    first = ann.upload("One.", filename="1.txt").json()["job_id"]
    settle(idle)
    second = ann.upload("Two.", filename="2.txt", priority="low").json()["job_id"]
    queued = ann.get("/v1/jobs?state=queued").json()["items"]
    assert [(job["job_id"], job["priority"]) for job in queued] == [(second, "low")]
    both = ann.get("/v1/jobs?state=queued&state=succeeded").json()["items"]
    assert [job["job_id"] for job in both] == [second, first]
    assert ann.get("/v1/jobs?state=lost").status_code == 422


@pytest.mark.parametrize(
    ("priority", "role", "status"),
    [
        ("high", "reader", 403),
        ("high", "curator", 202),
        ("low", "reader", 202),
        ("urgent", "admin", 422),
    ],
)
def test_who_may_ask_for_which_priority(idle, priority, role, status):
    person = idle.person("pat", role=role)
    assert person.upload("Text.", priority=priority).status_code == status


def test_an_administrator_pauses_a_tenant_sees_it_and_resumes_it(idle):
    root, ann = idle.person("root", role="admin"), idle.person("ann")
    paused = root.post("/v1/admin/queue/pause", json={"reason": "audit"}).json()
    assert (paused["pause"]["paused_by"], paused["pause"]["reason"]) == ("user:root", "audit")
    job_id = ann.upload("The lamp.").json()["job_id"]
    settle(idle)
    assert ann.get(f"/v1/jobs/{job_id}").json()["state"] == "queued"
    assert root.get("/v1/admin/queue").json()["queued"] == 1
    assert root.post("/v1/admin/queue/resume").json()["pause"] is None
    settle(idle)
    assert ann.get(f"/v1/jobs/{job_id}").json()["state"] == "succeeded"


def test_an_administrator_lists_dead_letters_and_queues_them_again(idle):
    root, ann = idle.person("root", role="admin"), idle.person("ann")
    elsewhere = idle.person("eve", role="admin", tenant="elsewhere")
    accepted = ann.upload(b"\x7fELF\x02\x01\x01" + bytes(64), filename="tool.bin").json()
    settle(idle)
    letters = root.get("/v1/admin/queue/failed").json()["items"]
    assert [letter["job_id"] for letter in letters] == [accepted["job_id"]]
    assert letters[0]["code"] == "unsupported-type"
    assert letters[0]["reason"]
    assert "tool.bin" not in json.dumps(letters)
    assert root.get("/v1/admin/queue/failed?code=broken-document").json()["items"] == []
    assert elsewhere.get("/v1/admin/queue/failed").json()["items"] == []
    again = {"job_ids": [accepted["job_id"]]}
    assert elsewhere.post("/v1/admin/queue/requeue", json=again).json()["job_ids"] == []
    assert root.post("/v1/admin/queue/requeue", json=again).json() == again
    assert get_job(idle.service.database, _actor(idle, ann), accepted["job_id"]).attempts == 0


def _actor(house, person):
    from api.auth.api_keys import find_caller

    return find_caller(house.service.database, person.key).actor


def test_documents_are_read_anew_when_an_administrator_says_so(idle):
    root, ann = idle.person("root", role="admin"), idle.person("ann")
    document_id = ann.upload("The lamp.").json()["document_id"]
    settle(idle)
    assert root.post("/v1/admin/reingest").json() == {"queued": 0, "waiting": 0, "current": 1}
    response = root.post("/v1/admin/reingest", json={"everything": True})
    assert (response.status_code, response.json()["queued"]) == (202, 1)
    settle(idle)
    assert ann.get(f"/v1/documents/{document_id}").json()["version"] == 1
    jobs = root.get("/v1/jobs").json()["items"]
    assert [(job["kind"], job["state"]) for job in jobs] == [("reingest", "succeeded")]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/admin/queue"),
        ("POST", "/v1/admin/queue/pause"),
        ("POST", "/v1/admin/queue/resume"),
        ("GET", "/v1/admin/queue/failed"),
        ("POST", "/v1/admin/queue/requeue"),
        ("POST", "/v1/admin/reingest"),
    ],
)
def test_the_queue_is_for_administrators(house, method, path):
    for role in ("reader", "curator"):
        assert house.person("ann", role=role).request(method, path, json={}).status_code == 403


def test_a_new_version_over_http_keeps_the_same_document_and_brings_its_name(house, ann):
    document_id = ann.add("The lamp is old.", filename="old.txt")
    files = {"file": ("new.md", b"# Beacon\n\nThe beacon is new.")}
    accepted = ann.request("PUT", f"/v1/documents/{document_id}/content", files=files).json()
    assert ann.job(accepted["job_id"])["state"] == "succeeded"
    again = ann.request("PUT", f"/v1/documents/{document_id}/content", files=files).json()
    assert again == accepted
    view = ann.get(f"/v1/documents/{document_id}").json()
    assert (view["version"], view["filename"], view["title"]) == (2, "new.md", "Beacon")


def test_an_upload_or_a_source_too_many_is_refused_with_what_to_do(make_house):
    house = make_house(
        workers=0, jobs_per_person=2, jobs_per_tenant=3, sources_per_person=1, sources_per_tenant=2
    )
    ann, bob, cora = (house.person(name, role="curator") for name in ("ann", "bob", "cora"))
    accepted = [ann.upload(text).json() for text in ("one", "two")]
    refusal = ann.upload("three")
    assert (refusal.status_code, refusal.json()["code"]) == (429, "queue-full")
    assert "cancel" in refusal.json()["detail"]
    assert int(refusal.headers["Retry-After"]) > 0
    assert ann.upload("two").json() == accepted[1]  # a repeat makes no job
    assert bob.upload("four").status_code == 202
    assert "tenant" in cora.upload("five").json()["detail"]
    ann.post(f"/v1/jobs/{accepted[0]['job_id']}/cancel")
    assert cora.upload("five").status_code == 202

    def source(person, location):
        return person.post("/v1/sources", json={"kind": "folder", "location": location})

    assert source(ann, "/a").status_code == source(ann, "/a").status_code == 201
    assert source(ann, "/b").json()["code"] == "queue-full"
    assert source(bob, "/a").status_code == 201
    assert source(cora, "/a").status_code == 429
