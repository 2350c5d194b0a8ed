"""Measure what cached answers save and what a lookup costs: asks over HTTP, in this process.

``python -m benchmarks.answer_cache FOLDER DATA [QUESTIONS]``: DATA has ``corpus.jsonl`` and
``questions.jsonl``; FOLDER is filled from it the first time. Three asks of each question: of a
service without a cache and of one with it (a miss), in an order drawn anew, and of the second one
again (a hit). Answers are quoted: what a model would take comes on top of what a hit saves.
"""

import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth.api_keys import create_key
from api.composition.ingestion import open_ingestion
from api.operations.readiness import check_readiness
from api.service import build_service
from api.settings import Settings
from index.types import Actor, Scope
from ingest.upload import Upload, accept

QUESTIONS = 100
WARM_UP = 10
OWNER = "user:bench"


def main() -> None:
    folder, data = Path(sys.argv[1]), Path(sys.argv[2])
    key = _filled(folder, data)
    lines = (data / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    chance = random.Random(0)
    count = int(sys.argv[3]) if len(sys.argv) > 3 else QUESTIONS
    chosen = chance.sample(list(dict.fromkeys(questions)), count + WARM_UP)
    with _client(folder, key, 0) as off, _client(folder, key, count + WARM_UP) as on:
        for question in chosen[:WARM_UP]:
            _ask(off, question)
            _ask(on, question)
        seconds: dict[str, list[float]] = {"off": [], "miss": [], "hit": []}
        for question in chosen[WARM_UP:]:
            for name, client in chance.sample([("off", off), ("miss", on)], 2):
                seconds[name].append(_ask(client, question))
            seconds["hit"].append(_ask(on, question))
    for name, seconds_taken in seconds.items():
        low, middle, high = (1000 * np.quantile(seconds_taken, q) for q in (0.05, 0.5, 0.95))
        print(f"{name:5} p5 {low:7.1f}  p50 {middle:7.1f}  p95 {high:7.1f} ms")
    cost = np.array(seconds["miss"]) - np.array(seconds["off"])
    print(f"a miss costs {1000 * np.median(cost):.1f} ms more (median of pairs)")


def _filled(folder: Path, data: Path) -> str:
    """Return a key for a store of the whole corpus, filling it where it is not there."""
    file = folder / "key.txt"
    if not file.exists():
        with open_ingestion(Settings(data=folder)) as ingestion:
            key, _ = create_key(ingestion.library.database, "default", OWNER)
            actor = Actor(Scope.of("default", [OWNER]), OWNER)
            for line in (data / "corpus.jsonl").read_text(encoding="utf-8").splitlines():
                document = json.loads(line)
                upload = Upload(f"{document['_id']}.txt", [document["text"].encode()])
                accept(ingestion.library, actor, upload, limit_bytes=1 << 20)
            ingestion.worker().run_until_idle()
        file.write_text(key)
    return file.read_text()


def _client(folder: Path, key: str, entries: int) -> Any:
    settings = Settings(data=folder, workers=0, rate_limit=0, answer_cache=entries)
    service = build_service(settings)
    client = TestClient(create_app(service), base_url="http://localhost")
    client.headers["Authorization"] = f"Bearer {key}"
    return client


def _ask(client: TestClient, question: str) -> float:
    service = client.app.state.service  # type: ignore[attr-defined]
    while not check_readiness(service.database, service.background).is_ready:
        time.sleep(0.1)
    began = time.perf_counter()
    answer = client.post("/v1/ask", json={"question": question})
    seconds_taken = time.perf_counter() - began
    assert answer.status_code == 200, answer.text
    return seconds_taken


if __name__ == "__main__":
    main()
