"""Lines of Arabic, Hebrew and the like, in the order in which they are read.

A PDF draws glyphs at places; in which order a file names them, and which brackets it mirrors,
differs from writer to writer. So a line's letters are put in the order of the eye, from left to
right, and the bidirectional algorithm (Unicode Standard Annex #9) is undone.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ingest.parse.pdf.lines import Word

LEFTWARD = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
"""Letters and signs of scripts that are read from right to left."""

_GAP = 0.19
"""Ems of white that part two words."""
_SAME_PLACE = 0.02
"""Ems between letters of one glyph: a ligature, a letter and its vowel sign."""
_SEPARATORS = {"ES", "CS"}
_BRACKETS = dict(zip("()[]{}<>«»", ")(][}{><»«", strict=True))
_OPENING = frozenset("([{<«")
_LETTERS = frozenset({"R", "AL", "L", "EN", "AN"})
_LEAST_LEFTWARD = 0.25
"""The share of a line's letters from which on it is read leftwards, on such a page."""


class PlacedLetter(NamedTuple):
    """A letter with its box in points from the page's top left; white space has a box, too."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float


class Cluster(NamedTuple):
    """Letters at one place, and their class in the bidirectional algorithm."""

    text: str
    kind: str
    x0: float
    y0: float
    x1: float
    y1: float


def words_in_reading_order(
    letters: Sequence[PlacedLetter], size: float, *, is_page_leftward: bool
) -> list[Word]:
    """Return a line's words as they are read, their letters too; boxes are in points."""
    clusters = _clusters(letters, size)
    least_share = _LEAST_LEFTWARD if is_page_leftward else 0.5
    ordered = _mend_brackets(_undo_bidi(clusters, least_share))
    words: list[Word] = []
    run: list[Cluster] = []
    for cluster in [*ordered, _BLANK]:
        if cluster.kind != "WS":
            run.append(cluster)
            continue
        if run:
            words.append(_word(run))
        run = []
    return words


_BLANK = Cluster(" ", "WS", 0.0, 0.0, 0.0, 0.0)


def _word(run: Sequence[Cluster]) -> Word:
    text = (
        unicodedata.normalize("NFKC", "".join(cluster.text for cluster in run))
        if any(_is_presentation_form(cluster.text) for cluster in run)
        else "".join(cluster.text for cluster in run)
    )
    return Word(
        text,
        min(cluster.x0 for cluster in run),
        min(cluster.y0 for cluster in run),
        max(cluster.x1 for cluster in run),
        max(cluster.y1 for cluster in run),
    )


def _is_presentation_form(text: str) -> bool:
    return any("\ufb1d" <= letter <= "\ufefc" for letter in text)


def _clusters(letters: Sequence[PlacedLetter], size: float) -> list[Cluster]:
    """Return what stands at one place as one, from left to right, a blank where white is wide."""
    by_place = sorted(letters, key=lambda letter: letter.x0 + letter.x1)
    clusters: list[Cluster] = []
    for letter in by_place:
        before = clusters[-1] if clusters else None
        kind = _kind(letter.text)
        if before and before.kind != "WS" and _is_one_glyph(before, letter, kind, size):
            is_mark_first = before.kind == "NSM"
            text = letter.text + before.text if is_mark_first else before.text + letter.text
            clusters[-1] = before._replace(
                text=text, kind=kind if is_mark_first else before.kind,
                x0=min(before.x0, letter.x0), x1=max(before.x1, letter.x1),
            )  # fmt: skip
            continue
        if before and kind != "WS" != before.kind and letter.x0 - before.x1 > _GAP * size:
            clusters.append(_BLANK)
        if kind != "WS" or (before and before.kind != "WS"):
            clusters.append(Cluster(letter.text, kind, *letter[1:]))
    return clusters


def _is_one_glyph(before: Cluster, letter: PlacedLetter, kind: str, size: float) -> bool:
    is_same_box = (
        abs(before.x0 - letter.x0) < _SAME_PLACE * size
        and abs(before.x1 - letter.x1) < _SAME_PLACE * size
    )
    middle = (letter.x0 + letter.x1) / 2
    is_over = "NSM" in {kind, before.kind} and before.x0 <= middle <= max(before.x1, letter.x1)
    return is_same_box or is_over


def _kind(text: str) -> str:
    return "WS" if text.isspace() else unicodedata.bidirectional(text[:1]) or "L"


def is_leftward(text: str) -> bool:
    """Tell whether most letters of a text are read from right to left."""
    kinds = Counter(map(unicodedata.bidirectional, text))
    return kinds["R"] + kinds["AL"] > kinds["L"]


def _undo_bidi(clusters: Sequence[Cluster], least_share: float) -> list[Cluster]:
    """Turn the order of the eye into that of reading."""
    leftward = sum(cluster.kind in {"R", "AL"} for cluster in clusters)
    rightward = sum(cluster.kind == "L" for cluster in clusters)
    if leftward >= least_share * (leftward + rightward):
        return _read_leftwards(clusters)
    ordered: list[Cluster] = []
    for is_to_turn, run in _leftward_runs(clusters):
        ordered += _read_leftwards(run) if is_to_turn else run
    return ordered


def _leftward_runs(clusters: Sequence[Cluster]) -> Iterator[tuple[bool, list[Cluster]]]:
    """Yield stretches from the first to the last letter that is read leftwards, and the others."""
    other: list[Cluster] = []
    run: list[Cluster] = []
    pending: list[Cluster] = []
    for cluster in clusters:
        if cluster.kind in {"R", "AL"}:
            if not run and other:
                yield False, other
                other = []
            run += [*pending, cluster]
            pending = []
        elif run and cluster.kind != "L":
            pending.append(cluster)
        elif run:
            yield True, run
            other, run, pending = [*pending, cluster], [], []
        else:
            other.append(cluster)
    if run:
        yield True, run
    yield False, [*pending, *other] if run else other


def _read_leftwards(clusters: Sequence[Cluster]) -> list[Cluster]:
    """Return a line that is read leftwards; Latin words and numbers in it keep their order."""
    ordered: list[Cluster] = []
    stretch: list[Cluster] = []
    strong = "R"
    for cluster in reversed(clusters):
        if cluster.kind in {"R", "AL"}:
            ordered += _neutral_stretch(stretch[::-1], strong)
            ordered.append(cluster)
            stretch, strong = [], cluster.kind
        else:
            stretch.append(cluster)
    return ordered + _neutral_stretch(stretch[::-1], strong)


def _neutral_stretch(stretch: list[Cluster], strong: str) -> list[Cluster]:
    """Order what stands between letters that are read leftwards; it comes as the eye sees it."""
    latin = [i for i, cluster in enumerate(stretch) if cluster.kind == "L"]
    if not latin:
        return _numbers(stretch, strong)
    first = latin[0]
    last = max(i for i, cluster in enumerate(stretch) if cluster.kind in {"L", "EN", "AN"})
    return [
        *_numbers(stretch[last + 1 :], strong),
        *stretch[first : last + 1],
        *_numbers(stretch[:first], "L"),
    ]


def _numbers(stretch: Sequence[Cluster], strong: str) -> list[Cluster]:
    """Reverse a stretch, its numbers aside; after Arabic letters only a comma or point joins."""
    joining = {"CS"} if strong == "AL" else _SEPARATORS
    units: list[list[Cluster]] = []
    for i, cluster in enumerate(stretch):
        before = stretch[i - 1].kind if i else ""
        after = stretch[i + 1].kind if i + 1 < len(stretch) else ""
        is_digit = cluster.kind in {"EN", "AN"}
        goes_on = (
            (is_digit and before in {"EN", "AN"})
            or (cluster.kind in joining and before == after and before in {"EN", "AN"})
            or (is_digit and before in joining and i > 1 and stretch[i - 2].kind == cluster.kind)
            or (strong != "AL" and {cluster.kind, before} == {"EN", "ET"})
            or (strong != "AL" and cluster.kind == before == "ET")
        )
        if goes_on and units:
            units[-1].append(cluster)
        else:
            units.append([cluster])
    return [cluster for unit in reversed(units) for cluster in unit]


def _mend_brackets(ordered: list[Cluster]) -> list[Cluster]:
    """Turn brackets that a writer mirrored: one that closes before its partner opens, or alone."""
    mended = list(ordered)
    waiting: list[int] = []
    for i, cluster in enumerate(ordered):
        sign = cluster.text
        if sign not in _BRACKETS:
            continue
        partner = next((j for j in reversed(waiting) if ordered[j].text == _BRACKETS[sign]), None)
        if partner is None:
            waiting.append(i)
            continue
        waiting.remove(partner)
        if sign in _OPENING:
            mended[partner] = mended[partner]._replace(text=sign)
            mended[i] = cluster._replace(text=_BRACKETS[sign])
    for i in waiting:
        before = ordered[i - 1].kind if i else "WS"
        after = ordered[i + 1].kind if i + 1 < len(ordered) else "WS"
        is_closing = before in _LETTERS and after not in _LETTERS
        is_opening = after in _LETTERS and before not in _LETTERS
        is_turned = is_closing if ordered[i].text in _OPENING else is_opening
        if is_turned:
            mended[i] = ordered[i]._replace(text=_BRACKETS[ordered[i].text])
    return mended
