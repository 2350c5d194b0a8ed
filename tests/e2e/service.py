"""A real Footnote process on a free port, with a data folder of its own."""

import contextlib
import io
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from api.cli import main

COMMAND = Path(sys.executable).with_name("footnote")
START_SECONDS = 120


@dataclass(frozen=True)
class RunningService:
    """Where a service listens, and how to make keys for it."""

    url: str
    data: Path

    def key(self, user: str, *groups: str, role: str = "reader") -> str:
        """Make a key for a user, as an administrator does on the command line."""
        command = ["admin", "key", "create", "--user", user, "--role", role, "--json"]
        for group in groups:
            command += ["--group", group]
        with contextlib.redirect_stdout(io.StringIO()) as output:
            assert main([*command, "--data", str(self.data)]) == 0, output.getvalue()
        return json.loads(output.getvalue())["key"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_service(folder: Path, **environment: str) -> Iterator[RunningService]:
    """Start `footnote serve`, wait until it is ready, stop it in the end."""
    data, port = folder / "data", free_port()
    log = (folder / "serve.log").open("wb")
    process = subprocess.Popen(
        [COMMAND, "serve", "--host", "127.0.0.1", "--port", str(port), "--data", data],
        env=os.environ | environment,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(process, url, folder / "serve.log")
        yield RunningService(url, data)
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()


def _wait_until_ready(process: subprocess.Popen, url: str, log: Path) -> None:
    text = ""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the service ended:\n{log.read_text()[-4000:]}"
        try:
            last = httpx.get(f"{url}/readyz", timeout=5)
            if last.status_code == httpx.codes.OK:
                return
            text = last.text
        except httpx.TransportError:
            text = "nothing: it does not listen yet"
        time.sleep(0.5)
    lines = [line for line in log.read_text().splitlines() if "/readyz" not in line]
    raise AssertionError("\n".join(["not ready; /readyz said", text, *lines[-30:]]))
