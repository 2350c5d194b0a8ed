"""Words that say the opposite of each other, and what a sentence denies."""

import re
from collections.abc import Sequence

from generate.facts.word_groups import read_groups
from index.text.analyzer import analyse

_PAIRS = """
increase raise rise rose risen grow grew grown gain elevate higher more greater enhance augment \
expand upregulate - decrease lower reduce fall fell fallen decline drop fewer less smaller \
diminish shrink shrank shrunk downregulate lose
promote activate stimulate induce facilitate enable - inhibit suppress block prevent impair
improve better beneficial benefit - worsen worse harmful harm deteriorate
before earlier - after later
am - pm
open - close closed shut
start begin began begun - stop end finish cease
win won - lose lost
accept approve allow permit - reject refuse forbid forbade forbidden prohibit deny ban
include contain - exclude omit
above over upper - below under lower
north northern - south southern
east eastern - west western
left - right
first - last
maximum most highest best largest - minimum least lowest worst smallest
high - low
large big - small little
long - short
old older - young younger new newer
early - late
positive - negative
present presence - absent absence
sensitive susceptible - resistant insensitive
dependent - independent
safe - dangerous unsafe
legal - illegal
possible - impossible
able - unable
optional voluntary - mandatory required compulsory obligatory
public - private
internal inside - external outside
male man men boy husband father son brother - female woman women girl wife mother daughter sister
import - export
buy bought purchase - sell sold
born birth - died death die
success succeed - failure fail
strong stronger - weak weaker
fast faster - slow slower
hot warm - cold cool
same identical similar - different distinct
majority - minority
true correct - false incorrect wrong
free - paid
alive - dead
married - divorced
major - minor
minor - major
necessary essential - unnecessary dispensable
sufficient enough - insufficient
common - rare uncommon
deficient deficiency lack - excess abundance
"""

_NEGATOR = re.compile(
    r"""\b(?:not(?!\ only|\ just|\ least|\ until)|no(?!\ (?:more|less|later|earlier|fewer)\ than)
    |never|none|neither|nor|cannot|without|hardly|unable|fail(?:s|ed)?(?=\ to)|lack(?:s|ed|ing)?
    |nobody|nothing|rather\ than|instead\ of|(?:false|untrue|incorrect|wrong|myth)(?=\ that\b))\b
    | n['\u2019]t\b""",
    re.IGNORECASE | re.VERBOSE,
)
_ALL = re.compile(r"\b(?:all|every|each|always|everybody|everyone)\b", re.IGNORECASE)
_SOME = re.compile(
    r"\b(?:some(?:times)?|many|most(?:ly)?|several|few|often|usually|rarely|seldom)\b",
    re.IGNORECASE,
)
_ONLY = re.compile(r"\b(?<!not )(?:only|solely|exclusively)\b", re.IGNORECASE)
_LIMITS = re.compile(
    r"\b(?:only|sole(?:ly)?|exclusive(?:ly)?|alone|just|but|except|unless|until)\b", re.IGNORECASE
)
_SCOPE = 4
"""Content terms behind a negator that it denies at most."""
_CLAUSE = re.compile(r"[,;:()]|\b(?:but|although|though|while|whereas|because|and)\b")


_SIDES = read_groups(_PAIRS)


def _poles() -> dict[str, list[tuple[int, int]]]:
    poles: dict[str, list[tuple[int, int]]] = {}
    for number, sides in enumerate(_SIDES):
        for side, words in enumerate(sides):
            for word in words:
                for term in analyse(word) or [word]:
                    poles.setdefault(term, []).append((number, side))
    return poles


_POLES = _poles()


def opposite_words(word: str) -> list[str]:
    """Return the words that say the opposite of a word, as they are written in the list."""
    return [
        other
        for first, second in _SIDES
        for own_side, other_side in ((first, second), (second, first))
        if word in own_side
        for other in other_side
    ]


def opposite_said(claim: str, source: str) -> bool:
    """Tell whether the claim has the opposite of a word of the source, words of denial aside."""
    claim_terms, source_terms = (analyse(_NEGATOR.sub(" ", text)) for text in (claim, source))
    return bool(reversed_words(claim_terms, source_terms))


def says_of_more(claim: str, source: str) -> bool:
    """Tell whether the claim says of all, or of every time, what the source says of some."""
    return bool(_ALL.search(claim) and _SOME.search(source) and not _ALL.search(source))


def shuts_out(claim: str, source: str) -> bool:
    """Tell whether the claim says of nothing else what the source says without such a limit."""
    return bool(_ONLY.search(claim) and not _LIMITS.search(source))


def reversed_words(claimed: Sequence[str], source_terms: Sequence[str]) -> int:
    """Count the terms of a claim that the source has the opposite of, and not the term itself."""
    source_poles = {pole for term in source_terms for pole in _POLES.get(term, ())}
    return sum(
        any(
            (n, 1 - side) in source_poles and (n, side) not in source_poles
            for n, side in _POLES.get(term, ())
        )
        for term in set(claimed) - set(source_terms)
    )


def denied_terms(text: str) -> list[frozenset[str]]:
    """Return, for each word of denial, the few content terms that it denies."""
    scopes = []
    for match in _NEGATOR.finditer(text):
        clause = _CLAUSE.split(text[match.end() :], maxsplit=1)[0]
        scopes.append(frozenset(analyse(clause)[:_SCOPE]))
    return [scope for scope in scopes if scope]


def denial_differs(claim: str, source: str) -> bool:
    """Tell whether one of two sentences denies what the other says."""
    claim_denials, source_denials = denied_terms(claim), denied_terms(source)
    return _denies(claim_denials, source_denials, analyse(source)) or _denies(
        source_denials, claim_denials, analyse(claim)
    )


def _denies(
    scopes: Sequence[frozenset[str]], others: Sequence[frozenset[str]], terms: Sequence[str]
) -> bool:
    other_terms = set(terms)
    return any(
        len(scope & other_terms) * 2 >= len(scope) and not any(scope & other for other in others)
        for scope in scopes
    )
