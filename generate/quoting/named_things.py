"""The particular things that a question names: codes, numbers, years, letters, names, units.

A sentence about another invoice, year or vitamin reads almost like the one that was asked for, and
no likeness of words or meanings tells them apart. So each thing that a question names must stand
where the answer stands. Rules, no model.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from generate.quoting.place_of_name import rival_in_place
from generate.quoting.units_of_measure import unit_asked_for
from index.text.content_terms import stated_numbers
from index.text.notations import moments

Kind = Literal["code", "number", "letter", "name", "unit", "contrast"]

_CODE = re.compile(
    r"(?<![\w.])[^\W_]*\d\s?[x\u00d7]\s?\d+(?:[.,]\d+)?(?!\w)"  # M8 x 40
    r"|(?<![\w.])(?=[\w./:+-]*\d)(?=[\w./:+-]*[^\W\d_])(?:\w[\w./:+-]*\w)(?!\w)"  # E11.65
    r"|(?<![\w.,])\d+(?:[.-]\d+){2,}(?!\w)"  # 3.11.2, 192.168.0.1
)
_MONTH = (
    r"(?:jan|febr?|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)"
    r"(?:uary|ch|il|ust|(?:em)?ber|ober)?"
)
_ANY_MONTH = re.compile(rf"\b{_MONTH}\b", re.IGNORECASE)
_NO_CODE = re.compile(
    r"""\d+(?:st|nd|rd|th)|(?:\d{2})?\d0s
    | [$\u20ac\u00a3]?\d+(?:[.,:]\d+)*-?(?:am|pm|[kmcd]?[mgl]|[kmgt]?[bw]|k?hz|h|s|min|k|bn|x|e)
    | \d+-[^\W\d_]+(?:-[^\W\d_]+)*                                    # 10-year
    | \d{4}-\d{2}-\d{2}T?[\d:]*""",
    re.VERBOSE | re.IGNORECASE,
)
"""Numbers with an ending, a unit or a noun: the number alone is looked for."""
_RUN = re.compile(r"[^\W\d_]+|\d+")
_NUMBER = re.compile(r"\d+(?:[.,'\u00a0\u202f]\d+)*")
_GROUPED = re.compile(r"\d{1,3}(?:[.,'\u00a0\u202f]\d{3})+")
_SHORT_YEAR = re.compile(r"(?<!\d)(\d{2})\d{2}\s?[-\u2013/]\s?(\d{2})(?!\d)")
_YEAR = re.compile(r"(?<![\w.,])(?:1[5-9]|20)\d\d(?!\w|[.,]\d)")
_CENTURY = re.compile(r"\d{1,2}(?:st|nd|rd|th)[\s-]centur(?:y|ies)\b", re.IGNORECASE)
_DECADE = re.compile(r"(?:\d\d)?\d0s\b")
_YEAR_OF_DATE = re.compile(r"^\d{4}|\d{4}$")
_ANY_DAY = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}\b|\b{_MONTH}\s\d{{1,2}}\b"
    r"|\b\d{4}-\d\d-\d\d\b",
    re.IGNORECASE,
)
_LETTER = re.compile(r"(?<=[^\W\d_]\s)([B-HJ-Z]|A(?!\s[A-Z]))(?![\w'\u2019.&+#/-]|\s[&+])")
_ROMAN = re.compile(r"(?<=[^\W\d_]\s)([IVX]+)(?![\w'\u2019.])")
_CAPITALISED = r"[^\W\d_a-z][\w'\u2019-]*\w"
_INITIALLED = re.compile(rf"(?<!\w)([A-Z])\.\s?(?:[A-Z]\.\s?)*({_CAPITALISED})")
_LINK = r"(?:of|de|la|le|the|van|von|al|el|bin|du|da)"
_NAME = re.compile(rf"(?<![\w'\u2019-]){_CAPITALISED}(?:\s(?:{_LINK}\s)*{_CAPITALISED})*")
_LOWER_TAIL = re.compile(r"-[a-z]\w*")
_REGNAL = re.compile(rf"\s[IVX]+(?:$|\s+(?:{_LINK}\s)*)")
_OPENS = re.compile(r"(?:^|[.!?:\n\"'(\u201c\u00bf\u00a1]\s*)$")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_HEADLINE_WORDS = 5
"""So many long words, all with capitals, are a headline: capitals say nothing."""
_HEAD = re.compile(r"([^\W\d_][\w-]*)(?:\s(?:no\.?|nr\.?|number|#))?\s[#]?$", re.IGNORECASE)


def _words(listing: str) -> list[str]:
    return listing.split()


_ORDINALS = _words(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first"
)
_ORDINAL_NUMBER = {word: str(number) for number, word in enumerate(_ORDINALS, start=1)}
_ORDINAL = re.compile(
    rf"\b(?:{'|'.join(sorted(_ORDINALS, key=len, reverse=True))})\b", re.IGNORECASE
)
_ROMANS = _words("I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX")
_MONTHS = _words(
    "january february march april may june july august september october november december"
)
_COUNTED_WITH_NUMERALS = frozenset(
    _words(
        "type phase part chapter class stage level grade volume section article annex appendix "
        "book act schedule category tier division group table figure war title unit module cycle "
        "generation series factor"
    )
)
_NO_HEADS = frozenset(
    _words(
        "in of on at by for from with within to the a an and or is was were are be than about over "
        "under around between since until till before after during per least most exactly only did "
        "does do has have had many much not that which who what when where year years nearly "
        "almost approximately late early mid some any all these those its their his her circa into "
        "through as if whether because but"
    )
    + _MONTHS
)
"""Words before a number that it does not belong to."""
_GENERIC = frozenset(
    _words(
        "mr mrs ms dr prof professor doctor capt sir king queen president prime minister saint st "
        "university college "
        "school city county state states river lake mount island company bible god english i "
        "internet pope bishop emperor prince princess lord lady duke earl captain general"
    )
)
"""Capitalised words that a text often leaves out of a name."""
_COUNTRIES = (
    "france french", "england english", "ireland irish", "britain british", "spain spanish",
    "netherlands holland dutch", "wales welsh", "denmark danish danes", "sweden swedish swedes",
    "poland polish poles", "turkey turkish turks", "greece greek", "switzerland swiss",
    "scotland scottish scots", "iceland icelandic", "finland finnish finns", "norway norwegian",
    "america american usa us", "portugal portuguese", "belgium belgian", "czechia czech",
)  # fmt: skip
_PEOPLE = {name: frozenset(names.split()) for names in _COUNTRIES for name in names.split()}
"""Names of a country and of what belongs to it, which begin differently."""
_LINKS = frozenset(_words("of de la le the van von al el bin du da and s"))


@dataclass(frozen=True, slots=True)
class NamedThing:
    """One thing that the question names."""

    words: str
    """As the question has it."""
    kind: Kind
    forms: frozenset[str] = frozenset()
    """Numbers: its readings; units: its other spellings; names: its words, folded."""
    head: str = ""
    """The word before a number or a letter: invoice 4472."""
    pattern: re.Pattern[str] | None = None
    """Codes, letters, heads: what the thing looks like in a text."""
    rival: re.Pattern[str] | None = None
    """How another thing of the same kind looks in a text."""

    @property
    def is_strict(self) -> bool:
        """Whether it cannot be said in other words."""
        return self.kind in ("code", "number", "letter")

    def stands_in(self, text: "NamedText") -> bool:
        """Tell whether the text names the thing."""
        if self.kind == "name":
            return _is_name_in(self.forms, text.words) or _are_initials(self.words, text.text)
        if self.pattern is not None and self.pattern.search(text.text):
            return True
        if self.kind == "number":
            return bool(self.forms & text.numbers) and not self._is_of_another(text)
        return False

    def is_rivalled_in(self, text: "NamedText") -> bool:
        """Tell whether the text names another of its kind, and not this one."""
        if self.rival is None or self.stands_in(text):
            return False
        return bool(self.rival.search(text.text))

    def _is_of_another(self, text: "NamedText") -> bool:
        """Tell whether the text gives another number to the thing: Windows 10 on 11 May."""
        return bool(self.head and self.rival and self.rival.search(text.text))


class NamedText:
    """A text in which things are looked for."""

    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def numbers(self) -> frozenset[str]:
        """All numbers in it, in every reading."""
        return _numbers_in(self.text)

    @property
    def words(self) -> frozenset[str]:
        """Its words, folded."""
        return _folded_words(self.text)


def named_things(question: str) -> tuple[NamedThing, ...]:
    """Return what the question names, in its order."""
    spans: list[tuple[int, int]] = []
    things: list[tuple[int, NamedThing]] = []
    for find in (_moments, _initialled, _codes, _letters, _numbers, _names, _units):
        for start, end, thing in find(question):
            if not any(start < last and first < end for first, last in spans):
                spans.append((start, end))
                things.append((start, thing))
    return tuple(thing for _, thing in sorted(things, key=lambda item: item[0]))


_Found = Iterator[tuple[int, int, NamedThing]]


def _moments(question: str) -> _Found:
    """Find days and times in any notation; the year of a date is a number of its own."""
    for start, end, readings in moments(question):
        words = question[start:end]
        day = _YEAR_OF_DATE.sub("", words).strip(" ,-/.")
        at = start + words.index(day)
        thing = NamedThing(day, "number", readings, "", _day_in_pieces(day), _ANY_DAY)
        yield at, at + len(day), thing
        if year := _YEAR_OF_DATE.search(words):
            thing = NamedThing(year.group(), "number", frozenset([year.group()]), rival=_YEAR)
            yield start + year.start(), start + year.end(), thing


def _day_in_pieces(day: str) -> re.Pattern[str] | None:
    """Return how a text names a day among others: on 12, 13 and 15 March."""
    month, number = _ANY_MONTH.search(day), re.search(r"\d+", day)
    if month is None or number is None:
        return None
    pieces = rf"\A(?=.*\b{month.group()[:3]})(?=.*(?<![\d.,]){number.group()}(?![\d.,]\d))"
    return re.compile(pieces, re.IGNORECASE | re.DOTALL)


def _codes(question: str) -> _Found:
    for match in _CODE.finditer(question):
        word = match.group()
        if _NO_CODE.fullmatch(word):
            continue
        runs = _RUN.findall(word)
        exact = r"[\W_]{0,2}".join(map(re.escape, runs))
        shape = r"[\W_]{0,2}".join(
            r"\d+" if run.isdigit() else rf"[^\W\d_]{{{len(run)}}}" for run in runs
        )
        yield (
            *match.span(),
            NamedThing(
                word,
                "code",
                pattern=re.compile(rf"(?<!\w){exact}(?!\w|[.-]\d)", re.IGNORECASE),
                rival=re.compile(rf"(?<!\w){shape}(?!\w|[.-]\d)", re.IGNORECASE),
            ),
        )


def _initialled(question: str) -> _Found:
    """Find surnames with an initial: Dr. H. Keller is not Dr. A. Keller."""
    for match in _INITIALLED.finditer(question):
        initial, surname = match.group(1), re.escape(match.group(2))
        further = r"(?:[A-Z]\.\s?)*"
        own = rf"(?<!\w){initial}(?:\.\s?|[\w'\u2019-]+\s){further}{surname}(?!\w)"
        other = rf"(?<!\w)(?!{initial})[A-Z]\.\s?{further}{surname}(?!\w)"
        pattern, rival = re.compile(own), re.compile(other)
        yield *match.span(), NamedThing(match.group(), "letter", pattern=pattern, rival=rival)


def _letters(question: str) -> _Found:
    for match in _LETTER.finditer(question):
        head = _head(question, match.start())
        if not head:
            continue
        if match.group() in _ROMANS:
            continue
        yield (
            match.start(),
            match.end(),
            NamedThing(
                f"{head} {match.group()}",
                "letter",
                head=head,
                pattern=re.compile(rf"(?<![\w'\u2019]){match.group()}(?![\w'\u2019])"),
                rival=re.compile(rf"\b(?i:{re.escape(head)})s?[\s-][A-Z](?![\w'\u2019])"),
            ),
        )
    for match in _ROMAN.finditer(question):
        head = _head(question, match.start())
        is_numeral = match.group() in _ROMANS and not _is_asker(match.group(), head, question)
        if head and is_numeral:
            yield (*match.span(), _roman(match.group(), head))


def _is_asker(numeral: str, head: str, question: str) -> bool:
    """Tell whether an "I" is who asks: it is one unless it stands behind what has parts or a name.

    A capital that opens the question says nothing: "Can I ...".
    """
    is_capital = head[:1].isupper() and not question.lstrip().startswith(head)
    counts = head.casefold() in _COUNTED_WITH_NUMERALS
    return numeral == "I" and not (is_capital or counts)


def _roman(numeral: str, head: str) -> NamedThing:
    value = _ROMANS.index(numeral)
    number, ordinal = str(value + 1), _ORDINALS[value]
    return NamedThing(
        f"{head} {numeral}",
        "letter",
        head=head,
        pattern=re.compile(rf"(?:(?<![IVX]){numeral}|\b{number}|\b(?i:{ordinal}))(?!\w)"),
        rival=re.compile(rf"\b(?i:{re.escape(head)})\s(?:[IVX]+|\d+)(?!\w)"),
    )


def _numbers(question: str) -> _Found:
    for match in _NUMBER.finditer(question):
        period = _CENTURY.match(question, match.start()) or _DECADE.match(question, match.start())
        if period is None:
            yield (*match.span(), _number(question, match))
        elif period.re is _CENTURY:
            yield (*period.span(), _century(period.group(), int(match.group()) - 1))
        elif match.group().endswith("00"):
            yield (*period.span(), _century(period.group(), int(match.group()[:-2])))
        else:
            yield (*period.span(), _decade(period.group()))


def _century(words: str, hundreds: int) -> NamedThing:
    """Return a century, which a text may give as a year of it."""
    number = hundreds + 1
    ordinal = _ORDINALS[hundreds] if 0 <= hundreds < len(_ORDINALS) else str(number)
    own_pattern = rf"(?<!\d){hundreds}\d\ds?(?!\d)|\b(?:{number}(?:st|nd|rd|th)?|{ordinal})\b"
    rival_pattern = r"(?<!\d)(?:1[1-9]|20)\d\ds?(?!\d)|\b\d+(?:st|nd|rd|th)[\s-]centur(?:y|ies)"
    return NamedThing(
        words, "number", pattern=_any_case(own_pattern), rival=_any_case(rival_pattern)
    )


def _decade(words: str) -> NamedThing:
    stem = words.rstrip("s")[:-1]
    own_pattern = rf"(?<!\d){stem}\d(?!\d)|(?<=\d\d){stem[-1]}\d(?!\d)|['\u2019]{stem[-1]}0s"
    return NamedThing(words, "number", pattern=_any_case(own_pattern), rival=_YEAR)


def _number(question: str, match: re.Match[str]) -> NamedThing:
    """Return a number with the word that it belongs to, if it has one."""
    number = match.group()
    head = _head(question, match.start())
    forms = _readings(number)
    if not head:
        rival = _YEAR if _YEAR.fullmatch(number) else None
        return NamedThing(number, "number", forms, rival=rival)
    word = rf"\b{re.escape(head)}s?\s(?:no\.?\s|number\s)?"
    before = r"(?:(?:no\.?|number|\d[\d.,]*|and|or|to|[,/&\u2013-])\s?)*"
    own = rf"\b{re.escape(head)}s?\s{before}#?{re.escape(number)}(?!\w|[.,]\d)"
    other = _any_case(rf"{word}#?\d[\d.,]*")
    return NamedThing(f"{head} {number}", "number", forms, head, _any_case(own), other)


def _any_case(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _head(question: str, start: int) -> str:
    """Return the noun that a number or a letter belongs to; none after a preposition."""
    match = _HEAD.search(question[:start])
    if match is None or match.group(1).casefold() in _NO_HEADS or len(match.group(1)) == 1:
        return ""
    return match.group(1)


def _names(question: str) -> _Found:
    words = _LONG_WORD.findall(question.strip().partition(" ")[2])
    if len(words) >= _HEADLINE_WORDS and all(word[0].isupper() for word in words):
        return
    for match in _NAME.finditer(question):
        start, text = match.start(), match.group()
        if _OPENS.search(question[:start]):
            first, _, text = text.partition(" ")
            start += len(first) + 1
            if not text:
                continue
        for offset, piece in _between_numerals(text):
            thing = _name(piece)
            if thing is not None:
                begin = start + offset
                if thing.kind == "name":
                    thing = replace(thing, rival=rival_in_place(question, begin))
                yield begin, begin + len(piece), thing


def _between_numerals(text: str) -> Iterator[tuple[int, str]]:
    """Cut a name at its Roman numerals, which are things of their own: Olav IV of Norway."""
    begin = 0
    for numeral in _REGNAL.finditer(text):
        yield begin, text[begin : numeral.start()]
        begin = numeral.end()
    if begin < len(text):
        yield begin, text[begin:]


def _name(text: str) -> NamedThing | None:
    """Return a month or a name; none where every word is one that texts leave out."""
    if text.casefold() in _MONTHS:
        return _month(text)
    forms = frozenset(
        word
        for word in _folded_words(_LOWER_TAIL.sub("", text))
        if len(word) > 1 and word not in _LINKS
    )
    return NamedThing(text, "name", forms - _GENERIC) if forms - _GENERIC else None


def _month(name: str) -> NamedThing:
    """Return a month, which a text may shorten or give as a number."""
    number = _MONTHS.index(name.casefold()) + 1
    month_pattern = rf"\b{name[:3]}(?:{name[3:]})?\b|\d[./-]0?{number}[./-]\d"
    return NamedThing(name, "number", pattern=re.compile(month_pattern, re.IGNORECASE))


def _units(question: str) -> _Found:
    unit = unit_asked_for(question)
    if unit is not None:
        start, end, pattern = unit
        yield start, end, NamedThing(question[start:end], "unit", pattern=pattern)


def _readings(number: str) -> frozenset[str]:
    """Return a number without separators of thousands and without zeros that say nothing."""
    readings = set()
    if _GROUPED.fullmatch(number):
        readings.add(re.sub(r"\D", "", number).lstrip("0") or "0")
    head, _, tail = re.sub(r"['\u00a0\u202f]", "", number).replace(",", ".").partition(".")
    tail = tail.rstrip("0")
    readings.add((head.lstrip("0") or "0") + (f".{tail}" if tail else ""))
    return frozenset(readings)


@lru_cache(maxsize=4096)
def _numbers_in(text: str) -> frozenset[str]:
    numbers: set[str] = set()
    for match in _NUMBER.finditer(text):
        numbers |= _readings(match.group())
    for match in _SHORT_YEAR.finditer(text):
        numbers.add(match.group(1) + match.group(2))
    numbers |= stated_numbers(text)
    numbers.update(*(readings for _, _, readings in moments(text)))
    numbers |= {_ORDINAL_NUMBER[word.group().lower()] for word in _ORDINAL.finditer(text)}
    return frozenset(numbers)


_FOLD_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=4096)
def _folded_words(text: str) -> frozenset[str]:
    folded = unicodedata.normalize("NFKD", text).casefold()
    folded = "".join(c for c in folded if not unicodedata.combining(c))
    folded = re.sub(r"['\u2019]s?\b", "", folded)
    return frozenset(_FOLD_WORD.findall(folded))


_LEAST_STEM = 4
_LEAST_FUZZY = 6
"""From so many letters on, one wrong letter is a slip."""


def _is_name_in(name: frozenset[str], words: frozenset[str]) -> bool:
    """Tell whether every word of a name is there, or begins like a word that is."""
    return all(word in words or _is_akin(word, words) for word in name)


def _is_akin(word: str, words: frozenset[str]) -> bool:
    """Germany and German, Norman and Normans: the same beginning, all but the ending."""
    if _PEOPLE.get(word, frozenset()) & words:
        return True
    if len(word) < _LEAST_STEM:
        return f"{word}s" in words
    stem = word[: max(_LEAST_STEM, len(word) - 2)]
    if any(other.startswith(stem) and len(other) <= len(word) + 3 for other in words):
        return True
    return len(word) >= _LEAST_FUZZY and any(_is_slip(word, other) for other in words)


def _is_slip(word: str, other: str) -> bool:
    """Tell whether one letter is wrong, left out or too many."""
    if abs(len(word) - len(other)) > 1 or word[0] != other[0]:
        return False
    same = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), None)
    if same is None:
        return True
    rests = word[same:], other[same:]
    return rests[0][1:] in (rests[1], rests[1][1:]) or rests[0] == rests[1][1:]


_INITIALS_OF_A_NAME = range(2, 6)
_INITIALS = re.compile(r"\b[^\W\d_]")


def _are_initials(name: str, text: str) -> bool:
    """Tell whether capitals are the first letters of words side by side: EU, European Union."""
    capitals = name.rstrip("s").removesuffix("'").replace(".", "")
    if len(capitals) not in _INITIALS_OF_A_NAME or not capitals.isupper():
        return False
    initials = "".join(_INITIALS.findall(text)).upper()
    return capitals in initials
