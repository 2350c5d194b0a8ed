"""Idle and half-open connections keep nobody out, however many there are.

More of them: ``FOOTNOTE_PROOF_CONNECTIONS=2000 pytest tests/proofs/test_front_door.py``.
"""

import os
import resource
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx
import pytest

from api.auth.api_keys import create_key
from index.db.database import Database
from tests.e2e.service import running_service
from tests.fakes.http_server import REQUEST

CONNECTIONS = int(os.environ.get("FOOTNOTE_PROOF_CONNECTIONS", "300"))
PEOPLE = 20
ROUNDS = 3

HALF_OPEN = (b"", b"GET /x HTTP/1.1\r\n", REQUEST)
"""First bytes of a connection that then falls silent; the last are answered, and it stays open."""


@pytest.fixture(autouse=True)
def enough_files():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
def service(tmp_path):
    """Run a service that waits ten minutes for the rest of a request."""
    limits = {"FOOTNOTE_HEADER_SECONDS": "600"}
    with running_service(tmp_path, **limits) as running:
        yield running


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def keys_of(service, count):
    """Make keys for so many people, the first of whom may publish to everybody."""
    database = Database.in_folder(service.data)
    roles = ["curator", *["reader"] * (count - 1)]
    keys = [
        create_key(database, "default", f"person{number}", role=role)[0]
        for number, role in enumerate(roles)
    ]
    database.engine.dispose()
    return keys


def publish(client, text):
    """Upload a text for everybody and wait until it is searchable."""
    fields = {"allow": "tenant:all"}
    answer = client.post("/v1/documents", files={"file": ("lamp.txt", text)}, data=fields)
    job, until = f"/v1/jobs/{answer.json()['job_id']}", time.monotonic() + 120
    while (state := client.get(job).json()["state"]) in {"queued", "running"}:
        assert time.monotonic() < until, "the job did not end"
        time.sleep(0.1)
    assert state == "succeeded"


def test_while_connections_idle_everybody_who_asks_is_answered(service):
    keys = keys_of(service, PEOPLE)
    parts = urlsplit(service.url)
    address = (parts.hostname, parts.port)
    question = {"question": "When is the lamp lit?"}

    def asked(key):
        """Ask over a new connection."""
        path = f"{service.url}/v1/ask"
        answer = httpx.post(path, json=question, headers=bearer(key), timeout=120, verify=False)
        return answer.status_code, answer.json().get("status")

    with (
        httpx.Client(base_url=service.url, headers=bearer(keys[0])) as publisher,
        ExitStack() as connections,
        ThreadPoolExecutor(PEOPLE) as people,
    ):
        publish(publisher, "The lamp is lit thirty minutes before sunset.")
        for number in range(CONNECTIONS):
            start = HALF_OPEN[number % len(HALF_OPEN)]
            connection = socket.create_connection(address, timeout=30)
            connections.enter_context(connection).sendall(start)
            if (number + 1) % (CONNECTIONS // ROUNDS) == 0:
                assert list(people.map(asked, keys)) == [(200, "answered")] * PEOPLE, number
