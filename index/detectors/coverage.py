"""The characters of a text that some finding covers, asked and marked in time of the span alone."""

from collections.abc import Iterable

from index.detectors.types import Finding


class Coverage:
    """One byte for each character; to compare findings in pairs takes time of their square."""

    def __init__(self, length: int, findings: Iterable[Finding] = ()) -> None:
        self._marks = bytearray(length)
        for finding in findings:
            self.add(finding.start, finding.end)

    def add(self, start: int, end: int) -> None:
        """Mark a span as covered."""
        self._marks[start:end] = b"\x01" * (end - start)

    def touches(self, start: int, end: int) -> bool:
        """Tell whether any character of a span is covered."""
        return self._marks.find(1, start, end) >= 0
