"""How likely a text is in a language, by the pairs of letters that langdetect has counted.

langdetect ships the counts of its 55 languages as files of JSON. It tells languages apart; asked
here is under which encoding the same bytes are most like a text of some language.
"""

import json
import math
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

_LEAST = 1e-7
"""The probability of a pair, and of a letter, that was never seen."""
_COMMON_SIGNS = frozenset(
    "’‘“”„–—…•€£§©®°«»¿¡·´\u00a0、。，．：；？！（）「」『』【】《》〈〉・ー〜～\u3000％＋－／＝＆＃"
)
_INSIDE_WORDS = frozenset("’'‘-·–")
_SIGN, _RARE_SIGN, _GARBAGE = -5.0, -12.0, -22.0
_APOSTROPHE, _LEADING_APOSTROPHE = "\u2019", -6.0
_NARROW_KANA = range(0xFF61, 0xFFA0)
_SIGN_IN_WORD, _CAPITAL_IN_WORD = -18.0, -4.0
_FOREIGN = 0.02
"""The share of pairs that may be of another language of the same letters: names, loan words."""
_VARIANTS = {0x219: "ş", 0x21B: "ţ", 0x130: "i", 0x131: "ı", 0x6CC: "ي"}


@dataclass(frozen=True, slots=True)
class LetterProfile:
    """The probabilities of a language's single letters and of pairs; a word's edge is a blank."""

    singles: Mapping[str, float]
    pairs: Mapping[str, float]

    def probability(self, pair: str) -> float:
        """Return how likely a pair of letters is."""
        singles = self.singles.get(pair[0], _LEAST) * self.singles.get(pair[1], _LEAST)
        return 0.9 * self.pairs.get(pair, 0.0) + 0.1 * singles + _LEAST * _LEAST


def log_likelihood(pairs: Mapping[str, int], languages: Sequence[str]) -> float:
    """Return how likely pairs of letters are in the likeliest of some languages.

    A few of the pairs may be of any of the languages.
    """
    profiles = [profile_of(language) for language in languages]
    sums = [0.0] * len(profiles)
    for pair, count in pairs.items():
        likelihoods = [profile.probability(pair) for profile in profiles]
        common_share = _FOREIGN * sum(likelihoods) / len(likelihoods)
        for i, likelihood in enumerate(likelihoods):
            sums[i] += count * math.log((1 - _FOREIGN) * likelihood + common_share)
    return max(sums)


@cache
def profile_of(language: str) -> LetterProfile:
    """Return the profile of a language, by langdetect's name for it."""
    content = json.loads(files("langdetect").joinpath("profiles", language).read_text("utf-8"))
    single_counts: Counter[str] = Counter()
    pair_counts: Counter[str] = Counter()
    for gram, count in content["freq"].items():
        folded = "".join(map(_folded, gram))
        if len(folded) == 1:
            single_counts[folded] += count
        elif len(folded) == 2:  # noqa: PLR2004
            pair_counts[folded] += count
    letters, pairs, _ = content["n_words"]
    blank = sum(count for gram, count in pair_counts.items() if gram[0] == " ")
    singles = {gram: count / (letters + blank) for gram, count in single_counts.items()}
    singles[" "] = blank / (letters + blank) or _LEAST
    return LetterProfile(singles, {gram: count / pairs for gram, count in pair_counts.items()})


@dataclass(frozen=True, slots=True)
class TextStatistics:
    """The pairs of letters of a text, and what its signs cost in any language."""

    pairs: Mapping[str, int]
    penalty: float


def statistics_of(text: str) -> TextStatistics:
    """Count the pairs of letters in a text, and add up what speaks against it in any language."""
    raw_pairs = Counter(zip(text, text[1:] + " ", strict=False))
    pairs: Counter[str] = Counter()
    penalty = 0.0
    for (first, second), count in raw_pairs.items():
        left, right = _folded(first), _folded(second)
        if left != " " or right != " ":
            pairs[left + right] += count
        penalty += count * _penalty(first, second)
    triples = Counter(zip(text, text[1:], text[2:], strict=False))
    for (before, sign, after), count in triples.items():
        if not sign.isascii() and before.isalpha() and after.isalpha() and _is_odd_inside(sign):
            penalty += count * _SIGN_IN_WORD
        elif sign == _APOSTROPHE and not before.isalpha() and after.isalpha():
            penalty += count * _LEADING_APOSTROPHE
    return TextStatistics(pairs, penalty)


def _is_odd_inside(sign: str) -> bool:
    return not sign.isalpha() and sign not in _INSIDE_WORDS and not _is_wide(sign)


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF"


@lru_cache(maxsize=1 << 16)
def _penalty(sign: str, after: str) -> float:
    """Return what a sign costs by itself, and a capital in the middle of a word."""
    if sign.isascii():
        return _GARBAGE if sign < " " and sign not in "\t\n\r\x0c" else 0.0
    if ord(sign) in _NARROW_KANA:
        return _RARE_SIGN
    if sign.isalpha():
        return _CAPITAL_IN_WORD if sign.islower() and after.isupper() else 0.0
    if unicodedata.category(sign) in {"Cc", "Cn", "Co", "Cs"} or sign == "\ufffd":
        return _GARBAGE
    if unicodedata.category(sign).startswith("M"):
        return 0.0
    return _SIGN if sign in _COMMON_SIGNS else _RARE_SIGN


@lru_cache(maxsize=1 << 16)
def _folded(sign: str) -> str:
    """Return a letter as the profiles have it; all that is no letter is a blank."""
    code = ord(sign)
    if code in _VARIANTS:
        return _VARIANTS[code]
    if 0x3041 <= code <= 0x309F:  # noqa: PLR2004
        return "あ"
    if 0x30A1 <= code <= 0x30FF or 0xFF66 <= code <= 0xFF9D:  # noqa: PLR2004
        return "ア"
    if 0x4E00 <= code <= 0x9FFF:  # noqa: PLR2004
        return _hanzi_class(sign)
    is_letter = sign.isalpha() or unicodedata.category(sign).startswith("M")
    return sign.lower()[:1] if is_letter else " "


def _hanzi_class(sign: str) -> str:
    from langdetect.utils.ngram import NGram

    return str(NGram.CJK_MAP.get(sign, sign))
