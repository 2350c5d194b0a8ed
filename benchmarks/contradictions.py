"""Claims that say something other than their source, one change each: a test for verifiers.

``python -m benchmarks.contradictions DATA/squad2_cs224n > claims.jsonl`` takes sentences of a
corpus with their neighbours as evidence and writes ``claim``, ``evidence``, ``label`` and ``kind``
a line, for ``footnote evaluate verifier claims.jsonl``; evaluate/authoring/metamorphic.py has the
ways. With ``--table`` it prints instead, for each way, how often the verifier as shipped finds it.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from evaluate.authoring.metamorphic import ALTERATIONS, claims

FALSE_ALARMS = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--table", action="store_true", help="measure the verifier as shipped")
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    rows = (options.data / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
    made = claims([json.loads(row)["text"] for row in rows], options.seed)
    if options.table:
        print(table(made))
        return
    for line in made:
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


def table(made: Iterable[dict[str, object]]) -> str:
    """Return a table: each way's share below the score that 5 % of paraphrases fall below."""
    from api.composition.embedding_model import load_embedder
    from api.settings import Settings
    from generate.verification.verifier import AlignmentVerifier, judge

    verifier = AlignmentVerifier(load_embedder(Settings()))
    scores: dict[str, list[float]] = defaultdict(list)
    for line in made:
        judgement = judge(verifier, str(line["claim"]), list(line["evidence"]))  # type: ignore[call-overload]
        scores[str(line["kind"])].append(judgement.score)
    true = sorted(s for kind, found in scores.items() if kind not in ALTERATIONS for s in found)
    cut = true[int(FALSE_ALARMS * len(true))]
    lines = [f"cut {cut:.3f}", "| way | claims | below the cut |", "| --- | --- | --- |"]
    for kind, found in sorted(scores.items(), key=lambda item: (item[0] not in ALTERATIONS, item)):
        share = sum(score < cut for score in found) / len(found)
        lines.append(f"| {kind} | {len(found)} | {share:.2f} |")
    false = [score for kind, found in scores.items() if kind in ALTERATIONS for score in found]
    lines.append(
        f"| all alterations | {len(false)} | {sum(s < cut for s in false) / len(false):.2f} |"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
