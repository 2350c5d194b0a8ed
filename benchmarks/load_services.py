"""The processes of the load benchmark: the scripted model server, LiteLLM's proxy, Footnote."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROXY_KEY = "sk-load"
READY_S = 90.0
OURS = Path(".venv/bin/python")
"""Footnote's Python; this process runs on that of the gateways."""


@dataclass(frozen=True, slots=True)
class Running:
    """A process that serves."""

    url: str
    process: subprocess.Popen[bytes]

    @property
    def cpu_s(self) -> float:
        """Return the seconds of a core that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def model_server(folder: Path, *options: str) -> Iterator[Running]:
    """Run the scripted model server."""
    port = str(free_port())
    command = [str(OURS), "-m", "tests.fakes.model_server", "--port", port, *options]
    with _running(command, f"http://127.0.0.1:{port}", "/health", folder / "model.log") as one:
        yield one


@contextmanager
def litellm(folder: Path, model: Running) -> Iterator[Running]:
    """Run LiteLLM's proxy in front of the model server, with a key and without a database."""
    config = folder / "litellm.yaml"
    config.write_text(
        "model_list:\n"
        "  - model_name: scripted\n"
        "    litellm_params:\n"
        f"      {{model: openai/scripted, api_base: {model.url}/v1, api_key: none}}\n"
        f"general_settings: {{master_key: {PROXY_KEY}}}\n"
        "litellm_settings: {telemetry: false}\n"
    )
    port = str(free_port())
    command = [
        str(Path(sys.executable).parent / "litellm"),
        *("--config", str(config), "--host", "127.0.0.1", "--port", port, "--num_workers", "1"),
    ]
    quiet = {"LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    url = f"http://127.0.0.1:{port}"
    with _running(command, url, "/health/readiness", folder / "litellm.log", quiet) as one:
        yield one


@contextmanager
def footnote(folder: Path, model: Running, **settings: object) -> Iterator[Running]:
    """Run Footnote on the store of ``benchmarks.load_store`` in front of the model server."""
    port = str(free_port())
    told = {
        "data": folder / "store",
        "model_url": f"{model.url}/v1",
        "model_name": "scripted",
        "log_level": "warning",
        "rate_limit": 0,
        "answer_cache": 0,  # every ask is to be answered anew
        **settings,
    }
    environment = {f"FOOTNOTE_{name.upper()}": str(value) for name, value in told.items()}
    command = [str(OURS), "-m", "api.cli", "serve", "--port", port]
    url = f"http://127.0.0.1:{port}"
    with _running(command, url, "/readyz", folder / "footnote.log", environment) as one:
        yield one


@contextmanager
def _running(
    command: Sequence[str], url: str, ready: str, log: Path, also: dict[str, str] | None = None
) -> Iterator[Running]:
    environment = {**os.environ, "PYTHONPATH": ".", **(also or {})}
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        try:
            _await(url + ready, process, log)
            yield Running(url, process)
        finally:
            process.terminate()
            process.wait(20)


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{url} does not answer:\n{log.read_text()[-2000:]}")


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
