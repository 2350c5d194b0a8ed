"""Text to terms, the same way for documents and for queries."""

import re
import unicodedata
from functools import lru_cache

import Stemmer

ANALYSER_VERSION = "2"
"""Recorded in every snapshot: another version means the lexical index is rebuilt."""

_WORD = re.compile(r"\w+(?:['\u2019]\w+)*", re.UNICODE)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0002fa1f]+")
_STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "for",
        "if",
        "in",
        "into",
        "is",
        "it",
        "no",
        "not",
        "of",
        "on",
        "or",
        "such",
        "that",
        "the",
        "their",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "was",
        "will",
        "with",
    ]
)
"""Lucene's English stop words: too common to say anything, and costly to scan."""


def analyse(text: str) -> list[str]:
    """Return the terms of a text in order, repeats kept.

    Unicode NFKC, case folded, cut into words; English stop words dropped, the rest stemmed
    (Snowball English); runs of Han, kana and hangul become overlapping pairs.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    terms: list[str] = []
    for match in _WORD.finditer(folded):
        terms.extend(_terms_of(match.group()))
    return terms


@lru_cache(maxsize=1 << 16)
def _terms_of(word: str) -> tuple[str, ...]:
    if _CJK.search(word):
        return tuple(
            term for run in re.split(f"({_CJK.pattern})", word) if run for term in _cut_run(run)
        )
    if word in _STOP_WORDS:
        return ()
    return (_stem(word),)


def _cut_run(run: str) -> list[str]:
    if not _CJK.fullmatch(run):
        return list(_terms_of(run))
    if len(run) == 1:
        return [run]
    return [run[i : i + 2] for i in range(len(run) - 1)]


def _stem(word: str) -> str:
    stemmed: str = Stemmer.Stemmer("english").stemWord(word)
    return stemmed
