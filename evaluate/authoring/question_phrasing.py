"""How a generated question reads: English phrases around the words of a document."""

import re

from index.text.analyzer import analyse

_PEOPLE = (
    "chair|chairman|chairwoman|chairperson|head|chief|founder|director|president|secretary|manager|"
    "captain|keeper|author|writer|editor|poet|painter|composer|singer|actor|doctor|professor|"
    "teacher|engineer|architect|scientist|physicist|chemist|minister|mayor|king|queen|prince|"
    "princess|emperor|governor|senator|lawyer|judge|officer|sailor|pilot|nurse|priest|bishop|"
    "daughter|son|wife|husband|brother|sister|mother|father|owner|inventor|explorer|historian"
)
_ROLE = re.compile(rf"(?:an?|the) (?:[\w'\u2019-]+ ){{0,3}}?(?:{_PEOPLE})\b", re.IGNORECASE)
_MEASURE = re.compile(
    r"(?:about |nearly |over |almost )?\d[\d.,]* \w+ (?P<adjective>high|long|wide|deep|tall|old|"
    r"thick|heavy|far)\b"
)
_TIME = re.compile(r"\b\d{1,2}[:.]\d\d\b|\b(?:noon|midnight)\b")
_CLAUSE = re.compile(
    r";|, (?:and|so|but|which|who|whose|because|where|while|although)\b|"
    r" and (?=(?:is|are|was|were|has|have|had|held|holds)\b)"
)
_HAPPENS = ("during", "before", "after", "when", "if", "in case of", "while", "until")
_APPLIES = ("in", "on", "at", "for", "with", "without", "under", "by", "between", "within")
_PLAIN = frozenset((*_HAPPENS, *_APPLIES))
_ABOUT = frozenset({
    "a", "an", "the", "what", "when", "where", "how", "why", "who", "which", "about", "our", "your",
    "its", "their", "all", "any",
})  # fmt: skip
_PRONOUNS = frozenset({
    "it", "its", "this", "that", "these", "those", "he", "his", "she", "her", "they", "their",
    "them", "we", "our", "you", "your",
})  # fmt: skip
_NUMBERING = re.compile(
    r"(?:(?:section|chapter|part) )?(?:\d+(?:\.\d+)*|[IVX]+)[.):]?\s+", re.IGNORECASE
)
_WORDS = {
    "is": "What is {term}?",
    "are": "What are {term}?",
    "means": "What does {term} mean?",
    "was": "What was {term}?",
    "lasts": "How long does {term} last?",
}


def definition_question(term: str, verb: str, rest: str) -> str | None:
    """Return the question that "TERM VERB REST." answers, or none that reads well."""
    measure = _MEASURE.match(rest)
    if verb in {"is", "was"} and measure:
        return f"How {measure['adjective']} {verb} {term}?"
    if verb in {"is", "was"} and term[:1].isupper() and _ROLE.match(rest):
        return f"Who {verb} {term}?"
    if verb == "are" and rest[:1].isdigit():
        return None
    if verb == "leaves":
        return f"When does {term} leave?" if _TIME.search(rest) else None
    if verb in _WORDS:
        return _WORDS[verb].format(term=term)
    plain = {"has": "have", "carries": "carry"}.get(verb, verb.removesuffix("s"))
    return f"What does {term} {plain}?"


def short_answer(rest: str) -> str:
    """Return how a definition goes on, up to where it speaks of something else."""
    clause = _CLAUSE.search(rest)
    return rest[: clause.start()].strip() if clause and clause.start() else rest.strip()


def heading_question(title: str, heading: str, text: str) -> str | None:
    """Return the question that a section answers, or none that reads well.

    ``text`` is the document's: a heading's first word that it has in small letters gets them.
    """
    name = _NUMBERING.sub("", heading, count=1).strip()
    low = name.casefold()
    if not name or low.startswith("to "):
        return None
    inner = _lower_first(name, text)
    for words, phrase in ((_HAPPENS, "what happens"), (_APPLIES, "what applies")):
        if any(low.startswith(f"{word} ") for word in words):
            return f"According to “{title}”, {phrase} {inner}?"
    return f"What does “{title}” say about {inner}?"


def table_question(column: str, row: str) -> str:
    """Return the question that a table's cell answers."""
    word = column.rsplit(maxsplit=1)[-1].casefold()
    several = word.endswith("s") and not word.endswith(("ss", "us", "is"))
    name = column[:1].lower() + column[1:] if column[1:2].islower() else column
    return f"What {'are' if several else 'is'} the {name} for “{row}”?"


def speaks_of(text: str, heading: str) -> bool:
    """Tell whether a text has every word of a heading, in whatever form: then it may tell of it."""
    words = _NUMBERING.sub("", heading, count=1).split()
    content_words = [word for word in words if word.casefold() not in _PLAIN | _ABOUT]
    terms = set(analyse(" ".join(content_words)))
    return not terms or terms <= set(analyse(text))


def stands_alone(heading: str) -> bool:
    """Tell whether a heading means the same elsewhere: one that says "she" or "it" does not."""
    return not _PRONOUNS & set(heading.casefold().split())


def subject(term: str, text: str) -> str:
    """Return a sentence's subject as it stands within a sentence."""
    first, _, others = term.partition(" ")
    if first in {"The", "A", "An"}:
        return f"{first.lower()} {others}"
    return _lower_first(term, text)


def _lower_first(name: str, text: str) -> str:
    """Write the first letter small, unless the word is a name or an abbreviation."""
    first, _, others = name.partition(" ")
    small = first.lower()
    is_plain_word = first[1:] == small[1:] and not others[:1].isupper()
    common = small in _ABOUT or re.search(rf"(?<!\w){re.escape(small)}(?!\w)", text)
    return f"{small} {others}".strip() if is_plain_word and (common or small in _PLAIN) else name
