"""Instructions addressed to a model: what a document or a question has no plain reason to say.

Heuristics over undisguised text. They look for the grammar of taking over (set aside what you were
told, you are now, reveal your prompt, forged turns of a chat), not for topics, so that asking
*about* such a thing stays possible. A writer who knows the rules can avoid them.
"""

import re

import re2

from index.screen.hidden import TAG, reveal_tags
from index.screen.plain import plain
from index.screen.types import Finding

_SET_ASIDE = r"(?:ignore|disregard|forget|override|bypass|overlook|discard|drop|skip)"
_TOLD = (
    r"(?:instructions?|prompts?|directions?|directives?|guidelines?|rules?|commands?|orders"
    r"|context|constraints?|programming|training)"
)
_EARLIER = (
    r"(?:all|any|every(?:thing)?|previous(?:ly)?|prior|earlier|above|preceding|former|foregoing"
    r"|initial|original|existing|current|your|system)"
)
RULES = {
    "set-aside": re.compile(
        rf"\b{_SET_ASIDE}\b(?:\W+\w+){{0,3}}?\W+{_EARLIER}\b"
        rf"(?:\W+\w+){{0,4}}?\W+{_TOLD}\b"
        rf"|\b{_SET_ASIDE}\s+(?:\w+\s+){{0,2}}(?:everything|everthing|all|what(?:ever)?)\s+"
        r"(?:that\s+)?(?:i|you|we|was|were|came|has|have|above|before)\b"
        rf"|\b{_SET_ASIDE}\s+(?:the|these|those)\s+{_TOLD}\s+(?:above|before|you\b)"
    ),
    "new-role": re.compile(
        r"\byou are now (?:a|an|the|in|going|free|no longer|dan|my)\b"
        r"|\bfrom now on,? (?:you|your|act|behave|respond|answer|ignore)\b"
        r"|\bpretend (?:that )?(?:you are|you're|to be) (?:an? )?"
        r"(?:ai|model|unrestricted|evil|dan)\b"
        r"|\b(?:dan|developer|god|jailbreak|debug|admin|maintenance) mode\b.{0,30}"
        r"\b(?:on|enabled?|activated?)\b"
        r"|\bdo anything now\b"
    ),
    "reveal-prompt": re.compile(
        r"\b(?:reveal|print|show|repeat|output|display|leak|disclose|recite|tell me|give me|dump)\b"
        r"(?:\W+\w+){0,4}?\W+(?:your|system|the initial|the hidden|the secret)\W+(?:\w+\W+){0,2}"
        r"(?:prompt|instructions)\b"
        r"|\brepeat (?:everything|all|the (?:words|text)) (?:above|before)\b"
        r"|\bwhat (?:is|are|was|were) your (?:\w+ ){0,2}(?:prompt|instructions)\b"
    ),
    "forged-turn": re.compile(
        r"<\|?(?:im_start|im_end|system|assistant|endoftext|eot_id|start_header_id)\|?>"
        r"|\[/?inst\]|<</?sys>>|^\s*#{2,3}\s*(?:system|instruction|new instructions?)\s*:"
        r"|\b(?:begin|start|end) (?:of )?(?:system|admin|new) (?:prompt|message|instructions?)\b",
        re.MULTILINE,
    ),
    "no-limits": re.compile(
        r"\bwithout (?:any )?(?:restrictions?|filters?|censorship|limitations?|ethical)\b.{0,40}"
        r"\b(?:answer|respond|reply|act|comply)\b"
        r"|\b(?:you (?:have|follow) no|free from (?:all|any)|turn off|disable) (?:\w+ ){0,2}"
        r"(?:restrictions?|filters?|safety|safeguards?|guardrails?)\b"
    ),
    "to-the-model": re.compile(
        r"\b(?:attention|note to|dear|hey|important)[,:]? (?:the |any |all )?"
        r"(?:ai|llm|language model|chatbot|assistant)s?\b"
        r"|\bif you are (?:an? )?(?:ai|llm|language model|chatbot|assistant)\b"
        r"|\b(?:ai|llm|language model|assistant)s? (?:reading|processing|summari[sz]ing) this\b"
    ),
}


_SIGNS = re2.compile(
    "ignore|disregard|forget|override|bypass|overlook|discard|drop|skip|you are now|from now on"
    "|pretend| mode|do anything now|prompt|instruction|repeat|<|inst\\]|#|\\bbegin|\\bstart|\\bend "
    "|without|you have no|you follow no|free from|turn off|disable|\\bais?\\b|llm|language model"
    "|chatbot|assistant"
)
"""One of these stands in every match; most texts have none."""


def find_injections(text: str) -> list[Finding]:
    """Return spans that try to direct a model; hidden tags are read as what they spell."""
    seen, places = plain(text)
    found = (
        []
        if _SIGNS.search(seen) is None
        else [
            Finding("injection", rule, places[match.start()], places[match.end() - 1] + 1)
            for rule, pattern in RULES.items()
            for match in pattern.finditer(seen)
        ]
    )
    spelled = reveal_tags(text).lower()
    if spelled and any(pattern.search(spelled) for pattern in RULES.values()):
        tags = [match.start() for match in TAG.finditer(text)]
        found.append(Finding("injection", "hidden-order", tags[0], tags[-1] + 1))
    return found
