"""The findings of this service's policy in a text, by the categories of OpenAI's moderations.

It claims nothing that nobody looked for. A category of OpenAI's is applied where a guard model of
the policy knows it, or where a rule bears its name; the others are false and applied to nothing.
What our own rules look for has categories of its own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from generate.guardrails.guard_models import Guard
from generate.guardrails.policy import PolicyRule
from generate.guardrails.rule_engine import RuleEngine

OTHER = "footnote/policy"
"""The category of a finding that belongs to no other."""
OPENAI_CATEGORIES = (
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit",
    "illicit/violent", "self-harm", "self-harm/instructions", "self-harm/intent", "sexual",
    "sexual/minors", "violence", "violence/graphic",
)  # fmt: skip
OWN_CATEGORIES = (
    "footnote/hidden", "footnote/injection", "footnote/personal", "footnote/secret",
    "footnote/policy",
)  # fmt: skip
"""Findings by the detector's name; ``footnote/policy`` is any other rule of the operator's."""

_OF_QWEN = {
    "Violent": "violence",
    "Non-violent Illegal Acts": "illicit",
    "Sexual Content or Sexual Acts": "sexual",
    "Suicide & Self-Harm": "self-harm",
    "PII": "footnote/personal",
    "Jailbreak": "footnote/injection",
}
"""Source: https://github.com/QwenLM/Qwen3Guard"""
_OF_LLAMA = {
    "S1": "illicit/violent", "S2": "illicit", "S3": "sexual", "S4": "sexual/minors",
    "S7": "footnote/personal", "S9": "illicit/violent", "S10": "hate", "S11": "self-harm",
    "S12": "sexual",
}  # fmt: skip
"""Source: https://www.llama.com/docs/model-cards-and-prompt-formats/llama-guard-3"""
_OF_GUARDS = {"qwen3guard": _OF_QWEN, "llama-guard": _OF_LLAMA}

_NAMES_OF_RULES = {name.replace("/", "-"): name for name in OPENAI_CATEGORIES}


def moderated(text: str, rules: RuleEngine, guards: Mapping[str, Guard]) -> dict[str, Any]:
    """Return the categories of a text, which of them were looked for, and the rules that acted.

    Raises:
        ModelError: a guard model gave no verdict.

    """
    acting = dict(_acting(text, rules, guards))
    looked_for = set(_looked_for(rules))
    names = (*OPENAI_CATEGORIES, *OWN_CATEGORIES)
    is_present = {name: any(name in categories for categories in acting.values()) for name in names}
    return {
        "flagged": any(is_present.values()),
        "categories": is_present,
        "category_scores": {name: float(is_there) for name, is_there in is_present.items()},
        "category_applied_input_types": {
            name: ["text"] if name in looked_for else [] for name in names
        },
        "footnote": {"policy": rules.policy.name, "rules": sorted(acting)},
    }


def _acting(
    text: str, rules: RuleEngine, guards: Mapping[str, Guard]
) -> Iterator[tuple[str, set[str]]]:
    """Yield each rule that finds something, with its categories."""
    for rule in rules.policy.rules:
        guard = guards.get(rule.name)
        if rule.model is not None and guard is not None:
            verdict = guard.judge(text, None)
            if verdict.level != "safe":
                category_names = _OF_GUARDS.get(rule.model.format, {})
                names = verdict.categories or ("",)
                yield rule.name, {category_names.get(name, OTHER) for name in names}
    matches = [m for stage in ("before", "after") for m in rules.rule(stage, text).matches]
    for rule in dict.fromkeys(match.rule for match in matches):
        yield rule.name, {_category(rule)}


def _looked_for(rules: RuleEngine) -> Iterator[str]:
    for rule in rules.policy.rules:
        if {"before", "after"} & set(rule.stages):
            if rule.model is not None:
                yield from _OF_GUARDS.get(rule.model.format, {}).values()
            else:
                yield _category(rule)


def _category(rule: PolicyRule) -> str:
    if rule.detect is not None:
        return f"footnote/{rule.detect}"
    return _NAMES_OF_RULES.get(rule.name, OTHER)
