"""A document's title: what it calls itself, or its file's name where that says nothing."""

import re
from pathlib import PurePath

_SAYS_NOTHING = re.compile(
    r"""(?:sheet|tabelle|feuil|hoja|foglio|blad|sayfa|slide|folie|document|dokument|presentation
        |workbook|page|book|untitled|new|copy|scan|img|image|chapter|part)[\s_-]*\d*
    | (?:microsoft\s(?:word|powerpoint|excel)\s-\s.*)
    | overview|introduction|contents|table\sof\scontents|index|home|readme|summary|abstract
    | about|notes?|untitled\s\w+|new\s\w+(?:\s\w+)?|no\stitle|title|faq|general|main|data
    | (?:form\s)?(?:10|8|20|40|6)-?[kqf](?:/a)?|form\s\d{1,2}-[a-z]
    | (?:interim|half-year(?:ly)?)\sreport
    | (?:consolidated\s)?(?:annual|quarterly|financial)\s(?:report|statements?)|geschäftsbericht
    | united\sstates(?:\ssecurities\sand\sexchange\scommission.*)?
    | [\W\d_]*""",
    re.IGNORECASE | re.VERBOSE,
)
"""Titles that programs fill in, or that any document may have."""
_WORD = re.compile(r"[^\W\d_]+|\d+")
_COVER = 6_000
"""Characters at the start of a report that name its company and its period."""
_COMPANY_FORM = (
    r"(?:Inc|Corp|Corporation|Incorporated|Company|Co|Ltd|Limited|PLC|plc|LLC|L\.P|LP|AS|ASA|AB|A/S|ApS"
    r"|Oyj?|GmbH|AG|SE|KGaA|S\.?A|SAS|N\.?V|B\.?V|S\.?p\.?A|Group|Holdings?|Trust|Bank)\.?"
)
_COMPANY = re.compile(rf"^[^\W\d_a-z][^\n|:;?!]{{1,70}}?,?\s{_COMPANY_FORM}$", re.MULTILINE)
_REGISTRANT = re.compile(
    r"^(?P<name>[^\n|]{2,80})\n+\(?exact\sname\sof\s(?:the\s)?registrant",
    re.IGNORECASE | re.MULTILINE,
)
_DAY = r"(?:[A-Z]\w+\s\d{1,2},\s\d{4}|\d{1,2}\.?\s\w+\s\d{4}|\d{4}-\d\d-\d\d)"
_FORM = re.compile(r"\bform\s\d{1,2}-[a-z](?:/a)?(?!\w)", re.IGNORECASE)
_PERIOD = re.compile(
    rf"\b(?P<kind>(?:fiscal\s|financial\s)?year|(?:fiscal\s)?quarter|quarterly\speriod"
    rf"|(?:three|six|nine)\smonths)\s(?:ended|ending)\s(?P<day>{_DAY})",
    re.IGNORECASE,
)
_NAME_LIKE = re.compile(r"[^\W\d_]{4,}")


def document_title(own_title: str, filename: str, text: str = "") -> str:
    """Return the title that a document gives itself, or the name of its file.

    Where the title says nothing, the company and the period on a report's cover stand in, else the
    file's name if it has a word.
    """
    stem = _stem(filename)
    if _SAYS_NOTHING.fullmatch(own_title.strip()) and (report := _report(text[:_COVER])):
        return report
    if _SAYS_NOTHING.fullmatch(own_title.strip()) and _NAME_LIKE.search(stem):
        return stem
    return own_title.strip() or filename


def _report(cover: str) -> str:
    """Return the company and the period that a report is about; nothing where one is not said."""
    company = _REGISTRANT.search(cover) or _COMPANY.search(cover)
    period = _PERIOD.search(cover)
    if company is None or period is None:
        return ""
    name = company.groupdict().get("name") or company.group()
    kind, day = (" ".join(period[part].split()) for part in ("kind", "day"))
    form = _FORM.search(cover)
    words = (name, form.group() if form else "", f"{kind.lower()} ended {day}")
    return ", ".join(" ".join(each.split()) for each in words if each)


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
