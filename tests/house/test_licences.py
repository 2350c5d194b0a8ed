"""Every installed distribution has a permissive licence, so any organisation may use it."""

import re
from importlib.metadata import PackageNotFoundError, distribution

from tests.house.sources import ROOT

PERMISSIVE = re.compile(
    r"apache|bsd|bsl-1\.0|\bmit\b|mit-|isc|psf|python software|zlib|cc0|cnri|unlicense",
    re.IGNORECASE,
)
EXCEPTIONS = {
    "certifi": "MPL 2.0: a list of certificates, used unchanged",
    "orjson": "MPL 2.0 or a permissive one: used unchanged",
    "psycopg": "LGPL 3: the extra postgres alone, imported and not linked",
    "psycopg-binary": "LGPL 3: as psycopg",
    "pypdfium2": "BSD-3-Clause, Apache-2.0, and the permissive licences of PDFium's parts",
    "pysqlite3": "zlib, which its metadata does not say",
    "python-stdnum": "LGPL 2.1 or later: imported, used unchanged, and anybody may replace it",
    "tqdm": "MPL 2.0 and MIT: used unchanged",
}
"""Licences that are not permissive or not written down, each with why it is no obstacle."""


def licence(name):
    metadata = distribution(name).metadata
    kinds = [
        line.rpartition("::")[2].strip()
        for line in metadata.get_all("Classifier", [])
        if line.startswith("License ::") and not line.endswith("OSI Approved")
    ]
    text = metadata.get("License") or ""
    return metadata.get("License-Expression") or "; ".join(kinds) or text.split("\n")[0]


def is_permissive(text):
    pieces = [piece for piece in re.split(r"\bAND\b|\bOR\b|[;,()]", text) if piece.strip()]
    return bool(pieces) and all(PERMISSIVE.search(piece) for piece in pieces)


def test_every_locked_dependency_has_a_permissive_licence_or_a_reason():
    """Prevents a dependency that forbids a use, found after the release."""
    names = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    doubtful, licence_count = {}, 0
    for name in names:
        try:
            text = licence(name)
        except PackageNotFoundError:
            continue  # another platform's
        licence_count += 1
        if name not in EXCEPTIONS and not is_permissive(text):
            doubtful[name] = text
    assert licence_count > 100
    assert doubtful == {}
