"""Words of financial statements: fiscal years, abbreviations, lines that go by several names."""

import re

_FISCAL_YEAR = re.compile(
    r"\b(?:FY|fiscal\s(?:year\s)?)[\s'\u2019-]?(?:(?P<long>(?:19|20)\d\d)|(?P<short>\d\d))(?!\w)",
    re.IGNORECASE,
)
_LONG_FORMS = {
    "R&D": "research and development",
    "PP&E": "property, plant and equipment",
    "SG&A": "selling, general and administrative",
    "D&A": "depreciation and amortization",
    "EPS": "earnings per share",
    "COGS": "cost of goods sold",
    "capex": "capital expenditures",
    "YoY": "year over year",
}
_LONGEST_FIRST = "|".join(sorted(map(re.escape, _LONG_FORMS), key=len, reverse=True))
_ABBREVIATION = re.compile(rf"(?<![\w&])(?:{_LONGEST_FIRST})(?![\w&])")
_SAME_LINES = (
    ("revenue", "revenues", "net sales", "sales", "total revenue", "turnover"),
    ("cost of goods sold", "cost of sales", "cost of revenue"),
    ("net income", "net earnings", "net profit", "profit for the year"),
    ("operating income", "operating profit", "income from operations", "EBIT"),
    ("capital expenditures", "purchases of property, plant and equipment"),
    ("accounts receivable", "trade receivables"),
    ("accounts payable", "trade payables"),
    ("shareholders' equity", "stockholders' equity", "total equity"),
    ("inventory", "inventories"),
    ("cash", "cash and cash equivalents"),
)


def spell_out(question: str) -> str:
    """Return the question with fiscal years as years and abbreviations of statements in full."""
    in_full = _ABBREVIATION.sub(lambda match: _LONG_FORMS[match.group()], question)
    return _FISCAL_YEAR.sub(_as_year, in_full)


def _as_year(match: re.Match[str]) -> str:
    return f"fiscal year {match['long'] or '20' + match['short']}"


def other_names(question: str) -> tuple[str, ...]:
    """Return how else statements call the lines that the question names."""
    names: dict[str, None] = {}
    for line in _SAME_LINES:
        if any(re.search(rf"\b{re.escape(name)}\b", question, re.IGNORECASE) for name in line):
            names.update(dict.fromkeys(line))
    return tuple(names)
