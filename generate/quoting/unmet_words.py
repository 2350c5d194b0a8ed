"""Find out whether a sentence that has the asked name is about anything else that was asked.

"When is the lamp at Gull Stack lit?" is not answered by whatever else is told of Gull Stack.
"""

import re
from collections.abc import Sequence

from generate.quoting.candidates import Ranked
from generate.quoting.named_things import NamedThing
from index.text.analyzer import analyse

_LEAST = 0.3
"""A word of the question with a lower cosine to every token of the sentence is not met.

On 1,347 questions of SQuAD that name something, no other word is met by the sentence that answers
in .018, and by the best one where nothing answers in .049.
"""
_ASKED_FOR = re.compile(
    r"\b(?:what|which|whose|how\s+(?:many|much))\s+([\w-]+)"
    r"|\b(names?|terms?|titles?|words?|kinds?|types?|sorts?|dates?|years?|numbers?|amounts?"
    r"|professions?|occupations?|jobs?|roles?|nationality|reasons?|examples?)\b",
    re.IGNORECASE,
)
"""Words for what is asked for: the answer itself stands in their place."""


def unmet_words(question: str, sentence: Ranked, things: Sequence[NamedThing]) -> tuple[str, ...]:
    """Return the question's words beside what it names, if the sentence meets none of them.

    A word is also met by what stands around the sentence: neighbours, title, headings. Rows are
    found by their keys, and an embedder that shows no tokens knows nothing of words: both meet all.
    """
    words, candidate = sentence.likeness.words, sentence.candidate
    named_terms = {t for thing in things if thing.kind != "contrast" for t in analyse(thing.words)}
    if words is None or candidate.row is not None or not named_terms:
        return ()
    asked_for = {word for match in _ASKED_FOR.findall(question) for word in match}
    others = [
        (word, cosine)
        for word, cosine in words.by_word
        if named_terms.isdisjoint(analyse(word)) and word not in asked_for
    ]
    is_met = any(
        cosine >= _LEAST or not candidate.context.isdisjoint(analyse(word))
        for word, cosine in others
    )
    return () if is_met else tuple(word for word, _ in others)
