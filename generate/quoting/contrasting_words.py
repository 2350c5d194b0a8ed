"""Common words that tell like things apart: the third quarter, the fare for children, the night.

A sentence about the first quarter or about adults reads almost like the one that was asked for. A
word of the question is missed only where the sentence has another word of its group: what a text
says in other words is no contrast.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from generate.facts.word_groups import Sides, any_form, read_groups
from generate.quoting.named_things import NamedThing

_GROUPS = """
adult adults grown-up grown-ups - child children kid kids - student students pupil pupils
  - senior seniors pensioner pensioners retiree retirees - infant infants baby babies
man men male males - woman women female females
boy boys - girl girls
spring - summer - autumn - winter
morning mornings - noon midday - afternoon afternoons - evening evenings - night nights
minimum least lowest - maximum highest
breakfast - lunch - dinner supper
weekday weekdays - weekend weekends
imported import imports - exported export exports
arrive arrives arrived arrival - depart departs departed departure leaves
opens opened - closes closed
begin begins began begun start starts started - end ends ended finish finishes finished
born birth - died dies die death
upstairs - downstairs
indoors - outdoors
"""
"""A line is a group: words for one thing, a hyphen, words for another."""
_GROUPS_BEFORE_A_NOUN = """
first 1st q1 - second 2nd q2 - third 3rd q3 - fourth 4th q4 - fifth 5th - sixth 6th
  - seventh 7th - eighth 8th - ninth 9th - tenth 10th - ground
small - medium - large big
short - long
senior - junior - deputy vice assistant
hourly - daily - weekly - monthly - quarterly - yearly annual
hour - day - night - week - month - year
upper - lower - middle
left - right
north northern - south southern - east eastern - west western
single - double - triple
internal inner - external outer
indoor - outdoor
front - back rear
summer - winter
red - green - blue - yellow - black - white - brown - grey gray - orange
adult - child children's - student
part-time - full-time
domestic - international foreign
input - output
gross - net
"""
"""These count where the same noun follows: a month ticket, a year ticket."""
_WORD = re.compile(r"[^\W_][\w'\u2019-]*")


def contrasts(question: str) -> Iterator[NamedThing]:
    """Yield the words of the question that belong to a group, in its order.

    Where the question has words of two sides of a group, neither tells things apart.
    """
    matches = list(_WORD.finditer(question))
    spoken = {match.group().casefold() for match in matches}
    for match, following in zip_longest(matches, matches[1:]):
        word = match.group().casefold()
        groups = [(sides, "") for sides in _OF_WORD.get(word, ())]
        if following is not None:
            noun = rf"[\s-]+{any_form(following.group())}"
            groups += [(sides, noun) for sides in _OF_WORD_BEFORE_A_NOUN.get(word, ())]
        for sides, behind in groups:
            own = next(side for side in sides if word in side)
            others = [other for side in sides if side is not own for other in side]
            if spoken.isdisjoint(others):
                yield NamedThing(
                    match.group(),
                    "contrast",
                    pattern=_pattern(own),
                    rival=_pattern(others, behind),
                )


def _pattern(words: Sequence[str], behind: str = "") -> re.Pattern[str]:
    choice = "|".join(map(re.escape, words))
    return re.compile(rf"(?<![\w-])(?:{choice}){behind}(?!\w)", re.IGNORECASE)


def _by_word(listing: str) -> dict[str, list[Sides]]:
    by_word: dict[str, list[Sides]] = {}
    for sides in read_groups(listing):
        for word in {word for side in sides for word in side}:
            by_word.setdefault(word, []).append(sides)
    return by_word


_OF_WORD = _by_word(_GROUPS)
_OF_WORD_BEFORE_A_NOUN = _by_word(_GROUPS_BEFORE_A_NOUN)
