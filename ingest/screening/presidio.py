"""Presidio behind the port: names of people and places, which no pattern can find.

The recognizers that ask a list of domains are left out, since that list is fetched from the
network; the rules find mail addresses without it.
"""

import threading
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import spacy

from index.detectors import Finding

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine

BLANK = "blank"
"""The model without a model: Presidio's patterns alone."""

THRESHOLD = 0.5
"""Presidio's own confidence below which a finding is not taken."""

AT_ONCE = 100_000
"""Characters analysed together; spaCy's statistical models take memory by the length of a text."""

_ASK_THE_NETWORK = ("EmailRecognizer", "UrlRecognizer")
_NOT_PERSONAL = frozenset({"DATE_TIME", "URL", "NRP"})
"""Kinds that most documents hold on every page, and that are therefore not reported."""


class PresidioDetector:
    """Finds personal data with Microsoft Presidio and a spaCy model (the extra ``pii``)."""

    def __init__(self, model: str) -> None:
        self._engine = _engine(model)
        self._lock = threading.Lock()  # spaCy's pipelines are not said to be safe side by side
        model_name = model if model == BLANK else Path(model).name
        self.name = f"presidio {version('presidio-analyzer')} {model_name}"

    def find(self, text: str) -> list[Finding]:
        """Return personal data that Presidio finds, rules named ``presidio-<entity>``."""
        findings = []
        for start, end in _windows(text):
            with self._lock:
                results = self._engine.analyze(
                    text=text[start:end], language="en", score_threshold=THRESHOLD
                )
            findings += [
                Finding("personal", _rule(one.entity_type), start + one.start, start + one.end)
                for one in results
                if one.entity_type not in _NOT_PERSONAL
            ]
        return sorted(findings, key=lambda finding: (finding.start, finding.end, finding.rule))


def _rule(entity: str) -> str:
    return f"presidio-{entity.lower().replace('_', '-')}"


def _windows(text: str) -> list[tuple[int, int]]:
    """Cut at a line's end where there is one, so that nothing is found in halves."""
    windows, start = [], 0
    while start < len(text):
        end = min(start + AT_ONCE, len(text))
        if end < len(text):
            line = text.rfind("\n", start, end)
            end = line + 1 if line > start else end
        windows.append((start, end))
        start = end
    return windows


def _engine(model: str) -> "AnalyzerEngine":
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    pipeline = spacy.blank("en") if model == BLANK else spacy.load(model)

    nlp_engine = SpacyNlpEngine()
    nlp_engine.nlp = {"en": pipeline}  # Presidio's own loading downloads what is missing
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=nlp_engine)
    for name in _ASK_THE_NETWORK:
        registry.remove_recognizer(name)
    return AnalyzerEngine(registry=registry, nlp_engine=nlp_engine, supported_languages=["en"])
