"""Secrets: keys and tokens by the forms that their makers gave them, passwords by what they follow.

Sources: the token formats that GitHub, GitLab, AWS, Google, Slack, Stripe and npm document.
"""

import re
from collections.abc import Iterator, Sequence

import re2

from index.detectors.coverage import Coverage
from index.detectors.types import Finding

RULES = {
    "private-key": re.compile(
        r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[\s\S]{0,8000}?-----END (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----"
        r"|(?:\s+[A-Za-z0-9+/=_-]{16,}){1,200})?"
    ),
    "aws-key": re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    "github-token": re.compile(r"(?:gh[opusr]_[A-Za-z0-9]{36,}|github_pat_\w{60,})"),
    "gitlab-token": re.compile(r"glpat-[\w-]{20,}"),
    "google-key": re.compile(r"AIza[\w-]{35}"),
    "slack-token": re.compile(r"xox[abeoprs]-[A-Za-z0-9-]{10,}"),
    "stripe-key": re.compile(r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    "model-key": re.compile(r"(?<![a-z])sk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,}"),
    "huggingface-token": re.compile(r"(?<![A-Za-z])hf_[A-Za-z0-9]{30,}"),
    "google-secret": re.compile(r"GOCSPX-[\w-]{20,}|ya29\.[\w-]{20,}"),
    "sendgrid-key": re.compile(r"SG\.[\w-]{16,}\.[\w-]{16,}"),
    "pypi-token": re.compile(r"pypi-[\w-]{50,}"),
    "npm-token": re.compile(r"npm_[A-Za-z0-9]{36}"),
    "footnote-key": re.compile(r"(?<![A-Za-z])fn_[\w-]{43}"),
    # RE2: in Python's engine each ``eyJ`` of a run without a dot reads on to the end of the run
    "json-web-token": re2.compile(r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{10,}"),
    "password-in-url": re.compile(
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{1,64}:[^\s:/@]{3,64}@[\w.-]+"
    ),
}
_ASSIGNED = re.compile(
    r"(?i)(?<![a-z])(?:api[_-]?key|secret(?:[_-]?key)?|access[_-]?token|passw(?:or)?[dt]|pwd"
    r"|kennwort|mot de passe|contrase(?:\u00f1|n)a|senha|\u043f\u0430\u0440\u043e\u043b\u044c"
    r"|\u5bc6[\u7801\u78bc]|\u30d1\u30b9\u30ef\u30fc\u30c9)"
    r"[\"']?(?P<sign>\s*[:=\uff1a]\s*|\s+is:?\s+|\s*\u306f\s*)[\"'\u201c]?"
    r"(?P<value>[^\s\"'<>{}$,;\u201d]{8,100})"
)
_MIXED = 3
"""Kinds of characters that an assigned value needs: words of prose have one or two."""
_BEGUN = re.compile(
    r"(?<![A-Za-z0-9])(?:AKIA|ASIA|gh[opusr]_|github_pat_|glpat-|AIza|xox[abeoprs]-|[sr]k_(?:live|test)_"
    r"|sk-|npm_|fn_|hf_|eyJ)"
)
_PIECE = re.compile(r"[\w.-]+", re.ASCII)
_BETWEEN = 4
"""Characters between two pieces of one key at most: a line's end, quotation marks, dots."""
_PIECES = 24
_LONGEST = 4000
"""Characters over which one key in pieces may stretch: a run without an end is read so far."""


_MADE = re2.compile(
    "PRIVATE KEY|AKIA|ASIA|gh[opusr]_|github_pat_|glpat-|AIza|xox[abeoprs]-|[sr]k_|sk-|npm_|fn_|eyJ"
    "|hf_|GOCSPX|ya29|SG\\.|pypi-|://"
)
"""One of these stands in every key that its maker gave a form; most texts have none."""
_NAMED = re2.compile(
    "(?i)key|secret|token|passw|pwd|kennwort|mot de passe|contrase|senha"
    "|\u043f\u0430\u0440\u043e\u043b\u044c|\u5bc6|\u30d1\u30b9\u30ef\u30fc\u30c9"
)
"""One of these stands before every password that is found by its name."""


def find_secrets(text: str) -> list[Finding]:
    """Return keys, tokens and passwords by rule."""
    findings = _find_by_rule(text) if _MADE.search(text) else []
    return [*findings, *_find_assigned(text, findings)] if _NAMED.search(text) else findings


def _find_by_rule(text: str) -> list[Finding]:
    findings = [
        Finding("secret", rule, *match.span())
        for rule, pattern in RULES.items()
        for match in pattern.finditer(text)
    ]
    coverage = Coverage(len(text), findings)
    for beginning in _BEGUN.finditer(text):
        if not coverage.touches(beginning.start(), beginning.start() + 1):
            for finding in _in_pieces(text, beginning.start()):
                coverage.add(finding.start, finding.end)
                findings.append(finding)
    return findings


def _find_assigned(text: str, findings: Sequence[Finding]) -> Iterator[Finding]:
    coverage = Coverage(len(text), findings)
    for match in _ASSIGNED.finditer(text):
        start, end = match.span("value")
        if not coverage.touches(start, end) and _is_secret(
            match.group("value"), match.group("sign")
        ):
            yield Finding("secret", "assigned-secret", start, end)


def _in_pieces(text: str, start: int) -> list[Finding]:
    """Read on over the gaps in what begins as a key, until it is one or a plain word comes."""
    key_text, position, end = "", start, start
    last = start + _LONGEST
    for _ in range(_PIECES):
        begins = _PIECE.search(text, position, position + _BETWEEN + 1)
        piece = begins and _PIECE.search(text, position, last)
        if piece is None or (key_text and _is_word(piece.group())):
            break
        key_text, position = key_text + piece.group(), piece.end()
        for rule, pattern in RULES.items():
            if (match := pattern.match(key_text)) and match.end() == len(key_text):
                end, matching_rule = position, rule
    return [Finding("secret", matching_rule, start, end)] if end > start else []


def _is_word(piece: str) -> bool:
    letters = piece.strip(".-_")
    return not letters or (letters.isalpha() and letters[1:].islower()) or letters in {"I", "A"}


def _is_secret(value: str, sign: str) -> bool:
    """Tell whether it is no word and no call; after "is" only what also has a digit."""
    is_plausible = any(c.isdigit() for c in value) or not (
        sign.strip()[:1].isalpha() or "(" in value
    )
    return is_plausible and _kinds(value) >= _MIXED


def _kinds(value: str) -> int:
    tests = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    return sum(any(test(c) for c in value) for test in tests)
