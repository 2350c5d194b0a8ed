"""The words of a sentence that look like what was asked for, by rules: the default reader."""

import re
from collections.abc import Iterator, Sequence

from generate.quoting.question_types import AnswerKind, answer_kind
from generate.quoting.span_reader import Calibration, Reading
from index.text.analyzer import analyse
from index.text.content_terms import content_terms

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
_DATE = re.compile(
    rf"""\b(?:\d{{1,2}}(?:st|nd|rd|th)?\s+)?{_MONTH}(?:\s+\d{{1,2}}(?:st|nd|rd|th)?)?(?:,?\s+\d{{3,4}})?\b
    | \b(?:early\ |mid-?\ ?|late\ )?(?:the\ )?\d{{1,2}}(?:st|nd|rd|th)\ centur(?:y|ies)\b
    | \b\d{{3,4}}s?(?:\s(?:AD|BC|BCE|CE))?\b""",
    re.VERBOSE,
)
_AMOUNT = re.compile(
    r"""[$\u20ac\u00a3]?\b\d+(?:[.,]\d+)*(?:\s?%|\s(?:hundred|thousand|million|billion))*(?:\s[a-z]+)?
    | \b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty
    |hundred|thousand|million|billion|half|third|quarter|once|twice)\b(?:\s[a-z]+)?""",
    re.VERBOSE | re.IGNORECASE,
)
_NAME = re.compile(
    r"\b[A-Z][\w'\u2019-]*(?:\s(?:(?:of|de|la|the|van|von|al|and\sthe)\s)?[A-Z][\w'\u2019-]*)*"
)
_FORMS = {"number": _AMOUNT, "date": _DATE, "name": _NAME}
_WORD = re.compile(r"\w[\w'\u2019-]*")
_OPENING = frozenset(
    {"A", "An", "At", "For", "He", "In", "It", "On", "She", "That", "The", "They", "This"}
)


class PatternReader:
    """Highlights a number, a date or a name where the question asks for one; knows no more."""

    name = "patterns"
    calibration = Calibration()

    def read(
        self, question: str, text: str, spans: Sequence[tuple[int, int]]
    ) -> list[Reading | None]:
        """Return the fitting words that stand nearest to the question's own, in each span."""
        kind = answer_kind(question)
        question_terms = frozenset(content_terms(question))
        return [_nearest(kind, question_terms, text, span) for span in spans]


def _nearest(
    kind: AnswerKind, question_terms: frozenset[str], text: str, span: tuple[int, int]
) -> Reading | None:
    form = _FORMS.get(kind.name)
    if form is None:
        return None
    sentence = text[span[0] : span[1]]
    places = [
        m.start()
        for m in _WORD.finditer(sentence)
        if question_terms.intersection(analyse(m.group()))
    ]
    spans = list(_fitting(form, question_terms, sentence))
    if not spans:
        return None

    def distance(at: tuple[int, int]) -> float:
        return sum(min(abs(at[0] - p), 100) for p in places) / max(len(places), 1)

    start, end = min(spans, key=distance)
    return Reading(span[0] + start, span[0] + end, 0.0)


def _fitting(
    form: re.Pattern[str], question_terms: frozenset[str], sentence: str
) -> Iterator[tuple[int, int]]:
    """Yield the places that fit and are not the question's own words."""
    for match in form.finditer(sentence):
        if match.group() in _OPENING and match.start() == 0:
            continue
        terms = set(analyse(match.group()))
        if terms and not terms <= question_terms:
            yield match.span()
