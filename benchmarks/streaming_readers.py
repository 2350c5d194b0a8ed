"""Many readers of streamed answers at once: errors, the event loop's lag, and memory.

    .venv/bin/python -m benchmarks.streaming_readers --readers 200 --seconds 60

Each reader asks, reads its answer to the end as it streams, and asks again. The model is scripted:
it computes nothing and takes its time for each word. Service, model and readers share the cores of
this machine. A reader that is told to come again later (429) does so: counted, and no error.
"""

import argparse
import asyncio
import json
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

from api.auth.api_keys import create_key
from api.composition.ingestion import open_ingestion
from api.operations.demo import load_samples
from api.settings import Settings
from api.telemetry.service_figures import Look, Period
from benchmarks.load_services import footnote, free_port, model_server
from benchmarks.measure import machine

SAMPLES = Path("samples")
QUESTIONS = (
    "When is the lamp lit?",
    "When does the supply boat come?",
    "How often does the fog signal sound?",
    "What must be done before a storm?",
    "When may visitors come?",
)
LAG = "footnote_event_loop_lag_seconds"
MEMORY = "process_resident_memory_bytes"
LATER_S = 1.0
"""How long a reader waits that was told to come again."""


def main() -> None:
    options = _options()
    print(f"{machine()}; {vars(options)}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        key = _store(folder / "store")
        words = (
            "--step-ms",
            str(options.step_ms),
            "--slots",
            str(options.readers),
            "--remember",
            "1",
        )
        port = free_port()
        settings = {
            "ask_places": options.readers,
            "ask_wait_seconds": options.wait_s,
            "metrics_port": port,
        }
        with model_server(folder, *words) as model, footnote(folder, model, **settings) as service:
            look = lambda: _look(port)  # noqa: E731 - three places look
            asyncio.run(_read_all(service.url, key, options.warm_up, options.readers))
            before = look()
            outcome, memory = asyncio.run(
                _watched(service.url, key, options.seconds, options.readers, look)
            )
            _report(outcome, memory, Period(look(), before))


def _store(folder: Path) -> str:
    """Fill a store with the sample documents; return the key of somebody who reads them."""
    with open_ingestion(Settings(data=folder)) as ingestion:
        load_samples(ingestion.library, SAMPLES)
        ingestion.worker().run_until_idle()
        return create_key(ingestion.library.database, "default", "reader")[0]


class Outcome:
    """The readers' answers, refusals and errors."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.seconds: list[float] = []
        self.first_s: list[float] = []
        """To the first sentence."""


async def _watched(url, key, seconds, readers, look):  # noqa: ANN001, ANN202
    memory: list[float] = []

    async def watch() -> None:
        while True:
            looked = await asyncio.to_thread(look)
            memory.append(looked.value(MEMORY) or 0.0)
            await asyncio.sleep(5)

    watching = asyncio.create_task(watch())
    outcome = await _read_all(url, key, seconds, readers)
    watching.cancel()
    return outcome, memory


async def _read_all(url: str, key: str, seconds: float, readers: int) -> Outcome:
    outcome, end = Outcome(), time.monotonic() + seconds
    reading = (_reader(url, key, number, end, outcome) for number in range(readers))
    await asyncio.gather(*reading)
    return outcome


async def _reader(url: str, key: str, number: int, end: float, outcome: Outcome) -> None:
    while time.monotonic() < end:
        question = f"{QUESTIONS[number % len(QUESTIONS)]} ({number})"
        try:
            result = await _read_one(url, key, question, outcome)
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            result = type(error).__name__
        outcome.counts[result] += 1
        number += 1
        if result == "429":
            await asyncio.sleep(LATER_S)


async def _read_one(url: str, key: str, question: str, outcome: Outcome) -> str:
    """Ask once; return how the stream ended: ``done``, ``error``, ``cut`` or a status."""
    place = urlsplit(url)
    body = json.dumps({"question": question, "stream": True}).encode()
    began = time.monotonic()
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        writer.write(
            f"POST /v1/ask HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n".encode()
            + body
        )
        status = (await reader.readline()).split()[1].decode()
        if status != "200":
            return status
        ending, has_sentence = "cut", False
        while line := await reader.readline():
            if line.startswith(b"event: sentence") and not has_sentence:
                has_sentence = True
                outcome.first_s.append(time.monotonic() - began)
            elif line.startswith((b"event: done", b"event: error")):
                ending = line.split()[1].decode()
        if ending == "done":
            outcome.seconds.append(time.monotonic() - began)
        return ending
    finally:
        writer.close()


def _look(port: int) -> Look:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as response:
        return Look.of(response.read().decode())


def _report(outcome: Outcome, memory: list[float], period: Period) -> None:
    good, later = outcome.counts["done"], outcome.counts["429"]
    errors = outcome.counts.total() - good - later
    print(f"answers {good}, told to come later {later}, errors {errors}: {dict(outcome.counts)}")
    for name, values in (("first sentence", outcome.first_s), ("whole answer", outcome.seconds)):
        if len(values) > 1:
            cuts = quantiles(values, n=100)
            print(f"{name}: p50 {cuts[49]:.2f} s, p95 {cuts[94]:.2f} s, p99 {cuts[98]:.2f} s")
    lags = [period.quantile(share, LAG) or 0.0 for share in (0.5, 0.99)]
    print(f"event-loop lag: p50 {1000 * lags[0]:.1f} ms, p99 {1000 * lags[1]:.1f} ms")
    megabytes = [f"{value / 1e6:.0f}" for value in memory]
    print(f"memory of the service (MB, every 5 s): {' '.join(megabytes)}")
    cores = period.rate("process_cpu_seconds_total")
    print(f"processor: {cores:.2f} cores over {period.seconds:.0f} s")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--warm-up", type=float, default=10.0, help="seconds before it counts")
    parser.add_argument("--step-ms", type=float, default=300.0, help="the model's time for a word")
    parser.add_argument(
        "--wait-s", type=float, default=120.0, help="the service's longest wait for a turn"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
