"""Secrets without a form of their own: by what they follow, and by how random they look.

Sources: RFC 7617 (basic authentication), RFC 6750 (bearer tokens).
"""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import re2

from index.detectors.coverage import Coverage
from index.detectors.types import Finding

RULES = ("authorization-header", "assigned-secret", "token-shaped")
"""In order of precedence: a span that an earlier rule took is not given again."""
_ASSIGNED = re.compile(
    r"(?i)(?<![a-z])(?:api[_-]?key|secret(?:[_-]?key)?|access[_-]?token|passw(?:or)?[dt]|pwd"
    r"|kennwort|mot de passe|contrase(?:\u00f1|n)a|senha|\u043f\u0430\u0440\u043e\u043b\u044c"
    r"|\u5bc6[\u7801\u78bc]|\u30d1\u30b9\u30ef\u30fc\u30c9)"
    r"[\"']?(?P<sign>\s*[:=\uff1a]\s*|\s+is:?\s+|\s*\u306f\s*)[\"'\u201c]?"
    r"(?P<value>[^\s\"'<>{}$,;\u201d]{8,100})"
)
_MIXED = 3
"""Kinds of characters that an assigned value needs: words of prose have one or two."""
_ASSIGNED_TOKEN = re.compile(
    r"(?i)(?:[a-z]_?key|token|secret|credential|auth|signature|\bsig|password)(?:_?id)?"
    r"[\"']?(?:\s{0,3}[:=]\s{0,3}|\s+is:?\s+)[\"'\u201c]?"
    r"(?P<value>[A-Za-z0-9+/_.~%-]{20,300}={0,2})(?![A-Za-z0-9])"
)
"""A name that ends in key, token or secret, and a long value."""
_HEADER = re.compile(
    r"(?i)(?<![a-z])(?:(?P<basic>basic)|bearer|token|ssws)\s{1,3}"
    r"(?P<value>[A-Za-z0-9+/_.~-]{16,2000}={0,2})(?![A-Za-z0-9])"
)
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9/_.+=-])(?P<name>[A-Za-z][A-Za-z0-9]{1,15})[_-](?:[A-Za-z0-9]{1,12}[_-]){0,2}"
    r"(?P<value>[A-Za-z0-9]{24,200})(?![A-Za-z0-9/+=])"
)
"""A short name, a dash or underscore, and a long run of letters and digits."""
_NAMED = re2.compile(
    "(?i)key|secret|token|passw|pwd|kennwort|mot de passe|contrase|senha|auth|credential|sig"
    "|basic|bearer|ssws|\u043f\u0430\u0440\u043e\u043b\u044c|\u5bc6"
    "|\u30d1\u30b9\u30ef\u30fc\u30c9|[_-][A-Za-z0-9]{24}"
)
"""One of these stands beside every secret that is found here."""
_CHANGES = 0.2
"""The share of neighbours of different kinds (small, capital, digit) from which a run is random:
words have almost none, hexadecimal digits and random letters about a half."""
_FEWEST = 3
"""Different characters that a key has at least; a placeholder such as ``xxxx`` has fewer."""
_VARIED = 6
"""Different characters that a random run has at least."""


def find_values(text: str, findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield passwords and tokens where no other finding is."""
    if not _NAMED.search(text):
        return
    coverage = Coverage(len(text), findings)
    for rule, matches in (
        ("authorization-header", _headers(text)),
        ("assigned-secret", _assigned(text)),
        ("assigned-secret", _assigned_tokens(text)),
        ("token-shaped", _tokens(text)),
    ):
        for start, end in matches:
            if not coverage.touches(start, end):
                coverage.add(start, end)
                yield Finding("secret", rule, start, end)


def is_placeholder(value: str) -> bool:
    """Tell whether a key is one of an example: it has hardly a character besides its beginning."""
    return len(set(value[len(value) // 3 :])) < _FEWEST


def is_random(value: str) -> bool:
    """Tell whether letters and digits change as they do in a key and in no word."""
    characters = [c for c in value if c.isalnum()]
    kinds = [c.isdigit() + 2 * c.isupper() for c in characters]
    changes = sum(a != b for a, b in pairwise(kinds))
    return changes >= _CHANGES * len(kinds) and len(set(characters)) >= _VARIED


def _headers(text: str) -> Iterator[tuple[int, int]]:
    for match in _HEADER.finditer(text):
        value = match.group("value")
        if _is_basic(value) if match.group("basic") else is_random(value):
            yield match.span("value")


def _is_basic(value: str) -> bool:
    """Tell whether it is a name and a password in base64."""
    try:
        return b":" in base64.b64decode(value, validate=True)[1:-1]
    except (ValueError, binascii.Error):
        return False


def _assigned(text: str) -> Iterator[tuple[int, int]]:
    for match in _ASSIGNED.finditer(text):
        if _is_secret(match.group("value"), match.group("sign")):
            yield match.span("value")


def _assigned_tokens(text: str) -> Iterator[tuple[int, int]]:
    for match in _ASSIGNED_TOKEN.finditer(text):
        value = match.group("value")
        if is_random(value) and not value.isdigit():
            yield match.span("value")


_NO_SECRET = re.compile(
    r"(?i)sha\d*|md5|git|commit|rev|hash|digest|checksum|etag|build|id|uuid"
    r"|in|inv|cus|ch|pi|pm|py|sub|prod|price|evt|req|acct|txn|seti|ord|doc|msg|conv|resp|run"
)
"""Names before a long random value that is no secret; the second line's are of ids that invoices,
receipts and logs show (Stripe's, OpenAI's)."""


def _tokens(text: str) -> Iterator[tuple[int, int]]:
    for match in _TOKEN.finditer(text):
        value = match.group("value")
        if (
            is_random(value)
            and any(c.isupper() for c in value)
            and any(c.islower() for c in value)
            and not _NO_SECRET.fullmatch(match.group("name"))
        ):
            yield match.span()


def _is_secret(value: str, sign: str) -> bool:
    """Tell whether it is no word and no call; after "is" only what also has a digit."""
    is_plausible = any(c.isdigit() for c in value) or not (
        sign.strip()[:1].isalpha() or "(" in value
    )
    return is_plausible and _kinds(value) >= _MIXED


def _kinds(value: str) -> int:
    tests = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    return sum(any(test(c) for c in value) for test in tests)
