"""A running service with a document that everybody may read and one that ann alone may."""

import json
import os
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from footnote_client import Footnote

ROOT = Path(__file__).parents[2]
COMMAND = os.environ.get("FOOTNOTE_COMMAND", str(ROOT / ".venv" / "bin" / "footnote"))
START_SECONDS = 120
HANDBOOK = "Everybody has 28 days of annual leave. The lamp is lit at dusk."
SALARIES = "The keeper of the lamp earns 900 crowns a month."


@dataclass(frozen=True)
class Service:
    """Where the service is, and the keys of two people."""

    url: str
    ann: str
    bob: str


@pytest.fixture(scope="session")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("service")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    url = f"http://127.0.0.1:{port}"
    settings = {"FOOTNOTE_PUBLISHING": "open", "FOOTNOTE_DATA": str(folder)}
    environment = os.environ | settings
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [COMMAND, "serve", "--port", port], env=environment, stdout=log, stderr=log
        )
        try:
            wait_until_ready(url)
            people = Service(url, *(key_of(user, environment) for user in ("ann", "bob")))
            fill(people)
            yield people
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_until_ready(url):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError("the service is not ready")


def key_of(user, environment):
    command = [COMMAND, "admin", "key", "create", "--user", user, "--json"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(result.stdout)["key"]


def fill(people):
    with Footnote(people.url, people.ann) as client:
        for name, text, allow in (
            ("handbook.txt", HANDBOOK, ["tenant:all"]),
            ("salaries.txt", SALARIES, ["user:ann"]),
        ):
            upload = client.documents.upload(text.encode(), filename=name, allow=allow)
            client.jobs.wait(upload)
