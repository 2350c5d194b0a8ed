"""`footnote worker` as a process of its own beside a service that takes no job itself."""

import json
import signal
import subprocess
import time
from contextlib import contextmanager

import httpx
import pytest

from tests.e2e.service import COMMAND, running_service

pytestmark = pytest.mark.integration

TEXT = "The lamp at Gull Stack is lit thirty minutes before sunset."


@contextmanager
def running_worker(folder):
    log = (folder / "worker.log").open("wb")
    process = subprocess.Popen(
        [COMMAND, "worker", "--data", folder / "data", "--threads", "2"], stdout=log, stderr=log
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        ended = process.wait(timeout=60)
        log.close()
    assert ended == 0, (folder / "worker.log").read_text()


def test_a_worker_beside_the_service_makes_an_upload_searchable(tmp_path, monkeypatch):
    monkeypatch.setenv("FOOTNOTE_WORKERS", "0")
    with running_service(tmp_path) as service:
        headers = {"Authorization": f"Bearer {service.key('ann')}"}
        with httpx.Client(base_url=service.url, headers=headers, timeout=60) as client:
            files = {"file": ("lamp.txt", TEXT.encode())}
            accepted = client.post("/v1/documents", files=files).json()
            time.sleep(1)
            job = client.get(f"/v1/jobs/{accepted['job_id']}").json()
            assert (job["state"], job["attempts"]) == ("queued", 0)
            with running_worker(tmp_path):
                told = follow(client, accepted["job_id"])
                results = client.post("/v1/search", json={"query": "When is the lamp lit?"}).json()
    assert told[-1]["state"] == "succeeded", told[-1]
    assert {job["stage"] for job in told} & {"parse", "chunk", "embed", "commit"}
    assert results["passages"][0]["document_id"] == accepted["document_id"]
    assert results["passages"][0]["text"] == TEXT


def follow(client, job_id):
    """Return every state of a job that the service tells of."""
    with client.stream("GET", f"/v1/jobs/{job_id}/events", timeout=120) as events:
        return [
            json.loads(line.removeprefix("data: "))
            for line in events.iter_lines()
            if line.startswith("data: ")
        ]
