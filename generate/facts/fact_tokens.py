"""A sentence as a row of words in which names, numbers and units stand out as facts."""

import re
from dataclasses import dataclass
from typing import Literal

from generate.facts.quantities import MONTHS, MONTHS_IN_SHORT, number_at, unit_of
from index.text.analyzer import analyse

Kind = Literal["word", "name", "number", "ordinal", "unit", "month", "day"]

_TOKEN = re.compile(
    r"""[$\u20ac\u00a3%] | \u00b0[CF]? | (?:(?<![\w)\].,%-])-)?\d+(?:[.,]\d+)*(?:(?:st|nd|rd|th)\b)?
    | \w[\w'\u2019]*(?:-\w+)*""",
    re.VERBOSE,
)


def _words(listing: str) -> frozenset[str]:
    return frozenset(listing.split())


_DAYS = _words("monday tuesday wednesday thursday friday saturday sunday")
_OPENERS = _words(
    "the a an this that these those it its they their he his she her we our you your i my in on at "
    "by for from with to of as if when while after before since during although though because "
    "there here however and but or so not no some many most all each every both one two what who "
    "which why how where whose dr mr mrs ms prof st also then thus hence under over between among "
    "about"
)
"""Words that open a sentence, or stand before a name, and are no names."""
_ARTICLES = frozenset({"a", "an", "the"})
_JOINED = 3
"""Characters between two words of one name at most."""
_ADJECTIVAL = re.compile(r"(?:ly|ing|ed)$")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or a fact of one or more words."""

    kind: Kind
    text: str
    terms: frozenset[str]
    """The terms to compare: stems, a value, a unit's canonical name."""

    @property
    def symbol(self) -> str:
        """Return the token's stand-in for an alignment: facts of one kind look alike."""
        return " ".join(sorted(self.terms)) if self.kind == "word" else f"<{self.kind}>"


def read_facts(text: str) -> list[Token]:
    """Cut a text into tokens; articles are left out, capitalised neighbours make one name."""
    matches = list(_TOKEN.finditer(text))
    words = [match.group() for match in matches]
    tokens: list[Token] = []
    position = 0
    while position < len(words):
        number = number_at(words, position)
        if number is not None:
            number_text = " ".join(words[position : position + number.length])
            kind: Kind = "ordinal" if number.ordinal else "number"
            tokens.append(Token(kind, number_text, frozenset([f"{number.value:.15g}"])))
            position += number.length
            continue
        token = _word(words[position], opening=_opens(text, matches[position].start()))
        if tokens and tokens[-1].kind == token.kind == "name" and _goes_on(text, matches, position):
            before = tokens.pop()
            token = Token("name", f"{before.text} {token.text}", before.terms | token.terms)
        if token.terms:
            tokens.append(token)
        position += 1
    return tokens


def _word(word: str, *, opening: bool) -> Token:
    folded = word.lower()
    if unit := unit_of(word):
        return Token("unit", word, frozenset([unit]))
    folded = MONTHS_IN_SHORT.get(folded, folded) if word[0].isupper() else folded
    if word[0].isupper() and folded in _DAYS.union(MONTHS):
        return Token("month" if folded in MONTHS else "day", word, frozenset([folded]))
    terms = frozenset(analyse(word) or {folded} - _ARTICLES)
    described = opening and (folded.endswith("s") or _ADJECTIVAL.search(folded))
    is_name = word[0].isupper() and folded not in _OPENERS and not described
    return Token("name" if is_name else "word", word, terms)


def _opens(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \"'\u201c(")
    return not before or before[-1] in ".!?:;\n"


def _goes_on(text: str, matches: list[re.Match[str]], position: int) -> bool:
    between = text[matches[position - 1].end() : matches[position].start()]
    return not between.strip(" .-&'\u2019") and len(between) <= _JOINED
