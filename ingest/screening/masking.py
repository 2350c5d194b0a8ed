"""Masks of the same length, so that every offset, page and box stays where it was.

What can be seen becomes U+2588 (no letter: no word of it is indexed, the embedder sees an unknown
token). Characters that nobody sees become spaces, and what stands between them stays.
"""

from collections.abc import Iterable

from index.detectors import Finding
from index.detectors.hidden_text import is_hidden

MASK = "\u2588"


def mask(text: str, findings: Iterable[Finding]) -> str:
    """Return the text with every finding blanked; white space stays, so that lines do."""
    characters = list(text)
    for finding in findings:
        is_hidden_text = finding.kind == "hidden" or finding.rule == "hidden-order"
        for offset in range(finding.start, finding.end):
            if is_hidden_text:
                if is_hidden(text[offset]):
                    characters[offset] = " "
            elif not text[offset].isspace():
                characters[offset] = MASK
    return "".join(characters)
