"""How often a text's encoding is guessed right: ``python -m benchmarks.encodings``.

Texts of our own in 33 languages are written in the encodings that each is found in, and cut to
200 bytes, 2 kB and 20 kB from several places on. Right is what reads as the same text. Printed are
the shares of right ones, of wrong ones that named the right encoding as the second, and every pair
that was wrong somewhere.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.language_texts import TEXTS
from ingest.parse.common.encodings import guess_encoding

SIZES = (200, 2_000, 20_000)
_WRITTEN_IN = {
    "cp1252": "en fr de es pt it nl sv da no fi",
    "cp1250": "pl cs sk hu ro hr sl",
    "cp1254": "tr",
    "cp1251": "ru uk bg",
    "koi8_r": "ru",
    "koi8_u": "uk",
    "cp1253": "el",
    "cp1255": "he",
    "cp1256": "ar",
    "cp1257": "lt lv et",
    "cp874": "th",
    "iso8859_2": "pl cs hu",
    "iso8859_15": "fr",
    "iso8859_5": "ru",
    "iso8859_7": "el",
    "iso8859_9": "tr",
    "cp866": "ru",
    "cp932": "ja",
    "euc_jp": "ja",
    "gb18030": "zh-cn",
    "cp950": "zh-tw",
    "cp949": "ko",
}
PAIRS = [(name, language) for name, some in _WRITTEN_IN.items() for language in some.split()]


@dataclass(frozen=True, slots=True)
class Trial:
    """A text in an encoding, cut to a size, and the guess about it."""

    encoding: str
    language: str
    size: int
    is_right: bool
    is_named: bool
    """The right encoding is the guess or is named beside it."""


def trials(sizes: tuple[int, ...] = SIZES, starts: int = 5) -> Iterator[Trial]:
    """Guess every pair at every size, from several places of its text on."""
    for encoding, language in PAIRS:
        text = TEXTS[language]
        for size in sizes:
            for start in range(starts):
                first = start * len(text) // starts
                turned = text[first:] + text[:first]
                whole = turned * (1 + size // len(turned))
                data = whole.encode(encoding, "ignore")[:size]
                yield _trial(data, encoding, language, size)


def _trial(data: bytes, encoding: str, language: str, size: int) -> Trial:
    expected = data.decode(encoding, "ignore")
    guess = guess_encoding(data)
    is_right = data.decode(guess.name, "ignore") == expected
    rival_text = data.decode(guess.rival, "ignore") if guess.rival else None
    return Trial(encoding, language, size, is_right, is_right or rival_text == expected)


def main() -> None:
    """Print the shares and what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=5)
    results = list(trials(starts=parser.parse_args().starts))
    print(f"{len(PAIRS)} pairs of language and encoding, {len(results)} trials")
    for size in SIZES:
        of_size = [trial for trial in results if trial.size == size]
        right = sum(trial.is_right for trial in of_size) / len(of_size)
        named = sum(trial.is_named for trial in of_size) / len(of_size)
        print(f"{size:6} bytes: right {right:.3f}, right or named {named:.3f}")
    wrong = sorted({(t.encoding, t.language, t.size) for t in results if not t.is_right})
    for encoding, language, size in wrong:
        print("wrong somewhere:", encoding, language, size)


if __name__ == "__main__":
    main()
