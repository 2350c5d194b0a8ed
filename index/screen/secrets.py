"""Secrets: keys and tokens by the forms that their makers gave them, passwords by what they follow.

Sources: the token formats that GitHub, GitLab, AWS, Google, Slack, Stripe and npm document.
"""

import re

import re2

from index.screen.types import Finding

RULES = {
    "private-key": re.compile(
        r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[\s\S]{0,8000}?-----END (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----"
        r"|(?:\s+[A-Za-z0-9+/=_-]{16,}){1,200})?"
    ),
    "aws-key": re.compile(r"(?:AKIA|ASIA)[A-Z2-7]{16}"),
    "github-token": re.compile(r"(?:gh[opusr]_[A-Za-z0-9]{36,}|github_pat_\w{60,})"),
    "gitlab-token": re.compile(r"glpat-[\w-]{20,}"),
    "google-key": re.compile(r"AIza[\w-]{35}"),
    "slack-token": re.compile(r"xox[abeoprs]-[A-Za-z0-9-]{10,}"),
    "stripe-key": re.compile(r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    "model-key": re.compile(r"(?<![a-z])sk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,}"),
    "npm-token": re.compile(r"npm_[A-Za-z0-9]{36}"),
    "footnote-key": re.compile(r"(?<![A-Za-z])fn_[\w-]{43}"),
    "json-web-token": re.compile(r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{10,}"),
    "password-in-url": re.compile(
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{1,64}:[^\s:/@]{3,64}@[\w.-]+"
    ),
}
_ASSIGNED = re.compile(
    r"(?i)\b(?:api[_-]?key|secret(?:[_-]?key)?|access[_-]?token|passw(?:or)?d|pwd)"
    r"[\"']?\s*[:=]\s*[\"']?(?P<value>[^\s\"'<>{}$,;]{8,100})"
)
_MIXED = 3
"""Kinds of characters that an assigned value needs: words of prose have one or two."""


_SIGNS = re2.compile(
    "PRIVATE KEY|AKIA|ASIA|gh[opusr]_|github_pat_|glpat-|AIza|xox[abeoprs]-|[sr]k_|sk-|npm_|fn_|eyJ"
    "|://|(?i:key|secret|token|passw|pwd)"
)
"""One of these stands in every secret; most texts have none."""


def find_secrets(text: str) -> list[Finding]:
    """Return keys, tokens and passwords by rule."""
    if _SIGNS.search(text) is None:
        return []
    found = [
        Finding("secret", rule, *match.span())
        for rule, pattern in RULES.items()
        for match in pattern.finditer(text)
    ]
    taken = [(finding.start, finding.end) for finding in found]
    for match in _ASSIGNED.finditer(text):
        start, end = match.span("value")
        free = all(end <= first or start >= last for first, last in taken)
        if free and _kinds(match.group("value")) >= _MIXED:
            found.append(Finding("secret", "assigned-secret", start, end))
    return found


def _kinds(value: str) -> int:
    tests = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    return sum(any(test(c) for c in value) for test in tests)
