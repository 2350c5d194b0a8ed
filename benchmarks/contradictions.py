"""Claims that say something other than their source, one change each: a test for verifiers.

``python -m benchmarks.contradictions DATA/squad2_cs224n > claims.jsonl`` takes sentences of a
corpus with their neighbours as evidence and writes ``claim``, ``evidence``, ``label`` and ``kind``
a line, for ``footnote evaluate verifier claims.jsonl``; evaluate/authoring/metamorphic.py has the
ways. With ``--table`` it prints instead, for each way, how often the verifier as shipped finds it.

``--mixtures`` writes or measures statements made of a question and a value instead, the right one
or another sentence's (evaluate/authoring/mixtures.py); DATA is then a question set.
"""

import argparse
import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from evaluate.authoring.metamorphic import ALTERATIONS, claims
from evaluate.authoring.mixtures import mixtures
from evaluate.datasets.loading import load_questions
from generate.types import Judgement

FALSE_ALARMS = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--table", action="store_true", help="measure the verifier as shipped")
    parser.add_argument("--mixtures", action="store_true", help="statements of questions instead")
    parser.add_argument("--limit", type=int, default=1_000, help="questions for --mixtures")
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    rows = [json.loads(row) for row in (options.data / "corpus.jsonl").open(encoding="utf-8")]
    if options.mixtures:
        samples = list(load_questions(options.data).samples)
        random.Random(options.seed).shuffle(samples)
        texts = {row["_id"]: row["text"] for row in rows}
        made = mixtures(samples[: options.limit], texts, options.seed)
    else:
        made = claims([row["text"] for row in rows], options.seed)
    if options.table:
        print(table_of_verdicts(made) if options.mixtures else table(made))
        return
    for line in made:
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


def table(made: Iterable[dict[str, object]]) -> str:
    """Return a table: each way's share below the score that 5 % of paraphrases fall below."""
    scores = {kind: [one.score for one in found] for kind, found in _judgements(made).items()}
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


def table_of_verdicts(made: Iterable[dict[str, object]]) -> str:
    """Return a table: how often each kind of claim has which verdict."""
    lines = [
        "| kind | claims | supported | partial | unsupported |",
        "| --- | --- | --- | --- | --- |",
    ]
    for kind, judgements in sorted(_judgements(made).items()):
        verdicts = [judgement.verdict for judgement in judgements]
        shares = (
            f"{verdicts.count(verdict) / len(verdicts):.3f}"
            for verdict in ("supported", "partial", "unsupported")
        )
        lines.append(f"| {kind} | {len(verdicts)} | {' | '.join(shares)} |")
    return "\n".join(lines)


def _judgements(made: Iterable[dict[str, object]]) -> dict[str, list[Judgement]]:
    """Return what the verifier as shipped says of each claim, by kind."""
    from api.composition.embedding_model import load_embedder
    from api.settings import Settings
    from generate.verification.verifier import AlignmentVerifier, judge

    verifier = AlignmentVerifier(load_embedder(Settings()))
    judgements: dict[str, list[Judgement]] = defaultdict(list)
    for line in made:
        passages = [str(line["passage"])] if "passage" in line else []
        judgement = judge(verifier, str(line["claim"]), list(line["evidence"]), passages)  # type: ignore[call-overload]
        judgements[str(line["kind"])].append(judgement)
    return judgements


if __name__ == "__main__":
    main()
