"""The port of detectors, and the detector by rules."""

from collections.abc import Sequence
from typing import Protocol

from index.detectors import Finding, screen


class Detector(Protocol):
    """Finds spans of a text that somebody should know of."""

    name: str
    """Name and version: documents screened by others are screened again on demand."""

    def find(self, text: str) -> Sequence[Finding]:
        """Return findings in text order; offsets are code points of ``text``."""
        ...


class RuleDetector:
    """Regular expressions with checksums: the same on every machine, no model."""

    name = "rules"

    def find(self, text: str) -> list[Finding]:
        """Return what the rules of ``index.detectors`` find."""
        return screen(text)
