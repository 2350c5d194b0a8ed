"""A real vLLM process on a free port, serving a tiny model of random weights."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.e2e.service import free_port

REAL_MODEL = os.environ.get("FOOTNOTE_TEST_MODEL", "")
"""The folder of an instruction-tuned model of half a billion to two billion parameters."""
PYTHON = os.environ.get("FOOTNOTE_TEST_VLLM", ".venv-vllm/bin/python")
MODEL = "tiny"
CONTEXT = 16384
COMPACT = '{"backend": "xgrammar", "disable_any_whitespace": true}'
"""Between the words of a form random words would be blanks without end."""
START_SECONDS = 240


@dataclass(frozen=True)
class VllmServer:
    """Where it listens, and its process."""

    url: str
    process: subprocess.Popen

    def kill(self) -> None:
        """End it and the engine that it started, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)

    def metric(self, name: str) -> float:
        """Return the sum of a counter or gauge over its labels; `name` without `vllm:`."""
        lines = httpx.get(f"{self.url}/metrics", timeout=10).text.splitlines()
        found = [line for line in lines if line.startswith(f"vllm:{name}{{")]
        assert found, f"vLLM has no metric named {name}"
        return sum(float(line.rsplit(" ", 1)[1]) for line in found)


@contextmanager
def running_vllm(model: Path, *, port: int | None = None) -> Iterator[VllmServer]:
    """Start vLLM, wait until it is healthy, and stop it in the end."""
    port = port or free_port()
    log = model.parent / f"vllm-{time.monotonic_ns()}.log"
    command = [
        PYTHON, "-m", "vllm.entrypoints.openai.api_server", "--model", model,
        "--served-model-name", MODEL, "--host", "127.0.0.1", "--port", str(port),
        "--max-model-len", str(CONTEXT), "--dtype", "float32", "--enable-prefix-caching",
        "--structured-outputs-config", COMPACT,
        "--enforce-eager",  # to compile a real model takes longer than to ask it
    ]  # fmt: skip
    alone = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "VLLM_CPU_KVCACHE_SPACE": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=os.environ | alone, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        try:
            server = VllmServer(f"http://127.0.0.1:{port}", process)
            _wait_until_healthy(server, log)
            yield server
        finally:
            _stop(process)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End vLLM and its own processes; one that is loading does not listen for a minute."""
    process.terminate()
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_until_healthy(server: VllmServer, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert server.process.poll() is None, f"vLLM ended:\n{log.read_text()[-4000:]}"
        try:
            if httpx.get(f"{server.url}/health", timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise AssertionError(f"vLLM is not healthy:\n{log.read_text()[-4000:]}")
