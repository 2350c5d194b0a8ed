"""Version numbers of parsing, chunking and screening, recorded with each document.

Whoever changes what the parsers or the chunker make of a file raises the number here; then
``footnote admin reingest`` finds the documents that were read before.
"""

PARSING = 14
"""Raise it when a parser here makes other text or structure of the same file."""

CHUNKING = 3
"""Raise it when the same text is cut otherwise."""

SCREENING = 5
"""Raise it when the detectors find, or masks blank, other things in the same text."""
