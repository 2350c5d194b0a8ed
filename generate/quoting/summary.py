"""Summarise a document in its own words: leads of its sections, or what it says of changes."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from generate.quoting.candidates import Candidate, candidates
from generate.types import Claim
from index.text.analyzer import analyse
from index.text.content_terms import content_terms
from retrieve.types import Passage

_ASKS_FOR_SUMMARY = re.compile(
    r"""^\W*(?:please\s|can\syou\s|could\syou\s)*(?:
      summari[sz]e\b | (?:give|write|make|show)\s(?:me\s|us\s)?(?:an?|the)\s(?:\w+\s)?
      (?:summary|overview|outline|synopsis|abstract)\b
    | (?:an?\s|the\s)?(?:\w+\s)?(?:summary|overview|outline)\sof\b
    | what\s(?:is|are|'s)\s(?:the\s|this\s|these\s|that\s)?(?:[\w\s'\u2019-]+?\s)?
      (?:all\s)?about\W*$
    | what\sdo(?:es)?\s(?:the|this|these)\s(?:[\w\s'\u2019-]+?\s)?
      (?:say|cover|contain|deal\swith)\W*$
    | what\sare\sthe\s(?:main|key|most\simportant)\s(?:points|topics|ideas|messages)\b
    | fasse?\b.*\bzusammen\b | zusammenfassung\b | worum\sgeht\ses\b
    | r\u00e9sume[zr]?\b | de\squoi\s(?:parle|s'agit)\b | resume\b | resumen\sde\b
    | \u00f6zetle\b | \u6982\u62ec | \u603b\u7ed3 | \u6458\u8981 )""",
    re.IGNORECASE | re.VERBOSE,
)
_ASKS_FOR_CHANGES = re.compile(
    r"""^\W*(?:please\s)?(?:
      what(?:'s|\s(?:is|has|have|was|were))?\s(?:been\s)?(?:changed|new|different)\b
    | (?:which|what)\s(?:(?:are|were|is|was)\s)?(?:the\s)?(?:\w+\s)?changes?\b
    | (?:list|show|summari[sz]e)\s(?:all\s)?(?:the\s)?changes\b
    | was\s(?:hat\ssich\sge\u00e4ndert|ist\sneu)\b | qu'est-ce\squi\sa\schang\u00e9\b
    | \W*qu\u00e9\sha\scambiado\b | cosa\s\u00e8\scambiato\b | ne\sde\u011fi\u015fti\b )""",
    re.IGNORECASE | re.VERBOSE,
)
_TELLS_OF_CHANGE = re.compile(
    r"""\b(?:changed | changes?\s(?:to|from|in\sthe) | replac(?:e[sd]?|ing)
    | no\slonger | instead\sof
    | (?:is|are|was|were)\snew | new(?:ly)?\s(?:rules?|fees?|added|since|from|introduced)
    | from\snow\son | as\sof\s\d | introduc(?:e[sd]|ing) | abolish(?:ed|es) | renamed
    | (?:was|were|is|are|has\sbeen|have\sbeen)\s(?:added|removed|raised|lowered|moved|extended
      |shortened|withdrawn|increased|reduced)
    | formerly | previously | used\sto\sbe | until\snow
    | ge\u00e4ndert | ersetzt | nicht\smehr | bisher )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_SAYS_NOTHING = frozenset(
    analyse(
        "changed changes change new different been list since last version latest "
        "summarise summarize summary overview outline synopsis abstract about document documents "
        "file files text page report main key points topics ideas most important please give write "
        "make show me us short brief say cover contain deal with what these all in a few words "
        "sentences one two three zusammenfassung fasse zusammen dokument worum geht es resume "
    )
)
_MOST_SENTENCES = 6


def asks_for_summary(question: str) -> bool:
    """Tell whether a question asks what a whole document says."""
    return bool(_ASKS_FOR_SUMMARY.search(question))


def asks_for_changes(question: str) -> bool:
    """Tell whether a question asks what a document says of changes."""
    return bool(_ASKS_FOR_CHANGES.search(question))


def names_nothing(question: str) -> bool:
    """Tell whether such a question names neither a document nor anything else."""
    return not set(content_terms(question)) - _SAYS_NOTHING


def change_claims(sections: Sequence[Passage]) -> tuple[Claim, ...]:
    """Return the first sentences that tell of a change, in the order of the text."""
    telling = (each for each in candidates(sections) if _TELLS_OF_CHANGE.search(each.text))
    return tuple(Claim(each.text, (each.quote,)) for each in islice(telling, _MOST_SENTENCES))


def is_named_by(question: str, passage: Passage) -> bool:
    """Tell whether the question names the passage's document, and nothing else."""
    document_terms = set(content_terms(question)) - _SAYS_NOTHING
    chunk = passage.chunk
    return bool(document_terms) and document_terms <= set(
        analyse(f"{chunk.title} {chunk.filename}")
    )


def lead_claims(sections: Sequence[Passage]) -> tuple[Claim, ...]:
    """Return the first sentence of each section, in the order of the text, and not too many."""
    leads = list(_leads(sections))
    step = max(1, -(-len(leads) // _MOST_SENTENCES))
    return tuple(Claim(lead.text, (lead.quote,)) for lead in leads[::step])


def _leads(sections: Sequence[Passage]) -> Iterator[Candidate]:
    """Yield the first candidate below each heading."""
    openings: set[tuple[int, str]] = set()
    for section in sections:
        for candidate in candidates([section]):
            below = (section.chunk.document_key, candidate.heading)
            if below not in openings and candidate.row is None:
                openings.add(below)
                yield candidate
