"""Secrets: keys and tokens by the forms that their makers gave them, passwords by what they follow.

Sources: the token formats that GitHub, GitLab, AWS, Google, Slack, Stripe and npm document, and
those in ``index.detectors.secret_formats``.
"""

import re
from collections.abc import Sequence

import re2

from index.detectors.coverage import Coverage
from index.detectors.secret_formats import FORMATS, pattern_of, signs_of
from index.detectors.secret_values import find_values, is_placeholder
from index.detectors.types import Finding

_WHOLE = {
    "private-key": re.compile(
        r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[\s\S]{0,8000}?-----END (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----"
        r"|(?:\s+[A-Za-z0-9+/=_-]{16,}){1,200})?"
    ),
    "putty-key": re.compile(
        r"PuTTY-User-Key-File-\d: [\s\S]{0,4000}?\nPrivate-Lines: \d{1,3}"
        r"(?:\r?\n[A-Za-z0-9+/=]{4,64}){1,200}"
    ),
    "aws-key": re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    "github-token": re.compile(r"(?:gh[opusr]_[A-Za-z0-9]{36,}|github_pat_\w{60,})"),
    "gitlab-token": re.compile(r"glpat-[\w-]{20,}"),
    "google-key": re.compile(r"AIza[\w-]{35}"),
    "slack-token": re.compile(r"xox[abeoprs]-(?=[A-Za-z-]{0,40}\d)[A-Za-z0-9-]{10,}"),
    "stripe-key": re.compile(r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    "model-key": re.compile(r"(?<![a-z])sk-[A-Za-z0-9_-]{20,}"),
    "huggingface-token": re.compile(r"(?<![A-Za-z])hf_[A-Za-z0-9]{30,}"),
    "google-secret": re.compile(r"GOCSPX-[\w-]{20,}|ya29\.[\w-]{20,}"),
    "sendgrid-key": re.compile(r"SG\.[\w-]{16,}\.[\w-]{16,}"),
    "pypi-token": re.compile(r"pypi-[\w-]{50,}"),
    "npm-token": re.compile(r"npm_[A-Za-z0-9]{36}"),
    "footnote-key": re.compile(r"(?<![A-Za-z])fn_[\w-]{43}"),
    # RE2: in Python's engine each ``eyJ`` of a run without a dot reads on to the end of the run
    "json-web-token": re2.compile(r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{10,}"),
    "password-in-url": re.compile(
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{0,64}:[^\s:/@]{3,64}@[\w.-]+"
    ),
}
RULES = {**_WHOLE, **{kind: pattern_of(kind) for kind in FORMATS}}
"""The forms of keys by rule; the rules of ``secret_values`` need no form."""
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


_SIGNS = {
    "private-key": ("PRIVATE KEY",),
    "putty-key": ("PuTTY-User-Key-File-",),
    "aws-key": ("AKIA", "ASIA"),
    "github-token": ("gho_", "ghp_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    "gitlab-token": ("glpat-",),
    "google-key": ("AIza",),
    "slack-token": ("xox",),
    "stripe-key": ("sk_", "rk_"),
    "model-key": ("sk-",),
    "huggingface-token": ("hf_",),
    "google-secret": ("GOCSPX-", "ya29."),
    "sendgrid-key": ("SG.",),
    "pypi-token": ("pypi-",),
    "npm-token": ("npm_",),
    "footnote-key": ("fn_",),
    "json-web-token": ("eyJ",),
    "password-in-url": ("://",),
    **{kind: signs_of(kind) for kind in FORMATS},
}
"""Texts of which one stands in every key of a rule; all are looked for at once, most texts have
none."""
_SIGNED = tuple(_SIGNS)


def _all_signs() -> "re2.Set":
    signs = re2.Set.SearchSet()
    for texts in _SIGNS.values():
        signs.Add("|".join(map(re.escape, texts)))
    signs.Compile()
    return signs


_SIGN_SET = _all_signs()


def find_secrets(text: str) -> list[Finding]:
    """Return keys, tokens and passwords by rule."""
    rules = [_SIGNED[i] for i in sorted(_SIGN_SET.Match(text) or ())]
    findings = _find_by_rule(text, rules) if rules else []
    return [*findings, *find_values(text, findings)]


def _find_by_rule(text: str, rules: Sequence[str]) -> list[Finding]:
    findings = [
        Finding("secret", rule, *match.span())
        for rule in rules
        for match in RULES[rule].finditer(text)
        if rule not in FORMATS or not is_placeholder(match.group())
    ]
    coverage = Coverage(len(text), findings)
    for beginning in _BEGUN.finditer(text):
        if not coverage.touches(beginning.start(), beginning.start() + 1):
            for finding in _in_pieces(text, beginning.start()):
                coverage.add(finding.start, finding.end)
                findings.append(finding)
    return findings


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
        for rule, pattern in _WHOLE.items():
            if (match := pattern.match(key_text)) and match.end() == len(key_text):
                end, matching_rule = position, rule
    return [Finding("secret", matching_rule, start, end)] if end > start else []


def _is_word(piece: str) -> bool:
    letters = piece.strip(".-_")
    return not letters or (letters.isalpha() and letters[1:].islower()) or letters in {"I", "A"}
