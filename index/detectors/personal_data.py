"""Personal data that has a shape of its own: addresses of mail and machines, numbers with checks.

Names of people and places have no such shape; finding them needs a model (Presidio).
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator

from index.detectors import checksums, identifiers
from index.detectors.coverage import Coverage
from index.detectors.identifiers import find_identifiers
from index.detectors.types import Finding
from index.text.normalization import DASHES


def _always(_: str) -> bool:
    return True


def _address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _phone(text: str) -> bool:
    digits = sum(c.isdigit() for c in text)
    dated = re.fullmatch(
        r"\d{4}[-./]\d{1,2}[-./]\d{1,2}(?: \d{1,2})?|\d{1,2}[-./]\d{1,2}[-./]\d{4}"
        r"|\d{3}[- ]\d\d[- ]\d{4}|\d+\.\d+|(?:(?:19|20)\d\d[ /-]?)+",
        text,
    )
    return 9 <= digits <= 15 and not dated  # noqa: PLR2004 - E.164 has at most 15


_L, _R = r"(?<![\w.-])", r"(?![\w-])"
FORMS: dict[str, tuple[re.Pattern[str], Callable[[str], bool]]] = {
    "email": (re.compile(r"(?<![\w.+-])[\w.+-]{1,64}(?:@|\s?[\[({]\s?(?:@|at)\s?[\])}]\s?)[\w-]+"
                         r"(?:(?:\.|\s?[\[({]\s?(?:\.|dot)\s?[\])}]\s?)[\w-]+)*"
                         r"(?:\.|\s?[\[({]\s?(?:\.|dot)\s?[\])}]\s?)[^\W\d_]{2,24}\b",
                         re.IGNORECASE), _always),
    "iban": (re.compile(rf"{_L}[A-Z]{{2}}\d{{2}}(?:[ -]?[A-Z0-9]{{4}}){{2,7}}"
                        rf"(?:[ -]?[A-Z0-9]{{1,4}})?{_R}", re.IGNORECASE),
             checksums.iban),
    "payment-card": (re.compile(rf"{_L}[2-6]\d{{3}}(?:[ .-]?\d){{8,15}}{_R}"), checksums.luhn),
    "us-ssn": (re.compile(rf"{_L}\d{{3}}[- ]\d{{2}}[- ]\d{{4}}{_R}"), checksums.ssn),
    "uk-nino": (re.compile(rf"{_L}(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
                           rf"(?: ?\d\d){{3}} ?[A-D]{_R}"), _always),
    "uk-nhs": (re.compile(rf"{_L}\d{{3}} \d{{3}} \d{{4}}{_R}"), checksums.nhs),
    "pl-pesel": (re.compile(rf"(?i:pesel)\D{{0,12}}\d{{11}}{_R}"),
                 lambda text: checksums.pesel(text[-11:])),
    "es-dni": (re.compile(rf"{_L}[XYZ\d]\d{{7}}-?[A-HJ-NP-TV-Z]{_R}"),
               lambda text: checksums.dni(text.replace("-", ""))),
    "fr-nir": (re.compile(rf"{_L}[12] ?\d\d ?\d\d ?\d\d ?\d{{3}} ?\d{{3}} ?\d\d{_R}"),
               checksums.nir),
    "ip-address": (re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{1,4}"
                              r"(?::[0-9a-fA-F]{0,4}){2,7})(?![\w:]|\.\d)"), _address),
    "phone": (re.compile(r"(?<![\w.,/-])(?:\+|00)?\(?\d{1,4}\)?(?:[ ./-]?\(?\d{2,5}\)?){2,5}"
                         r"(?: ?x ?\d{2,5})?(?![\w/-]|[.,]\d)"), _phone),
}  # fmt: skip
"""In order of precedence: a span that an earlier rule took is not given again."""
RULES = (*FORMS, *identifiers.RULES)
_LAST = ("uk-nhs", "ip-address", "phone")
"""Forms with the least of their own; what has a word before it is looked for first."""


def find_personal(text: str) -> list[Finding]:
    """Return personal data by rule; spans of different rules do not overlap."""
    findings = []
    coverage = Coverage(len(text))
    text = text.translate(DASHES)
    for rule, start, end in _candidates(text):
        if not coverage.touches(start, end):
            coverage.add(start, end)
            findings.append(Finding("personal", rule, start, end))
    return findings


def _candidates(text: str) -> Iterator[tuple[str, int, int]]:
    first = [rule for rule in FORMS if rule not in _LAST]
    yield from _find(text, first)
    yield from find_identifiers(text)
    yield from _find(text, _LAST)


def _find(text: str, rules: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    for rule in rules:
        pattern, holds = FORMS[rule]
        for match in pattern.finditer(text):
            if holds(match.group()):
                yield rule, *match.span()
