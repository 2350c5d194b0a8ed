"""The whole service under load, in front of a scripted model server: overhead, overload, fairness.

    make gateways
    .venv-gateways/bin/python -m benchmarks.load DATA/clapnq

Open arrivals, Poisson with a seed; every latency counts from the moment a call was meant to be
sent. Everything runs on this machine: the model server computes nothing, but takes its time.

overhead    the same prompts to the model server, through LiteLLM's proxy, and as questions to
            Footnote, dealt in threes to one stream of arrivals
overload    goodput at rising rates, then at three times the best one; how soon refusals come
neighbour   a tenant's latency alone, then beside one that floods the service
"""

import argparse
import asyncio
import json
import random
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.arrivals import Call, Target, fire, poisson
from benchmarks.load_services import PROXY_KEY, Running, footnote, litellm, model_server
from benchmarks.measure import machine

PACE = ("--prefill", "8000", "--step-ms", "5")
"""Of the overhead: an engine fast enough that its steps do not hide what is measured."""
SERVED = ("--prefill", "8000", "--step-ms", "20", "--slots", "32")
"""Of the rest: about what an 8B model does on one card."""
GOOD_S = 10.0
"""An answer that comes later than this is not counted as good."""
WARM_S = 5.0
"""Left out at the start of a stretch, while the service fills."""

Questions = list[str]


def main() -> None:
    options = _options()
    print(f"{machine()}; {vars(options)}", flush=True)
    folder = options.store
    keys = json.loads((folder / "store" / "keys.json").read_text())
    questions = _questions(options.data, options.questions)
    for name in options.only.split(","):
        {"overhead": overhead, "overload": overload, "neighbour": neighbour}[name](
            folder, keys, questions, options
        )


# Overhead


def overhead(folder: Path, keys: dict[str, str], questions: Questions, options: Any) -> None:
    with ExitStack() as stack:
        model = stack.enter_context(model_server(folder, *PACE, "--remember", "10000"))
        proxy = stack.enter_context(litellm(folder, model))
        ours = stack.enter_context(footnote(folder, model))
        asked = _ask(ours, keys["default"])
        prompts = _prompts(model, asked, questions)
        lanes = {
            "model server": Target("model server", f"{model.url}/v1/chat/completions"),
            "LiteLLM": Target(
                "LiteLLM",
                f"{proxy.url}/v1/chat/completions",
                {"Authorization": f"Bearer {PROXY_KEY}"},
            ),
            "Footnote": asked,
        }
        calls = _threes(lanes, prompts, questions, options)
        before = {"LiteLLM": proxy.cpu_s, "Footnote": ours.cpu_s}
        asyncio.run(fire(calls))
        used = {
            "LiteLLM": proxy.cpu_s - before["LiteLLM"],
            "Footnote": ours.cpu_s - before["Footnote"],
        }
    _show_overhead(calls, used)


def _prompts(model: Running, asked: Target, questions: Questions) -> dict[int, dict[str, Any]]:
    """Ask every question once; return what the model was sent for those that it answered."""
    due = [at / 5 for at in range(len(questions))]
    calls = [Call(asked, number, _question(questions[number]), at) for number, at in enumerate(due)]
    asyncio.run(fire(calls))
    with urllib.request.urlopen(f"{model.url}/requests") as reply:
        sent = json.load(reply)
    for call in calls:
        if call.answer.get("model") != "scripted":
            print(call.status, call.answer.get("notice"))
    by_question = {
        body["messages"][-1]["content"].rpartition("Question: ")[2]: body for body in sent
    }
    written = [call for call in calls if call.answer.get("model") == "scripted"]
    print(f"{len(written)} of {len(calls)} questions are answered by the model", flush=True)
    known = ((call.question, by_question.get(questions[call.question])) for call in written)
    return {number: body for number, body in known if body}  # the policy may have cleaned one


def _threes(
    lanes: dict[str, Target], prompts: dict[int, Any], questions: Questions, options: Any
) -> list[Call]:
    """Deal each question to all three, in an order drawn anew, along one stream of arrivals."""
    draw = random.Random(options.seed)
    moments = poisson(options.rate, options.seconds, options.seed)
    calls = []
    for at in range(0, len(moments) - 2, 3):
        number = draw.choice(sorted(prompts))
        for moment, name in zip(moments[at : at + 3], draw.sample(list(lanes), 3), strict=True):
            body = _question(questions[number]) if name == "Footnote" else prompts[number]
            calls.append(Call(lanes[name], number, body, moment))
    return calls


def _show_overhead(calls: Sequence[Call], used: dict[str, float]) -> None:
    by_name: dict[str, list[Call]] = {}
    for call in calls:
        by_name.setdefault(call.target.name, []).append(call)
    bare = by_name["model server"]
    failed = [call for call in calls if call.status != 200]
    print(f"\n#### Overhead; {len(bare)} calls each, {len(failed)} failed\n")
    print("| ms | latency p50 | p99 | added p50 | p99 | CPU s per call |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, theirs in by_name.items():
        took = [call.latency for call in theirs]
        added = _added(theirs, bare)
        cells = [_ms(took, 0.5), _ms(took, 0.99), _ms(added, 0.5), _ms(added, 0.99)]
        cpu = f"{used[name] / len(theirs):.4f}" if name in used else ""
        print(f"| {name} |", " | ".join(cells), f"| {cpu} |")
    _show_parts(by_name["Footnote"], _added(by_name["Footnote"], bare))


def _show_parts(ours: Sequence[Call], added: Sequence[float]) -> None:
    timings = [call.answer["timings"] for call in ours]
    parts = {
        "retrieval": [told["retrieve"] for told in timings],
        "evidence judged before the model": [told["select"] for told in timings],
        "sentences verified": [told.get("verify", 0.0) for told in timings],
    }
    searched = [
        whole - told["retrieve"] - told["select"]
        for whole, told in zip(added, timings, strict=True)
    ]
    parts["gateway with verification: all but retrieval and evidence"] = searched
    parts["gateway alone"] = [
        whole - told.get("verify", 0.0) for whole, told in zip(searched, timings, strict=True)
    ]
    print("\n| of Footnote's, ms | p50 | p99 |")
    print("| --- | ---: | ---: |")
    for name, seconds in parts.items():
        print(f"| {name} | {_ms(seconds, 0.5)} | {_ms(seconds, 0.99)} |", flush=True)


def _added(theirs: Sequence[Call], bare: Sequence[Call]) -> list[float]:
    """Return what each call took beyond the bare one of its three."""
    return [one.latency - alone.latency for one, alone in zip(theirs, bare, strict=True)]


# Overload


def overload(folder: Path, keys: dict[str, str], questions: Questions, options: Any) -> None:
    with ExitStack() as stack:
        model = stack.enter_context(model_server(folder, *SERVED))
        ours = stack.enter_context(footnote(folder, model, ask_wait_seconds=5))
        asked = _ask(ours, keys["default"])
        asyncio.run(fire(_stream(asked, questions, 2.0, 10.0, 0)))  # models are loaded
        print("\n#### Overload\n")
        print("| asks/s | good/s | answered p50 s | p99 s | refused | refusals p50 ms | p99 ms |")
        print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
        good = {}
        for rate in map(float, options.rates.split(",")):
            good[rate] = _stretch(asked, questions, rate, options)
        peak = max(good.values())
        at = 3 * max(good, key=lambda rate: good[rate])
        share = _stretch(asked, questions, at, options) / peak
        print(f"\nGoodput at three times the best rate is {share:.2f} of its peak.", flush=True)


def _stretch(asked: Target, questions: Questions, rate: float, options: Any) -> float:
    """Ask at a rate; return good answers a second, and print a row."""
    seconds = options.stretch
    calls = _stream(asked, questions, rate, seconds, options.seed + int(100 * rate))
    asyncio.run(fire(calls))
    answered = [call for call in calls if _whole(call)]
    good = [c for c in answered if c.latency <= GOOD_S and WARM_S <= c.ended <= seconds]
    refusals = [c.latency for c in calls if c.status == 429]
    others = Counter(_ending(c) for c in calls if c not in answered and c.status != 429)
    took = [c.latency for c in answered]
    per_second = len(good) / (seconds - WARM_S)
    print(
        f"| {rate:.3g} | {per_second:.2f} | {_s(took, 0.5)} | {_s(took, 0.99)} "
        f"| {len(refusals)} of {len(calls)} | {_ms(refusals, 0.5)} | {_ms(refusals, 0.99)} |",
        dict(others) or "",
        flush=True,
    )
    return per_second


def _whole(call: Call) -> bool:
    """Tell whether an answer came that nothing was wanting of."""
    answer = call.answer
    return answer.get("model") == "scripted" or answer.get("status") == "no_evidence"


def _ending(call: Call) -> str:
    """Say how a call ended that was neither answered nor refused for want of room."""
    return call.answer.get("notice") or f"status {call.status}"


# Neighbour


def neighbour(folder: Path, keys: dict[str, str], questions: Questions, options: Any) -> None:
    with ExitStack() as stack:
        model = stack.enter_context(model_server(folder, *SERVED))
        ours = stack.enter_context(footnote(folder, model, ask_wait_seconds=5))
        victim, flood = (_ask(ours, keys[tenant]) for tenant in ("default", "neighbour"))
        for one in (victim, flood):
            asyncio.run(fire(_stream(one, questions, 2.0, 10.0, 0)))
        print("\n#### A tenant beside one that floods\n")
        print("| | victim's p50 s | p99 s | answered | flood answered |")
        print("| --- | ---: | ---: | ---: | ---: |")
        alone = _beside(victim, flood, questions, 0.0, options)
        flooded = _beside(victim, flood, questions, options.flood, options)
        print(f"\nThe victim's p99 is {flooded / alone:.2f} times its own alone.", flush=True)


def _beside(
    victim: Target, flood: Target, questions: Questions, rate: float, options: Any
) -> float:
    own = _stream(victim, questions, options.victim, options.beside, options.seed)
    others = _stream(flood, questions, rate, options.beside, options.seed + 1) if rate else []
    asyncio.run(fire([*own, *others]))
    kept = [call for call in own if call.due >= WARM_S]
    took = [call.latency for call in kept if call.status == 200]
    served = sum(call.status == 200 for call in others)
    print(
        f"| {f'beside {rate:.3g}/s' if rate else 'alone'} | {_s(took, 0.5)} | {_s(took, 0.99)} | "
        f"{len(took)} of {len(kept)} | {served} of {len(others)} |",
        flush=True,
    )
    return _quantile(took, 0.99)


# What they share


def _ask(ours: Running, key: str) -> Target:
    return Target("Footnote", f"{ours.url}/v1/ask", {"Authorization": f"Bearer {key}"})


def _question(text: str) -> dict[str, Any]:
    return {"question": text, "stream": True}


def _stream(
    target: Target, questions: Questions, rate: float, seconds: float, seed: int
) -> list[Call]:
    draw = random.Random(seed)
    calls = []
    for moment in poisson(rate, seconds, seed):
        number = draw.randrange(len(questions))
        calls.append(Call(target, number, _question(questions[number]), moment))
    return calls


def _questions(data: Path, most: int) -> Questions:
    """Return questions that the store's documents answer."""
    from benchmarks.load_documents import documents

    held = {document["_id"] for document in documents(data)}
    lines = map(json.loads, (data / "questions.jsonl").read_text().splitlines())
    fit = [line["question"] for line in lines if line["answerable"] and held & set(line["gold"])]
    return fit[:most]


def _quantile(values: Sequence[float], share: float) -> float:
    """Return the value that ``share`` of them do not exceed."""
    if not values:
        return float("nan")
    if share == 0.5:
        return median(values)
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def _ms(seconds: Sequence[float], share: float) -> str:
    return f"{1000 * _quantile(seconds, share):.1f}"


def _s(seconds: Sequence[float], share: float) -> str:
    return f"{_quantile(seconds, share):.2f}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="a data set with corpus.jsonl and questions.jsonl")
    parser.add_argument("--store", type=Path, default=Path(tempfile.gettempdir()) / "footnote-load")
    parser.add_argument("--only", default="overhead,overload,neighbour")
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=float, default=6.0, help="of the overhead's arrivals")
    parser.add_argument("--seconds", type=float, default=120.0, help="of the overhead's run")
    parser.add_argument("--rates", default="4,6,8,10", help="asks a second on the way to overload")
    parser.add_argument("--stretch", type=float, default=25.0, help="seconds at each rate")
    parser.add_argument("--victim", type=float, default=2.0, help="the victim's asks a second")
    parser.add_argument("--flood", type=float, default=30.0, help="the neighbour's asks a second")
    parser.add_argument("--beside", type=float, default=60.0, help="seconds, alone and beside")
    return parser.parse_args()


if __name__ == "__main__":
    main()
