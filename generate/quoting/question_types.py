"""Which kind of words would answer a question: a number, a date, a name, a reason."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.text.analyzer import analyse


@dataclass(frozen=True, slots=True)
class AnswerKind:
    """A kind of question, and how the words look that answer it."""

    question: re.Pattern[str]
    answer: re.Pattern[str]
    name: str = ""
    """``number``, ``date``, ``name`` (one that the question does not hold already), ``reason``."""

    def found_in(self, sentence: str, question_terms: Sequence[str]) -> float:
        """Return 1.0 where the sentence holds such words, else 0.0."""
        if self.name != "name":
            return float(bool(self.answer.search(sentence)))
        words = self.answer.findall(sentence)
        return float(any(not set(analyse(word)) <= set(question_terms) for word in words))


_ANYTHING = AnswerKind(re.compile(""), re.compile(""))
_KINDS = (
    AnswerKind(
        re.compile(
            r"\bhow (?:many|much|long|old|far|tall|large|big|high|often|fast)\b"
            r"|\bwhat (?:percent|percentage|number|amount|population|proportion|dose|rate)\b",
            re.IGNORECASE,
        ),
        re.compile(
            r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred"
            r"|thousand|million|billion|half|third|quarter|once|twice)\b",
            re.IGNORECASE,
        ),
        name="number",
    ),
    AnswerKind(
        re.compile(
            r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|century|decade|time|era|period)\b",
            re.IGNORECASE,
        ),
        re.compile(
            r"\b(?:1\d{3}|20\d{2}|\d{3,4}s|january|february|march|april|may|june|july|august"
            r"|september|october|november|december|centur(?:y|ies)|monday|tuesday|wednesday"
            r"|thursday|friday|saturday|sunday|summer|winter|spring|autumn)\b"
            r"|\b\d{1,4}\s?(?:AD|BC|BCE|CE)\b",
            re.IGNORECASE,
        ),
        name="date",
    ),
    AnswerKind(
        re.compile(
            r"\bwho(?:m|se)?\b|\bwhere\b|\b(?:what|which) (?:country|city|state|place|region"
            r"|county|river|continent|town|location|area|company|person)\b",
            re.IGNORECASE,
        ),
        re.compile(r"\b[A-Z][\w'\u2019-]+"),
        name="name",
    ),
    AnswerKind(
        re.compile(r"\bwhy\b|\bhow\b", re.IGNORECASE),
        re.compile(
            r"\b(?:because|due to|since|so that|in order to|by|through|therefore|thus|cause[ds]?"
            r"|as a result|reason|to)\b",
            re.IGNORECASE,
        ),
        name="reason",
    ),
)


def answer_kind(question: str) -> AnswerKind:
    """Tell by the question's words what kind of words would answer it."""
    return next((kind for kind in _KINDS if kind.question.search(question)), _ANYTHING)


_ASKS_FOR_MONEY = re.compile(
    r"\b(?:earn(?:s|ed)?|salar(?:y|ies)|wages?|income|price[ds]?|fees?|fares?|costs?|revenue|budget"
    r"|worth|how much money)\b",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"[$\u20ac\u00a3\u00a5]|\b(?:dollars?|euros?|pounds?|crowns?|francs?|yen|cents?|pence|[mbt]r?illion"
    r"|free|gratis|pric\w*|cost\w*|earn\w*|paid|pays?|salar\w+|wages?|fees?|fares?|worth|revenues?"
    r"|incomes?|percent|charg\w*|budget\w*)\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\bhow many (?:of the |other |more |different )?([a-z-]+)(?: ([a-z-]+))?", re.IGNORECASE
)


def lacks_kind(question: str, text: str) -> bool:
    """Tell whether a text has none of what the question asks for: money, or what is counted."""
    if _ASKS_FOR_MONEY.search(question) and not _MONEY.search(text):
        return True
    count_match = _COUNTED.search(question)
    terms = set(analyse(" ".join(filter(None, count_match.groups())))) if count_match else set()
    return bool(terms) and not terms & set(analyse(text))
