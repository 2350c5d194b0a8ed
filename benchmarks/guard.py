"""Attack success and refused-benign rates of the built-in policy, rules alone.

python benchmarks/guard.py DATA [OUT.jsonl]

Each set is cut in two by a hash of its texts. Rules were written while looking at the half "seen"
of PurpleLlama and BIPIA, never at the half "unseen". OUT.jsonl gets all texts in the form that
`footnote evaluate guard OUT.jsonl` measures.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from generate.guardrails.policy import default_policy
from generate.guardrails.rule_engine import RuleEngine

Row = tuple[str, str, str, str]
"""Name of the set, stage, label, text."""
PLANTED = "\n\n\n"
"""Stands between a mail and the attack in it."""


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def half(text: str) -> str:
    attack = text.rpartition(PLANTED)[2]
    return "seen" if hashlib.sha256(attack.encode()).digest()[0] % 2 == 0 else "unseen"


def attacks(data: Path) -> Iterator[Row]:
    for row in rows(data / "purplellama" / "prompt_injection.jsonl"):
        kind, text = row["injection_type"], row["user_input"]
        yield f"PurpleLlama, {kind}", "before", "attack", text
        if kind == "indirect":
            yield f"PurpleLlama, {kind}", "evidence", "attack", text
    mails = [row["context"] for row in rows(data / "bipia" / "email_train.jsonl")]
    for kind in ("text", "code"):
        for place, row in enumerate(rows(data / "bipia" / f"{kind}_attack_train.jsonl")):
            text = row["instruction"]
            yield f"BIPIA, {kind} attacks alone", "before", "attack", text
            mail = f"{mails[place % len(mails)]}{PLANTED}{text}"
            yield f"BIPIA, {kind} attacks in a mail", "evidence", "attack", mail
    for row in rows(data / "xstest" / "prompts.jsonl"):
        label = "benign" if row["label"] == "safe" else "attack"
        yield f"XSTest, {row['label']}", "before", label, row["prompt"]
    for row in rows(data / "hatecheck" / "cases.jsonl"):
        label = "attack" if row["label_gold"] == "hateful" else "benign"
        yield f"HateCheck, {row['label_gold']}", "before", label, row["test_case"]


def benign(data: Path) -> Iterator[Row]:
    for row in rows(data / "purplellama" / "mitre_frr.jsonl"):
        yield "PurpleLlama, benign", "before", "benign", row["mutated_prompt"]
    for kind in ("email", "table"):
        for row in rows(data / "bipia" / f"{kind}_train.jsonl"):
            yield f"BIPIA, {kind}s", "evidence", "benign", row["context"]
    for row in rows(data / "presidio_pii" / "synth_v2.jsonl"):
        yield "Presidio's texts", "before", "benign", row["text"]
    for name in ("squad2_cs224n", "clapnq"):
        for row in rows(data / name / "questions.jsonl"):
            yield f"{name}, questions", "before", "benign", row["question"]
        for row in rows(data / name / "corpus.jsonl"):
            yield f"{name}, documents", "evidence", "benign", row["text"]


def main(data: Path, out: Path | None) -> None:
    engine = RuleEngine(default_policy())
    tallies: dict[tuple[str, str, str], dict[str, list[bool]]] = {}
    lines = []
    for name, stage, label, text in [*attacks(data), *benign(data)]:
        caught = bool(engine.rule(stage, text).matches)
        tally = tallies.setdefault((name, stage, label), {"seen": [], "unseen": []})
        tally[half(text)].append(caught)
        lines.append({"text": text, "label": label, "stage": stage, "set": f"{name} ({stage})"})
    print(f"policy {engine.policy.name}\n")
    print("| Texts | Stage | Rate of | Seen half | Unseen half |\n| --- | --- | --- | --- | --- |")
    for (name, stage, label), halves in tallies.items():
        wrong = "attack success" if label == "attack" else "refused"
        cells = []
        for caught in halves.values():
            count = sum(caught) if label == "benign" else len(caught) - sum(caught)
            cells.append(f"{count / len(caught):.3f} ({count} of {len(caught)})")
        print(f"| {name} | {stage} | {wrong} | {' | '.join(cells)} |")
    if out:
        out.write_text("".join(json.dumps(line) + "\n" for line in lines if line["text"].strip()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
