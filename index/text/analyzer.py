"""Text to terms, the same way for documents and for questions.

Every word has one general term: the English stem in Latin letters, the stem of the script's
language in others. Where the whole text is in another language with Latin letters,
its words have a second term, the stem in that language. A document holds both, and so a question
whose language is not certain still finds what the general terms find. See decision 0006.
"""

import re
import sys
import threading
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import Stemmer

from index.text.language_detection import ELIDING, FUNCTION_WORDS, SCRIPTS, UNSPACED, detect
from index.text.notations import notation_terms

ANALYSER_VERSION = "4"
"""Recorded in every snapshot: another version means the lexical index is rebuilt."""

_MARKS = "".join(
    chr(code) for code in range(0x300, 0x3100) if unicodedata.category(chr(code))[0] == "M"
)
"""Vowel signs and accents that stand behind their letter; ``\\w`` does not know them."""

_WORD = re.compile(rf"\w[\w{_MARKS}]*(?:['\u2019]\w[\w{_MARKS}]*)*")
_ASCII_WORD = re.compile(r"\w+(?:'\w+)*", re.ASCII)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0002fa1f]+")
_UNSPACED = re.compile(f"[{UNSPACED}]+")
_RUN = re.compile(f"({_CJK.pattern}|{_UNSPACED.pattern})")
_CLUSTER = re.compile(f".[{_MARKS}]*", re.DOTALL)
_SCRIPTS = {
    name: re.compile(f"[{letters}][{letters}{_MARKS}\\d_'\u2019]*")
    for name, letters in SCRIPTS.items()
}
_UNSEEN = {ord(sign): None for sign in "\u00ad\u200b\u200c\u200d\u2060\ufeff"}
"""Soft hyphens and joiners: they steer how a word is drawn, not what it says."""

_STOP = (
    "a an and are as at be but by for if in into is it no not of on or such that the their then "
    "there these they this to was will with"
)
_STOP_WORDS = frozenset(_STOP.split())
"""Lucene's English stop words: too common to say anything, and costly to scan."""

_local = threading.local()


def analyse(text: str) -> list[str]:
    """Return the general terms of a text in order, repeats kept.

    Unicode NFKC, case folded, cut into words; English stop words dropped, the rest stemmed
    (Snowball, by script); runs of scripts without spaces become overlapping pairs. The terms of
    a word depend on that word alone.
    """
    return _general(_words(text))


def document_terms(text: str) -> list[str]:
    """Return the terms a document is indexed by.

    They are general terms, stems in its own language, and the normal forms of its codes, numbers,
    amounts, dates and times.
    """
    words = _words(text)
    terms = _general(words)
    if language := detect(words):
        for word in words:
            terms += _second(word, language)
    return terms + _normal_forms(text, terms)


def question_terms(text: str) -> list[str]:
    """Return the terms a question searches for: of its words, and of its codes, dates and numbers.

    A word has a general term and a stem in the question's language. Both are there even where
    they are equal, so that every word weighs the same.
    """
    words = _words(text)
    terms = _general(words)
    if language := detect(words):
        terms.extend(own_term for word in words if (own_term := _own_term(word, language)))
    return terms + _normal_forms(text, terms)


def _normal_forms(text: str, terms: Sequence[str]) -> list[str]:
    """Return the normal forms in a text that its terms do not hold yet."""
    forms = (_stem(form, "english") for form in notation_terms(text))
    return [form for form in dict.fromkeys(forms) if form not in set(terms)]


def _words(text: str) -> list[str]:
    if text.isascii():  # the same words, more quickly
        return _ASCII_WORD.findall(text.lower())
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_UNSEEN)
    return _WORD.findall(folded.replace("i\u0307", "i"))


def _general(words: Sequence[str]) -> list[str]:
    terms: list[str] = []
    for word in words:
        terms += _terms_of(word)
    return terms


@lru_cache(maxsize=1 << 16)
def _terms_of(word: str) -> tuple[str, ...]:
    if word.isascii():
        return () if word in _STOP_WORDS else (_stem(word, "english"),)
    if _RUN.search(word):
        return tuple(term for run in _RUN.split(word) if run for term in _cut_run(run))
    for language, letters in _SCRIPTS.items():  # a word of two scripts has neither's endings
        if letters.fullmatch(word):
            return (_stem(word, language),)
    return (_stem(word, "english"),)


@lru_cache(maxsize=1 << 16)
def _second(word: str, language: str) -> tuple[str, ...]:
    own_term = _own_term(word, language)
    return (own_term,) if own_term and own_term not in _terms_of(word) else ()


@lru_cache(maxsize=1 << 16)
def _own_term(word: str, language: str) -> str | None:
    """Return a word's stem in its text's language; none for function words and other scripts."""
    if not unicodedata.name(word[0], "").startswith("LATIN"):
        return None
    head, _, tail = word.replace("\u2019", "'").partition("'")
    bare = tail if tail and language in ELIDING else head
    if bare in FUNCTION_WORDS[language] or len(bare) == 1:
        return None
    return _stem(bare, language)


def _cut_run(run: str) -> Sequence[str]:
    """Cut a run of one kind: overlapping pairs where words are not spaced."""
    if _CJK.fullmatch(run):
        letters: Sequence[str] = run
    elif _UNSPACED.fullmatch(run):
        letters = _CLUSTER.findall(run)
    else:
        return _terms_of(run)
    if len(letters) == 1:
        return [letters[0]]
    return ["".join(letters[i : i + 2]) for i in range(len(letters) - 1)]


def _stem(word: str, language: str) -> str:
    stemmers: dict[str, Any] = _local.__dict__
    if language not in stemmers:  # one for each thread: a stemmer keeps its state between calls
        stemmers[language] = Stemmer.Stemmer(language)
    return sys.intern(stemmers[language].stemWord(word))
