"""A judge for RAGAS' prompts that knows one rule: a statement is true where its words stand."""

import json
import re

_SCHEMA = re.compile(r'"title": "(\w+Output)"')


def judge(prompt: str) -> str:
    """Return the JSON that RAGAS asks for, decided by whether one text holds the other."""
    kind = _SCHEMA.findall(prompt)[-1]
    given = json.loads(prompt.rsplit("input: ", 1)[1].split("\nOutput:", 1)[0])
    return json.dumps(_REPLIES[kind](given))


def sentences(text):
    return [part.strip() for part in text.split(".") if part.strip()]


def _held(given):
    return {
        "statements": [
            {"statement": s, "reason": "by its words", "verdict": int(s in given["context"])}
            for s in given["statements"]
        ]
    }


def _attributed(given):
    return {
        "classifications": [
            {"statement": s, "reason": "by its words", "attributed": int(s in given["context"])}
            for s in sentences(given["answer"])
        ]
    }


def _rating(given):
    held = [s in given["context"] for s in sentences(given["response"])]
    return {"rating": 2 if all(held) else int(any(held))}


def _useful(given):
    useful = any(s in given["context"] for s in sentences(given["answer"]))
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
