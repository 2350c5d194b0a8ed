"""Measure what the screening rules find on public sets: python benchmarks/screening.py DATA."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from index.detectors import find_injections, find_personal

SHAPED = {"EMAIL_ADDRESS", "IBAN_CODE", "CREDIT_CARD", "US_SSN", "IP_ADDRESS", "PHONE_NUMBER"}


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def personal(data: Path) -> None:
    right = wrong = 0
    marked: dict[str, list[bool]] = {}
    for row in rows(data / "presidio_pii" / "synth_v2.jsonl"):
        found = find_personal(row["text"])
        spans = [(s["entity_type"], s["start_position"], s["end_position"]) for s in row["spans"]]
        for kind, start, end in spans:
            hit = any(item.start < end and start < item.end for item in found)
            marked.setdefault(kind, []).append(hit)
        for item in found:
            touches = any(item.start < end and start < item.end for _, start, end in spans)
            right, wrong = right + touches, wrong + (not touches)
    every = [hit for hits in marked.values() for hit in hits]
    shaped = [hit for kind in SHAPED for hit in marked[kind]]
    print(f"personal: precision {right / (right + wrong):.3f}, recall {share(every):.3f}")
    print(f"  of types with a shape of their own: recall {share(shaped):.3f}")
    for kind, hits in sorted(marked.items()):
        print(f"  {kind:20} {sum(hits)} of {len(hits)}")


def share(hits: list[bool]) -> float:
    return sum(hits) / max(len(hits), 1)


def injections(name: str, texts: Iterable[str]) -> None:
    hits = [bool(find_injections(text)) for text in texts]
    print(f"{name:36} {sum(hits)} of {len(hits)} = {share(hits):.3f}")


def main(data: Path) -> None:
    personal(data)
    for kind in ("direct", "indirect"):
        injected = rows(data / "purplellama" / "prompt_injection.jsonl")
        chosen = [r["user_input"] for r in injected if r["injection_type"] == kind]
        injections(f"PurpleLlama {kind}", chosen)
    for kind in ("text", "code"):
        attacks = rows(data / "bipia" / f"{kind}_attack_train.jsonl")
        injections(f"BIPIA attacks, {kind}", (row["instruction"] for row in attacks))
    for kind in ("email", "table"):
        contexts = rows(data / "bipia" / f"{kind}_train.jsonl")
        injections(f"BIPIA benign {kind}", (row["context"] for row in contexts))
    benign = rows(data / "purplellama" / "mitre_frr.jsonl")
    injections("PurpleLlama benign", (row["mutated_prompt"] for row in benign))
    for label in ("safe", "unsafe"):
        prompts = [r for r in rows(data / "xstest" / "prompts.jsonl") if r["label"] == label]
        injections(f"XSTest {label}", (row["prompt"] for row in prompts))
    cases = rows(data / "hatecheck" / "cases.jsonl")
    injections("HateCheck", (row["test_case"] for row in cases))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
