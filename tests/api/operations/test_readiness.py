"""Live, ready, degraded: each with its reasons, in words that name nobody."""

from datetime import timedelta

import pytest

from index.db.tables.base import utc_now
from index.db.tables.jobs import Job
from ingest.queue.administration import pause_queue
from ingest.queue.fair_scheduling import WHOLE_QUEUE

pytestmark = pytest.mark.own_service

TEXT = "The ferry to Ardal leaves at nine."
QUESTION = {"question": "When does the ferry to Ardal leave?"}


def reasons(house, status="degraded"):
    answer = house.client.get("/readyz")
    assert answer.json()["status"] == status, answer.json()
    assert answer.status_code == (200 if status in {"ready", "degraded"} else 503)
    return [reason["code"] for reason in answer.json()["reasons"]]


def test_a_service_that_lacks_nothing_is_ready(house):
    assert reasons(house, "ready") == []
    assert house.client.get("/livez").json() == {"status": "ok"}


def test_a_paused_queue_degrades_the_service(house):
    pause_queue(house.service.database, "default", by="root", reason="secret plans")
    assert reasons(house, "ready") == []  # one tenant's pause is nobody else's business
    pause_queue(house.service.database, WHOLE_QUEUE, by="root", reason="secret plans")
    assert reasons(house) == ["queue-paused"]
    assert "root" not in house.client.get("/readyz").text
    assert "secret" not in house.client.get("/readyz").text


def test_an_upload_that_waits_too_long_degrades_the_service(make_house):
    house = make_house(workers=0)
    ann = house.person("ann")
    ann.upload(TEXT)
    assert reasons(house, "ready") == []
    with house.service.database.write() as session:
        job = session.query(Job).one()
        job.run_after = utc_now() - timedelta(hours=1)
    assert reasons(house) == ["queue-slow"]


def test_a_model_that_fails_degrades_the_service(make_house):
    house = make_house(model_url="http://127.0.0.1:9/v1", model_name="gone")
    ann = house.person("ann")
    ann.add(TEXT)
    assert reasons(house, "ready") == []
    for _ in range(3):
        ann.post("/v1/ask", json=QUESTION)
    assert reasons(house) == ["model-unavailable"]
    assert "127.0.0.1:9" not in house.client.get("/readyz").text
    text = house.person("root", role="admin").get("/metrics").text
    assert 'footnote_model_circuit_open{model="gone"} 1.0' in text


def test_a_policy_that_does_not_fit_degrades_the_service(make_house, tmp_path):
    policy = tmp_path / "policy.yaml"
    policy.write_text('version: "1"\nrules: []\n')
    house = make_house(policy=policy)
    root = house.person("root", role="admin")
    policy.write_text('version: "2"\nrules: [{name: zeus}]\n')
    assert root.post("/v1/admin/policy/reload").json()["error"]
    assert reasons(house) == ["policy-rejected"]
    assert "zeus" not in house.client.get("/readyz").text


@pytest.mark.parametrize(
    ("free_bytes", "status", "codes"),
    [(1 << 29, "degraded", ["disk-low"]), (1 << 20, 503, ["disk"])],
)
def test_a_disk_that_fills_up_degrades_the_service_before_it_stops_it(
    make_house, free_bytes, status, codes
):
    room = [1 << 40]
    house = make_house(free_bytes=lambda _folder: room[0])
    room[0] = free_bytes
    assert reasons(house, status) == codes


def test_a_service_that_loads_its_models_says_so(house):
    house.service.background.warm.clear()
    assert reasons(house, 503) == ["index", "embedder", "workers"]
