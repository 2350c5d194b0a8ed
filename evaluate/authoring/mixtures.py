"""Statements that put a question's words beside a value: the right one, or another sentence's.

A test for verifiers of what small models do: asked what the first lighthouse cost, such a model
takes the price of another thing ("The first lighthouse cost 9 crowns"). Every word of a mixture
stands in the question or in its evidence; what it says does not. The statement with the right value
and the sentence that has it is a paraphrase as people make them, for questions are seldom worded as
their documents. ``benchmarks/contradictions.py --mixtures`` measures the verifier on both.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evaluate.datasets.schema import Sample
from index.text.sentence_splitter import split_sentences

MIXED, BOUND = "mixture", "statement"
"""Kinds: with the value of another sentence, and with the right one."""

_QUESTION = re.compile(
    r"(?P<preposition>(?:in|on|at|by|for|from|to|with|of|during|under|since|until)\s+)?"
    r"(?P<word>who|whom|what|which|when|where|how)\b(?P<rest>.*?)\s*\??",
    re.IGNORECASE,
)
_AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|did|does|do|has|have|had|can|could|will|would|should|may|must)\b",
    re.IGNORECASE,
)
_EMPTY_AUXILIARIES = frozenset({"did", "does", "do"})
"""They stand in questions alone."""
_SUBJECT_FIRST = re.compile(r"\s*(?:(?:the|a|an|his|her|its|their)\s|[A-Z])")
_COUNTING = re.compile(r"(?:many|much)\b\s*|(?:long|old|far|tall|high|large|big|often|fast)\b")
_LONGEST_ANSWER = 8
"""Words of an answer that can stand as a value."""

_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_KINDS = (
    re.compile(rf"\b(?:(?:\d\d?\s)?{_MONTH}\s(?:\d\d?,\s)?)?(?:1[0-9]|20)\d\d\b"),
    re.compile(
        r"(?:[$\u20ac\u00a3]\s?)?\b\d(?:[\d,.]*\d)?(?:\s(?:thousand|million|billion))?"
        r"(?:\s?%|\s[a-z]{3,}\b)?"
    ),
    re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}(?:\s(?:of\s|the\s)?[A-Z][a-z]{2,})*\b"),
)
"""Dates, amounts, names."""


@dataclass(frozen=True, slots=True)
class _Answered:
    """A question, its shortest answer, and the sentences of the document that has it."""

    question: str
    answer: str
    sentences: Sequence[str]
    place: int
    """Which sentence has the answer."""


def mixtures(
    samples: Sequence[Sample], texts: Mapping[str, str], seed: int = 5
) -> Iterator[dict[str, object]]:
    """Yield a true statement of each question, and a mixture with a value of the same kind.

    The value is of the same document, or else of one drawn by lot. Both are lines for ``footnote
    evaluate verifier``, with the ``passage`` that the evidence stands in; ``texts`` are documents
    by their ids.
    """
    rng = random.Random(seed)
    for sample in samples:
        answered = _answered(sample, texts)
        if answered is None:
            continue
        claim = statement(answered.question, answered.answer)
        if claim is None:
            continue
        sentences = answered.sentences
        yield _line(claim, sentences[answered.place], sentences, BOUND)
        elsewhere = _sentences(rng.choice(list(texts.values())))
        others = list(_values(answered, sentences))
        if not others:
            sentences, others = elsewhere, list(_values(answered, elsewhere))
        if others:
            value, sentence = rng.choice(others)
            mixture = statement(answered.question, value) or value
            yield _line(mixture, sentence, sentences, MIXED)


def statement(question: str, value: str) -> str | None:
    """Return the question's words as a statement about a value; rough English, but its words.

    None where the question does not ask for one.
    """
    match = _QUESTION.fullmatch(question.strip())
    if match is None:
        return None
    rest, word = match["rest"].strip(), match["word"].lower()
    auxiliary = _AUXILIARY.search(rest)
    is_subject = word in {"who", "what", "which"} and not match["preposition"]
    if auxiliary is None:
        return _sentence(value, rest) if is_subject else None
    head, tail = rest[: auxiliary.start()], rest[auxiliary.end() :]
    verb = "" if auxiliary[0].lower() in _EMPTY_AUXILIARIES else auxiliary[0]
    if is_subject and verb and not _SUBJECT_FIRST.match(tail):
        return _sentence(value, verb, tail)
    counted_noun = _COUNTING.sub("", head) if word == "how" else ""
    return _sentence(tail, verb, (match["preposition"] or "").lower(), value, counted_noun)


def _sentence(*pieces: str) -> str:
    text = " ".join(" ".join(pieces).split())
    return f"{text[:1].upper()}{text[1:]}."


def _answered(sample: Sample, texts: Mapping[str, str]) -> _Answered | None:
    text = next((texts[key] for key in sample.gold if key in texts), None)
    if not (sample.answerable and sample.answers and text):
        return None
    answer = min(sample.answers, key=len)
    sentences = _sentences(text)
    place = next((i for i, sentence in enumerate(sentences) if answer in sentence), None)
    if place is None or len(answer.split()) > _LONGEST_ANSWER:
        return None
    return _Answered(sample.question, answer, sentences, place)


def _sentences(text: str) -> list[str]:
    return [" ".join(text[start:end].split()) for start, end in split_sentences(text)]


def _values(answered: _Answered, sentences: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield values of the answer's kind in sentences without the answer, each with its sentence."""
    pattern = next((p for p in _KINDS if p.search(f"a {answered.answer}")), None)
    answer, question = answered.answer.casefold(), answered.question.casefold()
    for sentence in sentences:
        if pattern is None or answer in sentence.casefold():
            continue
        for value in (match[0].strip() for match in pattern.finditer(sentence)):
            folded = value.casefold()
            if folded not in question and folded not in answer:
                yield value, sentence


def _line(claim: str, sentence: str, passage: Sequence[str], kind: str) -> dict[str, object]:
    label = "supported" if kind == BOUND else "not_supported"
    line = {"claim": claim, "evidence": [sentence], "label": label, "kind": kind}
    return {**line, "passage": "\n".join(passage)}
