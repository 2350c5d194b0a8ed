"""The detector by rules, run in a confined child with limits: a document's text may be hostile."""

from collections.abc import Sequence
from typing import Protocol

from index.detectors import Finding, screen
from ingest.screening.detector import RuleDetector

SHORT = 2_000
"""Characters of a text, such as a title, that are screened at once: a child costs more."""


class TextScreener(Protocol):
    """Screens a text in a child process."""

    def screen(self, text: str) -> Sequence[Finding]:
        """Return what ``index.detectors.screen`` finds; ParseLimitError where it takes too much."""
        ...


class SandboxedRules:
    """The rules of ``RuleDetector``, with limits on time and memory; a cancelled job stops it."""

    name = RuleDetector.name

    def __init__(self, sandbox: TextScreener) -> None:
        self._sandbox = sandbox

    def find(self, text: str) -> Sequence[Finding]:
        """Return what the rules of ``index.detectors`` find."""
        return screen(text) if len(text) <= SHORT else self._sandbox.screen(text)
