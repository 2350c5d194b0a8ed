"""Run the protocol's own conformance suite against `/mcp` of a service with the sample documents.

The suite is the npm package @modelcontextprotocol/conformance. It sends no key, so a small proxy
adds one. Most of its scenarios call tools and read resources of a server that was made for it;
scripts/mcp_conformance.yml lists those that another server cannot pass, each group with its reason.
A scenario that fails and is not listed, or that is listed and passes, ends with status 1.
"""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
FOOTNOTE = Path(sys.executable).with_name("footnote")
BASELINE = Path(__file__).with_suffix(".yml")
SUITE = "@modelcontextprotocol/conformance@0.1.16"
NODE = "node@22"
"""The suite needs this version or a newer one."""
START_SECONDS = 120


def main(options: Sequence[str]) -> int:
    """Run the suite; further options go to it. Return its status."""
    with (
        tempfile.TemporaryDirectory(prefix="footnote-mcp-") as folder,
        serving(Path(folder)) as url,
    ):
        key = make_key(Path(folder))
        with adding_key(url, key) as address:
            command = [
                "npx", "--yes", "--package", NODE, "--package", SUITE, "--", "conformance",
                "server", "--url", f"{address}/mcp", "--expected-failures", str(BASELINE),
                "--output-dir", folder, *options,
            ]  # fmt: skip
            return subprocess.run(command, check=False, cwd=folder).returncode


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve the sample documents, and yield the address once it is ready."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    command = [
        FOOTNOTE, "serve", "--demo", "samples", "--host", "127.0.0.1", "--port", str(port),
        "--data", folder,
    ]  # fmt: skip
    environment = {**os.environ, "FOOTNOTE_LOG_LEVEL": "error"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_until_ready(process, url)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def make_key(folder: Path) -> str:
    """Return a key that may read."""
    command = [
        FOOTNOTE, "admin", "key", "create", "--user", "conformance", "--json", "--data", folder,
    ]  # fmt: skip
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return str(json.loads(printed)["key"])


@contextmanager
def adding_key(url: str, key: str) -> Iterator[str]:
    """Yield the address of a proxy that adds a key to each request and changes nothing else."""
    target = urlsplit(url).netloc

    class Handler(BaseHTTPRequestHandler):
        """Passes one request on."""

        def do_request(self) -> None:
            """Send the request with the key, and the answer back."""
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = dict(self.headers.items()) | {"Authorization": f"Bearer {key}"}
            connection = http.client.HTTPConnection(target, timeout=60)
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"transfer-encoding", "content-length", "date", "server"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            connection.close()

        do_GET = do_POST = do_DELETE = do_request  # noqa: N815 - the names of http.server

        def log_message(self, *_message: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def _free_port() -> int:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.server_close()
    return server.server_port


def _wait_until_ready(process: "subprocess.Popen[bytes]", url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except OSError:  # it does not listen yet, or is not ready
            time.sleep(0.5)
    raise SystemExit("The service did not become ready.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
