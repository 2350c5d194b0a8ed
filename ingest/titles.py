"""A document's title: what it calls itself, or its file's name where that says nothing."""

import re
from pathlib import PurePath

_SAYS_NOTHING = re.compile(
    r"""(?:sheet|tabelle|feuil|hoja|foglio|blad|sayfa|slide|folie|document|dokument|presentation
        |workbook|page|book|untitled|new|copy|scan|img|image|chapter|part)[\s_-]*\d*
    | (?:microsoft\s(?:word|powerpoint|excel)\s-\s.*)
    | overview|introduction|contents|table\sof\scontents|index|home|readme|summary|abstract
    | about|notes?|untitled\s\w+|new\s\w+(?:\s\w+)?|no\stitle|title|faq|general|main|data
    | (?:form\s)?10-?[kq]|(?:form\s)?8-?k|annual\sreport|quarterly\sreport
    | [\W\d_]*""",
    re.IGNORECASE | re.VERBOSE,
)
"""Titles that programs fill in, or that any document may have."""
_WORD = re.compile(r"[^\W\d_]+|\d+")
_NAME_LIKE = re.compile(r"[^\W\d_]{4,}")


def document_title(own_title: str, filename: str) -> str:
    """Return the title that a document gives itself, or the name of its file.

    The file's name stands in where the title says nothing and the name has a word.
    """
    stem = _stem(filename)
    if _SAYS_NOTHING.fullmatch(own_title.strip()) and _NAME_LIKE.search(stem):
        return stem
    return own_title.strip() or filename


def indexed_title(title: str, filename: str) -> str:
    """Return what a document is found by: its title, and what its file's name says besides."""
    stem = _stem(filename)
    title_words = {word.casefold() for word in _WORD.findall(title)}
    further = [word for word in _WORD.findall(stem) if word.casefold() not in title_words]
    says_more = any(_NAME_LIKE.fullmatch(word) for word in further)
    if not says_more or _SAYS_NOTHING.fullmatch(stem):
        return title
    return f"{title}, {stem}" if title else stem


def _stem(filename: str) -> str:
    return " ".join(re.split(r"[\s_]+|(?<=[^\W\d_])-(?=[^\W\d_])", PurePath(filename).stem)).strip()
