"""A whole service in this process: real store, real routes, a fake embedder and parser."""

import copy
import itertools
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth.api_keys import create_key
from api.composition.replacements import Replacements
from api.operations.readiness import check_readiness
from api.service import build_service
from api.settings import Settings
from ingest.parse import parse_file
from tests.fakes.database import QuickDatabase, new_database
from tests.fakes.embedder import FakeEmbedder

LIMIT = 100_000


class InProcessParser:
    """The real parsers, without a child process for each file."""

    def parse(self, path, filename):
        return parse_file(path, filename)


@dataclass
class Person:
    """Somebody with a key."""

    client: TestClient
    key: str

    def request(self, method: str, path: str, **content) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key}", **content.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **content)

    def get(self, path: str, **content) -> httpx.Response:
        return self.request("GET", path, **content)

    def post(self, path: str, **content) -> httpx.Response:
        return self.request("POST", path, **content)

    def upload(self, text: str, *, filename="note.txt", headers=None, **fields) -> httpx.Response:
        content = text if isinstance(text, bytes) else text.encode()
        return self.post(
            "/v1/documents",
            files={"file": (filename, content)},
            data=fields,
            headers=headers or {},
        )

    def job(self, job_id: str) -> dict:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            job = self.get(f"/v1/jobs/{job_id}").json()
            if job["state"] not in {"queued", "running"}:
                return job
            time.sleep(0.02)
        raise AssertionError(f"the job did not end: {job}")

    def add(self, text: str, **fields) -> str:
        """Upload a document, wait until it is searchable, return its id."""
        accepted = self.upload(text, **fields).json()
        job = self.job(accepted["job_id"])
        assert job["state"] == "succeeded", job
        return accepted["document_id"]


_NUMBERS = itertools.count(1)


class House:
    """A running service and a way to make people for it."""

    tenant = "default"

    def __init__(self, folder, *, parser=None, free_bytes=None, **settings):
        chosen = {
            "data": folder, "upload_limit": LIMIT, "rate_limit": 0,
            "publishing": "open",  # most of these stories are about reading
            **settings,
        }  # fmt: skip
        if "database_url" not in settings:
            new_database(Path(chosen["data"]))
        embedder = FakeEmbedder()
        replacements = Replacements(
            lambda _source: embedder, parser or InProcessParser(), free_bytes, QuickDatabase
        )
        self.service = build_service(Settings(**chosen), replacements)
        self.app = create_app(self.service)
        self.client = TestClient(self.app, base_url="http://localhost")

    def __enter__(self):
        self.client.__enter__()
        until = time.monotonic() + 120
        self.service.background.warm.wait(timeout=120)
        while not (readiness := self.readiness()).is_ready:
            assert time.monotonic() < until, readiness
            time.sleep(0.01)
        return self

    def __exit__(self, *error):
        self.client.__exit__(*error)

    def readiness(self):
        return check_readiness(self.service.database, self.service.background)

    def person(self, user: str, *groups: str, role: str = "reader", tenant=None) -> Person:
        """Make a key; without a tenant, in that of this house."""
        tenant = tenant or self.tenant
        key, _ = create_key(self.service.database, tenant, user, groups=groups, role=role)
        return Person(self.client, key)

    def rented(self) -> "House":
        """Return this service for people of a tenant of their own, who see nothing of others."""
        view = copy.copy(self)
        view.tenant = f"tenant-{next(_NUMBERS)}"
        return view


@pytest.fixture(scope="session")
def shared_house(tmp_path_factory):
    with House(tmp_path_factory.mktemp("shared") / "data") as house:
        yield house


@pytest.fixture
def house(request):
    """Yield a tenant of its own at a service that many tests share; starting one is slow.

    A test with the mark `own_service` has the service for itself: it looks at the whole store, or
    leaves something behind that other tenants would notice.
    """
    if request.node.get_closest_marker("own_service") is None:
        yield request.getfixturevalue("shared_house").rented()
        return
    with House(request.getfixturevalue("tmp_path") / "data") as house:
        yield house


@pytest.fixture(scope="session")
def description(tmp_path_factory):
    """Return the OpenAPI description as a service sends it; making one takes seconds."""
    with House(tmp_path_factory.mktemp("described") / "data") as house:
        return house.client.get("/openapi.json").json()


@pytest.fixture
def make_house(tmp_path):
    """Make a service with other settings."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(House(tmp_path / "other", **settings))


@pytest.fixture
def ann(house):
    return house.person("ann")


@pytest.fixture
def bob(house):
    return house.person("bob")
