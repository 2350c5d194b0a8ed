"""Alter a sentence so that its source no longer supports it, or say the same in other words.

A metamorphic test for verifiers: ``ALTERATIONS`` has twelve ways to make a sentence say something
else, each by one change, ``PARAPHRASES`` six ways to leave its meaning. A way returns none where
the sentence offers nothing to change. Seeded: equal corpora give equal claims.
``benchmarks/contradictions.py`` writes them for ``footnote evaluate verifier``.
"""

import random
import re
from collections.abc import Callable, Iterator
from itertools import count

from index.text.sentence_splitter import split_sentences

SEED = 5
EACH = 100
"""Claims of each kind at most."""
_SHORTEST, _LONGEST = 40, 300
"""Characters of a sentence that is changed."""
_MONTHS = "January February March April May June July August September October November December"
_UNITS = {
    "kilometres": "miles", "miles": "kilometres", "km": "miles", "kilometers": "miles",
    "years": "months", "months": "weeks", "weeks": "days", "days": "hours", "hours": "minutes",
    "percent": "degrees", "million": "billion", "billion": "million", "dollars": "euros",
    "meters": "feet", "metres": "feet", "feet": "metres", "acres": "hectares", "tons": "pounds",
    "centuries": "decades", "decades": "centuries",
}  # fmt: skip
_VERB = re.compile(
    r"\b(is|was|were|are|has been|have been|had been|can|could|will|would)\b(?! not)"
)
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}(?: [A-Z][a-z]{3,})*\b")
_SPELLED = {"2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven"}

Change = Callable[[str, str, random.Random], str | None]


def number(sentence: str, _: str, rng: random.Random) -> str | None:
    """Change one number."""
    return _replace(r"\b\d[\d,.]*\d\b|\b\d\b", sentence, rng, lambda n: _other_number(n, rng))


def date(sentence: str, _: str, rng: random.Random) -> str | None:
    """Change a month, or a year by a few."""
    months = _MONTHS.split()
    new_sentence = _replace(
        rf"\b(?:{'|'.join(months)})\b(?= \d)", sentence, rng,
        lambda month: rng.choice([m for m in months if m != month]),
    )  # fmt: skip
    years = lambda year: str(int(year) + rng.choice([-10, -2, -1, 1, 2, 10]))  # noqa: E731
    return new_sentence or _replace(r"\b1[5-9]\d\d\b", sentence, rng, years)


def unit(sentence: str, _: str, rng: random.Random) -> str | None:
    """Change what a number counts."""
    words = "|".join(_UNITS)
    return _replace(rf"(?<=\d )(?:{words})\b", sentence, rng, _UNITS.__getitem__)


def swap(sentence: str, _: str, rng: random.Random) -> str | None:
    """Let two names change places, where they are not listed side by side."""
    names = list(dict.fromkeys(_NAME.findall(sentence)))
    if len(names) < 2:  # noqa: PLR2004 - a pair
        return None
    one, other = rng.sample(names, 2)
    if (
        one in other
        or other in one
        or re.search(
            rf"{one},? (?:and|or) {other}|{other},? (?:and|or) {one}|{one}, {other}|{other}, {one}",
            sentence,
        )
    ):
        return None
    return sentence.replace(one, "\0").replace(other, one).replace("\0", other)


def name(sentence: str, elsewhere: str, rng: random.Random) -> str | None:
    """Put a name of another sentence of the corpus in a name's place."""
    others = [n for n in _NAME.findall(elsewhere) if n not in sentence]
    return _replace(_NAME.pattern, sentence, rng, lambda _: rng.choice(others)) if others else None


def denial(sentence: str, _: str, __: random.Random) -> str | None:
    """Deny what is said, or say what is denied."""
    if re.search(r"\bnot\b", sentence):
        return re.sub(r"\s\bnot\b", "", sentence, count=1)
    return (
        _VERB.sub(lambda verb: _not(verb.group()), sentence, count=1)
        if _VERB.search(sentence)
        else None
    )


_DEMANDS = (
    (r"\b(?:must|may|can|shall|should) not\b|\bcannot\b", "may"),
    (r"\b(?:must|shall|has to|have to)\b(?! not)", "need not"),
    (r"\b(?:may|can)\b(?! not)", "must not"),
)
_ROLES = {
    "by": "to", "to": "from", "from": "to", "with": "without", "without": "with",
    "before": "after", "after": "before", "above": "below", "under": "over", "over": "under",
}  # fmt: skip
_OPPOSITES = {
    "increased": "decreased", "decreased": "increased", "higher": "lower", "lower": "higher",
    "largest": "smallest", "highest": "lowest", "opened": "closed", "began": "ended",
    "won": "lost", "lost": "won", "first": "last", "last": "first", "north": "south",
    "south": "north", "east": "west", "west": "east", "more": "fewer", "most": "least",
    "early": "late", "late": "early", "old": "new", "large": "small", "small": "large",
}  # fmt: skip
_ADDITIONS = (
    "who was once a thief", "which is owned by a bank", "who retired last spring",
    "which a storm destroyed", "a gift of the bishop",
)  # fmt: skip
_SOME = r"\b(?i:some|many|most|several|few)\b(?= [a-z])"


def demand(sentence: str, _: str, __: random.Random) -> str | None:
    """Allow what is forbidden, forbid what is allowed, exempt from what is required."""
    for pattern, other in _DEMANDS:
        if re.search(pattern, sentence):
            return re.sub(pattern, other, sentence, count=1)
    return None


def role(sentence: str, _: str, rng: random.Random) -> str | None:
    """Change who does it to whom: by, to, from, with."""
    return _replace(
        rf"(?<=[a-z] )(?:{'|'.join(_ROLES)})\b(?= [a-zA-Z])", sentence, rng, _ROLES.__getitem__
    )


def opposite(sentence: str, _: str, rng: random.Random) -> str | None:
    """Put a word's opposite in its place."""
    return _replace(rf"\b(?:{'|'.join(_OPPOSITES)})\b", sentence, rng, _OPPOSITES.__getitem__)


def addition(sentence: str, _: str, rng: random.Random) -> str | None:
    """Add a clause about the first name that nothing supports."""
    name_match = _NAME.search(sentence)
    if name_match is None or sentence[name_match.end() : name_match.end() + 2] in {"'s", ", "}:
        return None
    clause = rng.choice(_ADDITIONS)
    return f"{sentence[: name_match.end()]}, {clause},{sentence[name_match.end() :]}"


def limit(sentence: str, _: str, __: random.Random) -> str | None:
    """Say it of that alone."""
    return (
        _VERB.sub(lambda verb: f"{verb.group()} only", sentence, count=1)
        if _VERB.search(sentence)
        else None
    )


def extent(sentence: str, _: str, rng: random.Random) -> str | None:
    """Say of all what is said of some."""
    return _replace(_SOME, sentence, rng, lambda word: "All" if word[0].isupper() else "all")


def opened(sentence: str, _: str, __: random.Random) -> str | None:
    """Say who says so."""
    return f"According to the text, {sentence}"


def shortened(sentence: str, _: str, __: random.Random) -> str | None:
    """Leave out what stands in brackets, or an opening phrase."""
    shorter = re.sub(r"\s*\([^)]*\)", "", sentence)
    shorter = re.sub(
        r"^(?:In|On|At|By|During|After|Before|However|Moreover)\b[^,]{0,40},\s+", "", shorter
    )
    return shorter[:1].upper() + shorter[1:] if shorter != sentence else None


def spelled(sentence: str, _: str, rng: random.Random) -> str | None:
    """Write a number the other way."""
    new_sentence = _replace(r"(?<= )[2-7](?= [a-z])", sentence, rng, _SPELLED.__getitem__)
    back = {word: digit for digit, word in _SPELLED.items()}
    return new_sentence or _replace(
        rf"(?<= )(?:{'|'.join(back)})(?= [a-z])", sentence, rng, back.__getitem__
    )


def ending(sentence: str, _: str, __: random.Random) -> str | None:
    """Leave out the last clause."""
    shorter = re.sub(r",\s[^,]{5,60}[.]$", ".", sentence)
    return shorter if shorter != sentence else None


def reordered(sentence: str, _: str, __: random.Random) -> str | None:
    """Move an opening phrase of time or place to the end."""
    match = re.fullmatch(
        r"((?:In|On|At|During|After|Before) [^,]{3,40}), ([A-Za-z][^,;:]+)\.", sentence
    )
    if match is None:
        return None
    rest = match[2][:1].upper() + match[2][1:]
    return f"{rest} {match[1][:1].lower()}{match[1][1:]}."


def dated(sentence: str, _: str, __: random.Random) -> str | None:
    """Write a date or a large number in another notation."""
    months = "|".join(_MONTHS.split())
    new_sentence = re.sub(rf"\b({months}) (\d\d?), (\d{{4}})\b", r"\2 \1 \3", sentence, count=1)
    if new_sentence == sentence:
        new_sentence = re.sub(
            rf"\b(\d\d?) ({months})\b", lambda m: f"{m[1]} {m[2][:3]}", sentence, count=1
        )
    if new_sentence == sentence:
        new_sentence = re.sub(r"\b(\d{1,3}),(\d{3})\b(?!,)", r"\1\2", sentence, count=1)
    return new_sentence if new_sentence != sentence else None


ALTERATIONS: dict[str, Change] = {
    f.__name__: f
    for f in (
        number, date, unit, swap, name, denial, demand, role, opposite, addition, limit, extent,
    )
}  # fmt: skip
PARAPHRASES: dict[str, Change] = {
    f.__name__: f for f in (opened, shortened, spelled, ending, reordered, dated)
}


def claims(texts: list[str], seed: int = SEED) -> Iterator[dict[str, object]]:
    """Yield claims with their evidence until each kind has ``EACH``, or the corpus ends."""
    rng = random.Random(seed)
    claim_counts = dict.fromkeys({**ALTERATIONS, **PARAPHRASES}, 0)
    for number_of_text, text in zip(count(), texts, strict=False):
        sentences = [" ".join(text[a:b].split()) for a, b in split_sentences(text)]
        elsewhere = texts[(number_of_text + len(texts) // 2) % len(texts)]
        for position, sentence in enumerate(sentences):
            kind = rng.choice([k for k in claim_counts if claim_counts[k] < EACH] or [""])
            if not kind or not _SHORTEST < len(sentence) < _LONGEST:
                continue
            claim = {**ALTERATIONS, **PARAPHRASES}[kind](sentence, elsewhere, rng)
            if claim and claim != sentence:
                claim_counts[kind] += 1
                yield {
                    "claim": claim,
                    "evidence": sentences[max(0, position - 1) : position + 2],
                    "label": "not_supported" if kind in ALTERATIONS else "supported",
                    "kind": kind,
                }


def _replace(
    pattern: str, sentence: str, rng: random.Random, change: Callable[[str], str]
) -> str | None:
    matches = list(re.finditer(pattern, sentence))
    if not matches:
        return None
    one = rng.choice(matches)
    return sentence[: one.start()] + change(one.group()) + sentence[one.end() :]


def _other_number(number: str, rng: random.Random) -> str:
    position = rng.choice([i for i, sign in enumerate(number) if sign.isdigit()])
    digit = rng.choice([d for d in "123456789" if d != number[position]])
    return number[:position] + digit + number[position + 1 :]


def _not(verb: str) -> str:
    first, _, rest = verb.partition(" ")
    return f"{first} not {rest}".rstrip()
