"""SciFact's claims with their rationale sentences, as a file for ``footnote evaluate verifier``.

``python benchmarks/scifact_claims.py DATA/scifact > claims.jsonl``: one line for each claim and
abstract; the evidence is the rationale sentences alone, and the label is ``supported`` or, where
they contradict the claim, ``not_supported``. Source: Wadden et al., SciFact (2020).
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path


def claims(folder: Path) -> Iterator[dict[str, object]]:
    """Yield a line for each claim and each abstract that supports or contradicts it."""
    abstracts = {
        row["_id"]: row["sentences"]
        for row in map(json.loads, (folder / "corpus.jsonl").read_text().splitlines())
    }
    for row in map(json.loads, (folder / "claims_evidence.jsonl").read_text().splitlines()):
        rationales: dict[tuple[str, str], set[int]] = {}
        for part in row["evidence"]:
            rationales.setdefault((part["doc_id"], part["label"]), set()).update(part["sentences"])
        for (document, label), sentences in rationales.items():
            yield {
                "claim": row["claim"],
                "evidence": [abstracts[document][i].strip() for i in sorted(sentences)],
                "label": "supported" if label == "SUPPORT" else "not_supported",
            }


if __name__ == "__main__":
    for line in claims(Path(sys.argv[1])):
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
