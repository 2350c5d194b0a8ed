"""A judge for RAGAS' prompts that knows one rule: a statement is true where its words stand."""

import json
import re

_SCHEMA = re.compile(r'"title": "(\w+Output)"')


def judge(prompt: str) -> str:
    """Return the JSON that RAGAS asks for, decided by whether one text holds the other."""
    kind = _SCHEMA.findall(prompt)[-1]
    fields = json.loads(prompt.rsplit("input: ", 1)[1].split("\nOutput:", 1)[0])
    return json.dumps(_REPLIES[kind](fields))


def sentences(text):
    return [part.strip() for part in text.split(".") if part.strip()]


def _held(fields):
    return {
        "statements": [
            {"statement": s, "reason": "by its words", "verdict": int(s in fields["context"])}
            for s in fields["statements"]
        ]
    }


def _attributed(fields):
    return {
        "classifications": [
            {"statement": s, "reason": "by its words", "attributed": int(s in fields["context"])}
            for s in sentences(fields["answer"])
        ]
    }


def _rating(fields):
    is_in_context = [s in fields["context"] for s in sentences(fields["response"])]
    return {"rating": 2 if all(is_in_context) else int(any(is_in_context))}


def _useful(fields):
    useful = any(s in fields["context"] for s in sentences(fields["answer"]))
    return {"reason": "by its words", "verdict": int(useful)}


_REPLIES = {
    "StatementGeneratorOutput": lambda g: {"statements": sentences(g.get("answer", g.get("text")))},
    "ClaimDecompositionOutput": lambda g: {"claims": sentences(g["response"])},
    "NLIStatementOutput": _held,
    "StatementFaithfulnessOutput": _held,
    "ContextRecallOutput": _attributed,
    "ContextPrecisionOutput": _useful,
    "ResponseGroundednessOutput": _rating,
    "AnswerRelevanceOutput": lambda g: {
        "question": f"What of {g['response']}",
        "noncommittal": 0,
    },
}
