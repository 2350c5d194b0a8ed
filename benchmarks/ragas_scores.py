"""RAGAS' metrics that need no model, over recorded answers, from an environment of its own.

    .venv-ragas/bin/python benchmarks/ragas_scores.py DIR --outputs FILE [--json]

DIR is a question set, FILE recorded answers (docs/evaluation.md). Reference contexts are the
texts of the gold documents. Nothing of Footnote is imported, so that RAGAS' pins do not meet ours.
Says of each metric whether it ran, on how many questions, or why it could not.
"""

import argparse
import asyncio
import json
import warnings
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore", category=DeprecationWarning)

METRICS = {
    "NonLLMContextPrecisionWithReference": ("retrieved_contexts", "reference_contexts"),
    "NonLLMContextRecall": ("retrieved_contexts", "reference_contexts"),
    "NonLLMStringSimilarity": ("response", "reference"),
    "RougeScore": ("response", "reference"),
    "ExactMatch": ("response", "reference"),
    "StringPresence": ("response", "reference"),
}
"""Each metric and what it needs of a sample."""


def read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines() if line.strip()]


def samples(folder: Path, outputs: Path) -> list[dict[str, Any]]:
    """Return RAGAS' fields for every answerable question that was answered."""
    texts = {line["_id"]: line.get("text", "") for line in read(folder / "corpus.jsonl")}
    given = {line["id"]: line for line in read(outputs)}
    made = []
    for question in read(folder / "questions.jsonl"):
        output = given.get(question["id"])
        if output is None or not question.get("answerable", True) or output.get("abstained"):
            continue
        fields = {
            "user_input": question["question"],
            "response": output.get("answer"),
            "reference": next(iter(question.get("answers", ())), None),
            "retrieved_contexts": [p["text"] for p in output.get("passages", ())],
            "reference_contexts": [texts[key] for key in question.get("gold", ()) if key in texts],
        }
        made.append({name: value for name, value in fields.items() if value})
    return made


async def score(name: str, held: list[dict[str, Any]]) -> dict[str, Any]:
    """Average one metric over the samples that have what it needs."""
    import ragas.metrics
    from ragas import SingleTurnSample

    fit = [each for each in held if all(need in each for need in METRICS[name])]
    if not fit:
        return {"ran": False, "reason": f"no sample has {' and '.join(METRICS[name])}"}
    try:
        metric = getattr(ragas.metrics, name)()
        values = [await metric.single_turn_ascore(SingleTurnSample(**each)) for each in fit]
    except (ImportError, AttributeError) as error:
        return {"ran": False, "reason": str(error)}
    return {"ran": True, "value": float(sum(values) / len(values)), "samples": len(fit)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--outputs", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    held = samples(options.folder, options.outputs)
    found = {name: asyncio.run(score(name, held)) for name in METRICS}
    if options.json:
        print(json.dumps({"metrics": {n: f.get("value") for n, f in found.items()}, "ran": found}))
        return
    for name, told in found.items():
        ran = f"{told['value']:.4f} over {told['samples']}" if told["ran"] else told["reason"]
        print(f"{name:38} {ran}")


if __name__ == "__main__":
    main()
