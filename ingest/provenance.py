"""What a document was read with, and whether today it would be read otherwise."""

from collections import Counter
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from index.screen import screen
from ingest.chunk import ChunkingConfig
from ingest.types import ParsedDocument
from ingest.versions import CHUNKING, PARSING

_MEANING = {
    "hidden": "Characters that nobody sees",
    "injection": "Instructions addressed to a model",
    "secret": "Possible secrets",
}
"""What the uploader is told of; personal data is what most documents rightly hold."""


def describe(parsed: ParsedDocument, chunking: ChunkingConfig, embedder: str) -> dict[str, Any]:
    """Return what is recorded with a version."""
    return {
        "parser": parsed.parser,
        "parsers": PARSING,
        "chunker": chunker_name(chunking, embedder),
        "embedder": embedder,
        "warnings": [*parsed.warnings, *screening_warnings(parsed.text)],
    }


def screening_warnings(text: str) -> list[str]:
    """Say what a reader of the document should know of its text: kinds and counts, no words."""
    counts = Counter((finding.kind, finding.rule) for finding in screen(text))
    return [
        f"{_MEANING[kind]}: {rule}, {count} {'place' if count == 1 else 'places'}."
        for (kind, rule), count in sorted(counts.items())
        if kind in _MEANING
    ]


def chunker_name(chunking: ChunkingConfig, embedder: str) -> str:
    """Name the chunker with all that its cuts depend on."""
    return f"{CHUNKING} {chunking} {embedder}"


def is_outdated(provenance: Mapping[str, Any], chunker: str) -> bool:
    """Tell whether a version was read by another parser or chunker than would read it today."""
    return (
        provenance.get("parsers") != PARSING
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
