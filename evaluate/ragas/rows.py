"""Turn a run's results into the rows that RAGAS reads."""

import re
from collections.abc import Mapping
from typing import Any

from evaluate.scoring.results import Result

_MARKER = re.compile(r"\s*\[\d+\]")


def fields_of(result: Result, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return RAGAS' fields as far as the run has them; what is empty is left out.

    ``reference`` is the first reference answer. ``texts`` holds the corpus' documents, whose gold
    ones become ``reference_contexts``. Where the corpus does not answer, there is no reference.
    """
    facts = result.facts
    is_answerable = facts.get("answerable", True)
    response = "" if facts.get("abstained") else _MARKER.sub("", facts.get("answer") or "")
    fields = {
        "user_input": result.question,
        "response": response.strip(),
        "reference": next(iter(facts.get("references", ())), "") if is_answerable else "",
        "retrieved_contexts": [text for _, text in facts.get("passages", ()) if text],
        "reference_contexts": [
            texts[key] for key in facts.get("gold", ()) if is_answerable and texts.get(key)
        ],
    }
    return {name: value for name, value in fields.items() if value}


def why_missing(result: Result, field: str) -> str:
    """Say why a sample has not got a field."""
    if field == "response":
        return "nothing was said"
    if field.startswith("reference") and not result.facts.get("answerable", True):
        return "the corpus does not answer the question"
    if field == "reference_contexts":
        return "no gold document's text is known; name the question set with --dataset"
    return {"reference": "no reference answer", "retrieved_contexts": "no passage is recorded"}.get(
        field, f"no {field}"
    )
