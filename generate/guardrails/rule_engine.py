"""A policy made ready to look at texts: what it finds, and what is to happen to it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from generate.guardrails.policy import STAGES, Action, Policy, PolicyRule, Stage, compile_pattern
from index.detectors import Finding, find_hidden, find_injections, find_personal, find_secrets
from index.detectors.decodings import Decoding, decodings
from index.text.normalization import plain

REDACTED = "[redacted]"
STRICTNESS: dict[Action, int] = {"allow": 0, "redact": 1, "review": 2, "block": 3}
DATA = frozenset({"secret", "personal"})
"""Detectors of what nobody else is to see, a reviewer neither."""

Span = tuple[int, int]
Look = Callable[[Decoding], Iterator[Span]]
"""Yields the spans of a decoding's text that a rule matches."""


@dataclass(frozen=True, slots=True)
class Match:
    """``text[start:end]`` is what a rule looks for."""

    rule: PolicyRule
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Ruling:
    """The action for one text at one stage, and the rules that ask for it."""

    text: str
    """With everything redacted that any rule found, whatever the action."""
    action: Action = "allow"
    rule: PolicyRule | None = None
    """The first rule of the strictest action."""
    matches: tuple[Match, ...] = ()

    @property
    def is_stopped(self) -> bool:
        """Tell whether the text may not go on as it is, redacted or not."""
        return STRICTNESS[self.action] > STRICTNESS["redact"]

    @property
    def for_review(self) -> tuple[str, ...]:
        """The rules that call for a person."""
        names = (match.rule.name for match in self.matches if match.rule.action == "review")
        return tuple(dict.fromkeys(names))

    def approved(self, text: str, rules: Sequence[str]) -> "Ruling":
        """Return the ruling on the same text where a person let it past some rules."""
        remaining = tuple(
            m for m in self.matches if m.rule.name not in rules or m.rule.action == "block"
        )
        return _ruling(text, remaining)

    def with_whole_text_rules(self, text: str, rules: Sequence[PolicyRule]) -> "Ruling":
        """Return the ruling where rules also judged the text as a whole."""
        whole_text = tuple(Match(rule, 0, len(text)) for rule in rules)
        return _ruling(text, (*self.matches, *whole_text))


@dataclass(frozen=True)
class RuleEngine:
    """A policy, compiled. Pure: the same text gives the same ruling."""

    policy: Policy
    _looks: dict[str, Look] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        looks = {rule.name: _look(rule) for rule in self.policy.rules if rule.model is None}
        object.__setattr__(self, "_looks", looks)

    def rule(self, stage: Stage, text: str, *, before: str = "") -> Ruling:
        """Look at a text at a stage; ``before`` is what came before it, which matches may span."""
        return _ruling(text, self._matches(stage, text, before))

    def reviewable(self, text: str, *, before: str = "") -> str:
        """Return a text as a reviewer sees it: without what any stage redacts or blocks.

        What a ``review`` rule found is shown, since it is what is to be decided; unless the rule
        looks for secrets or personal data.
        """
        matches = [match for stage in STAGES for match in self._matches(stage, text, before)]
        hidden = [m for m in matches if m.rule.action != "review" or m.rule.detect in DATA]
        return redact(text, hidden)

    def reviews(self, stage: Stage) -> bool:
        """Tell whether any rule of a stage may call for a person."""
        return any(stage in r.stages and _may_review(r) for r in self.policy.rules)

    def _matches(self, stage: Stage, text: str, before: str) -> tuple[Match, ...]:
        joined_text = f"{before} {text}" if before else text
        return _within(self._find(stage, joined_text), len(joined_text) - len(text))

    def _find(self, stage: Stage, text: str) -> list[Match]:
        rules = [r for r in self.policy.rules if stage in r.stages and r.model is None]
        readings = list(decodings(text)) if rules else []
        matches: list[Match] = []
        exempt: list[Span] = []
        for rule in rules:
            look = self._looks[rule.name]
            spans = {v.span(*span) for v in readings for span in look(v) if span[0] < span[1]}
            if rule.detect == "hidden":
                spans = {(f.start, f.end) for f in find_hidden(text) if _is_included(rule, f)}
            if rule.action == "allow":
                exempt.extend(spans)
            else:
                matches.extend(Match(rule, *s) for s in sorted(spans) if not _inside(s, exempt))
        return matches


def _ruling(text: str, matches: tuple[Match, ...]) -> Ruling:
    if not matches:
        return Ruling(text)
    strictest = max(matches, key=lambda match: STRICTNESS[match.rule.action]).rule
    return Ruling(redact(text, matches), strictest.action, strictest, matches)


def _may_review(rule: PolicyRule) -> bool:
    if rule.action == "review" or rule.model is None:
        return rule.action == "review"
    return rule.model.controversial == "review" or rule.model.failure == "hold"


def redact(text: str, matches: Sequence[Match]) -> str:
    """Put ``[redacted]`` in the place of every match; matches that touch become one."""
    pieces: list[str] = []
    last = 0
    for start, end in merge_spans([(match.start, match.end) for match in matches]):
        pieces += [text[last:start], REDACTED]
        last = end
    return "".join([*pieces, text[last:]])


def merge_spans(spans: Sequence[Span]) -> list[Span]:
    """Return the spans in order, those that overlap or touch joined."""
    merged_spans: list[Span] = []
    for start, end in sorted(spans):
        if merged_spans and start <= merged_spans[-1][1]:
            merged_spans[-1] = merged_spans[-1][0], max(end, merged_spans[-1][1])
        else:
            merged_spans.append((start, end))
    return merged_spans


def _within(matches: Sequence[Match], offset: int) -> tuple[Match, ...]:
    """Return the parts of matches that lie behind an offset, counted from there."""
    return tuple(
        Match(match.rule, max(match.start - offset, 0), match.end - offset)
        for match in matches
        if match.end > offset
    )


def _inside(span: Span, others: Sequence[Span]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in others)


def _is_included(rule: PolicyRule, finding: Finding) -> bool:
    return not rule.only or finding.rule in rule.only


def _look(rule: PolicyRule) -> Look:
    if rule.words:
        return _words(rule.words)
    if rule.pattern is not None:
        return _pattern(rule.pattern)
    if rule.detect == "hidden":  # what nobody sees is no reading of the text
        return lambda _: iter(())
    find = {"injection": find_injections, "personal": find_personal, "secret": find_secrets}[
        str(rule.detect)
    ]
    telling_decodings = {"personal": {"plain", "percent", "references"}}.get(str(rule.detect))

    def look(decoding: Decoding) -> Iterator[Span]:
        """Personal data is numbers: decoding whole runs makes some out of anything."""
        if telling_decodings is None or decoding.name in telling_decodings:
            for finding in find(decoding.text):
                is_shape_alone = finding.rule == "token-shaped" and decoding.name in _AS_RANDOM
                if _is_included(rule, finding) and not is_shape_alone:
                    yield finding.start, finding.end

    return look


_AS_RANDOM = frozenset({"rot13", "reversed"})
"""Readings in which an id that is no secret looks as random as it does in plain, under no name."""


def _pattern(pattern: str) -> Look:
    compiled = compile_pattern(pattern)
    return lambda decoding: (match.span() for match in compiled.finditer(decoding.text))


def _words(words: Sequence[str]) -> Look:
    """Match words and phrases as such, not inside others; white space is any white space."""
    spellings = sorted({plain(word)[0] for word in words}, key=lambda word: (-len(word), word))
    compiled = compile_pattern("|".join(r"\s+".join(map(_escape, w.split())) for w in spellings))

    def look(decoding: Decoding) -> Iterator[Span]:
        text = decoding.text
        for match in compiled.finditer(text):
            start, end = match.span()
            is_inside_word = (start > 0 and _joins(text[start - 1], text[start])) or (
                end < len(text) and _joins(text[end - 1], text[end])
            )
            if decoding.name == "spelled" or not is_inside_word:
                yield start, end

    return look


def _escape(word: str) -> str:
    return "".join(c if c.isalnum() or not c.isascii() else f"\\{c}" for c in word)


def _joins(before: str, after: str) -> bool:
    """Tell whether two characters are of one word; scripts without spaces have no such edge."""
    return all(c.isalnum() and ord(c) < 0x2E80 for c in (before, after))  # noqa: PLR2004 - CJK begins
