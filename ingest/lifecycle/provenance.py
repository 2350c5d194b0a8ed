"""Record how a document was read, and tell whether today's code would read it differently."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ingest.chunking.chunker import ChunkingConfig
from ingest.component_versions import CHUNKING, PARSING
from ingest.screening.screener import ScreenedDocument

_MEANING = {
    "hidden": "Characters that nobody sees",
    "injection": "Instructions addressed to a model",
    "secret": "Possible secrets",
}
"""Kinds that the uploader is warned of; most documents rightly hold personal data."""


def describe(screened: ScreenedDocument, chunking: ChunkingConfig, embedder: str) -> dict[str, Any]:
    """Return what is recorded with a version."""
    document = screened.document
    return {
        "parser": document.parser,
        "parsers": PARSING,
        "chunker": chunker_name(chunking, embedder),
        "embedder": embedder,
        "screening": screened.name,
        "findings": screened.counts(),
        "masked": screened.mask_count,
        "warnings": [*document.warnings, *screening_warnings(screened.counts())],
    }


def screening_warnings(counts: Mapping[str, int]) -> list[str]:
    """Say what a reader of the document should know of its text: kinds and counts, no words.

    ``counts`` has how often each ``kind/rule`` was found.
    """
    kinds_and_rules = ((*name.split("/", maxsplit=1), count) for name, count in counts.items())
    return [
        f"{_MEANING[kind]}: {rule}, {count} {'place' if count == 1 else 'places'}."
        for kind, rule, count in kinds_and_rules
        if kind in _MEANING
    ]


def chunker_name(chunking: ChunkingConfig, embedder: str) -> str:
    """Name the chunker with all that its cuts depend on."""
    return f"{CHUNKING} {chunking} {embedder}"


def is_outdated(provenance: Mapping[str, Any], chunker: str, screening: str) -> bool:
    """Tell whether a version was read otherwise than it would be today.

    That is by another parser or chunker, or screened by other detectors or under another policy.
    """
    return (
        provenance.get("screening") != screening
        or provenance.get("parsers") != PARSING
        or provenance.get("chunker") != chunker
        or _library_changed(str(provenance.get("parser", "")))
    )


def _library_changed(parser: str) -> bool:
    """Compare a recorded ``name version`` with what is installed; other words tell nothing."""
    words = parser.split(",", maxsplit=1)[0].split()
    if len(words) != 2:  # noqa: PLR2004 - a name and a version
        return False
    try:
        return version(words[0]) != words[1]
    except PackageNotFoundError:
        return False
