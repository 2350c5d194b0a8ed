"""Denials in other languages than English: whether one sentence denies what another one says."""

import re
from collections.abc import Sequence

from index.text.analyzer import analyse
from index.text.content_terms import content_terms
from index.text.language_detection import FUNCTION_WORDS
from index.text.sentence_splitter import split_sentences

_WORDS = (
    "nicht nichts kein keine keinem keinen keiner keines nie niemals niemand niemandem niemanden "
    "ohne weder "  # German
    "nunca jamás nadie ningún ninguna ningunas ninguno tampoco "  # Spanish
    "nessun nessuna nessuno nulla niente senza "  # Italian
    "não nenhum nenhuma jamais ninguém nem "  # Portuguese
    "niet niets geen nooit zonder "  # Dutch
    "inte icke ikke aldrig aldri ingen inget inga intet uten uden "  # Swedish, Danish, Norwegian
    "nigdy żaden żadna żadne bez nikt nikogo není nikdy žádný "  # Slavic
    "ei eivät nincs soha değil yok asla tidak bukan không "  # and others
    "не нет ни без "  # Russian
    "никогда нельзя "
    "δεν μη μην όχι χωρίς "  # Greek
    "لا لم لن ليس ليست "  # Arabic
    "بدون לא אין בלי "  # Hebrew
    "नहीं मत बिना"  # Hindi
)
_FRENCH = r"n(?:e\b|['\u2019](?=\w))(?=.{0,60}\b(?:pas|jamais|plus|rien|personne|aucune?|ni)\b)"
_DENIALS = re.compile(
    rf"(?<![\w\u0900-\u097f])(?:(?:{'|'.join(_WORDS.split())}|non(?!-))(?![\w\u0900-\u097f])|{_FRENCH})",
    re.IGNORECASE,
)
_UNSPACED = re.compile(
    "不(?![同断斷过過仅僅但久管论論])|[没沒]有?"
    "|未(?![来來])|[无無](?![论論料限])|非(?![常洲])"  # Chinese
    "|ません|ない|なかった|ず(?=[に、。])"  # Japanese
    r"|않|없|안(?=\s)|못|ไม่"  # Korean, Thai
)
"""In scripts without spaces a denial stands within or behind the word that it denies."""
_CLAUSE = re.compile(r"[,;:()\u3001\u3002\uff0c\uff1b]")
_SCOPE = 4
"""Content terms behind a word of denial that it denies at most; before it, where none follow."""
_FUNCTION = frozenset(
    term for words in FUNCTION_WORDS.values() for w in words for term in analyse(w)
)

Scope = frozenset[str]


def denial_differs_elsewhere(claim: str, source: str) -> bool:
    """Tell whether exactly one of two texts denies something, and the other one says it.

    Of the source, the sentence with most of the claim's words counts. Prefixes and endings that
    deny, as in Czech and Turkish, are not seen.
    """
    nearest = _nearest(claim, source)
    claim_denials, source_denials = _denied(claim), _denied(nearest)
    if bool(claim_denials) == bool(source_denials):
        return False
    affirmed_terms = set(analyse(nearest if claim_denials else claim))
    return any(
        2 * len(scope & affirmed_terms) >= len(scope) for scope in claim_denials or source_denials
    )


def _nearest(claim: str, source: str) -> str:
    claim_terms = set(content_terms(claim))
    sentences = [source[start:end] for start, end in split_sentences(source)] or [source]
    return max(sentences, key=lambda sentence: len(claim_terms.intersection(analyse(sentence))))


def _denied(text: str) -> list[Scope]:
    scopes = [_around(text, match) for match in _DENIALS.finditer(text)]
    clauses = filter(_UNSPACED.search, _CLAUSE.split(text))
    scopes += [frozenset(analyse(_UNSPACED.sub(" ", clause))) for clause in clauses]
    return [scope for scope in scopes if scope]


def _around(text: str, match: re.Match[str]) -> Scope:
    after = _telling(_CLAUSE.split(text[match.end() :], maxsplit=1)[0])[:_SCOPE]
    return frozenset(after or _telling(_CLAUSE.split(text[: match.start()])[-1])[-_SCOPE:])


def _telling(text: str) -> Sequence[str]:
    return [term for term in analyse(text) if term not in _FUNCTION]
