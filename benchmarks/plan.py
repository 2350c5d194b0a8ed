"""How near `footnote plan` comes to a service that runs: processor time and memory of asks.

``python -m benchmarks.plan URL KEY PID CHUNKS`` asks the service, whose process is PID on this
machine, the samples' questions again and again, and prints one line of JSON: what was measured,
what the plan says, and the ratio. The service keeps no answers: ``FOOTNOTE_ANSWER_CACHE=0``.
"""

import argparse
import json
import os
import time
from pathlib import Path

import httpx

from api.capacity.plan import make_plan
from api.capacity.scenario import Scenario

QUESTIONS = Path(__file__).parents[1] / "samples" / "evaluation" / "questions.jsonl"
WARM, ASKS = 10, 100


def processor_seconds(process: int) -> float:
    """Return the processor time that a process has used until now."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def own_bytes(process: int) -> int:
    """Return the memory of a process that no file stands behind."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    kilobytes = next(line for line in lines if line.startswith("RssAnon")).split()[1]
    return 1024 * int(kilobytes)


def ask_all(client: httpx.Client, count: int) -> None:
    """Ask questions one after the other."""
    questions = [json.loads(line)["question"] for line in QUESTIONS.read_text().splitlines()]
    for number in range(count):
        question = f"{questions[number % len(questions)]} ({number})"
        client.post("/v1/ask", json={"question": question}).raise_for_status()


def main() -> None:
    """Measure, and print the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("key")
    parser.add_argument("process", type=int)
    parser.add_argument("chunks", type=int)
    arguments = parser.parse_args()
    headers = {"Authorization": f"Bearer {arguments.key}"}
    with httpx.Client(base_url=arguments.url, headers=headers, timeout=60) as client:
        ask_all(client, WARM)
        before, started = processor_seconds(arguments.process), time.perf_counter()
        ask_all(client, ASKS)
        latency = (time.perf_counter() - started) / ASKS
        seconds = (processor_seconds(arguments.process) - before) / ASKS
    plan = make_plan(Scenario(chunks=arguments.chunks, readable=1.0))
    measured = {
        "core_seconds_an_ask": seconds,
        "seconds_an_ask": latency,
        "bytes": own_bytes(arguments.process),
    }
    planned = {
        "core_seconds_an_ask": plan.figure("Services", "an ask").value,
        "seconds_an_ask": plan.figure("Answers by quotes", "whole answer").value,
        "bytes": plan.figure("Services", "memory of a service").value,
    }
    ratios = {name: round(planned[name] / measured[name], 2) for name in measured}
    print(json.dumps({"measured": measured, "planned": planned, "planned_by_measured": ratios}))


if __name__ == "__main__":
    main()
