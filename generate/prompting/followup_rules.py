"""Whether a question needs the conversation, and a follow-up made to stand alone. Rules.

A question that stands alone is searched for as it is: what was asked before changes nothing of it.
Ten languages are known by their pronouns and by the words that a follow-up begins with.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generate.quoting.named_things import NamedThing, named_things
from generate.types import Turn
from index.text.analyzer import analyse
from index.text.content_terms import content_terms
from index.text.language_detection import detect

_MANY_TERMS = 4
"""An English question with more content terms is searched for by them alone."""
_TURNS_BACK = 3
"""So many questions before are looked at, for a follow-up may follow another one."""
_WORD = re.compile(r"\w[\w'\u2019-]*")
_EXPLETIVE = re.compile(
    r"""\b(?:(?:is|was|isn't|will)\sit\s(?:\w+\s)?(?:possible|true|allowed|necessary|safe|legal|ok|okay
      |forbidden|required|better|best|worth|raining|snowing|cold|dark|that|to)
    | (?:does|did|will|would|can)\sit\s(?:take|cost|need|matter)
      \s(?:\w+\s){0,3}(?:to|for|if|when|that)
    | (?:what|which)\s(?:time|day)\sis\sit | is\sthere | are\sthere | was\sthere | were\sthere
    | gibt\ses | (?:ist|war)\ses\s(?:m\u00f6glich|erlaubt|verboten|n\u00f6tig|wahr)
    | y\sa-t-il | il\sy\sa(?:vait)? | est-il\s(?:possible|permis|vrai) | faut-il )\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""A pronoun that points at nothing."""
_POINTS_BACK = re.compile(
    r"""\b(?:
      it | its | itself | they | them | their | theirs | he | him | his | she | her | hers
    | (?:this|that|these|those)(?=\s*[?.!,]|\s(?:is|was|are|were|mean|means|work|works|ones?
      |apply|applies|happen|happens|take|change|cost|rule|case|time|place|person|year|kind|way)\b)
    | (?:is|was|are|were|does|did|do|about|of|for|like|after|before|from|with|in|on|at|to|than|by)
      \s(?:this|that|these|those)
    | (?:the|an|any|which|what|that|this)\s(?:\w+\s)?ones? | (?:the|any)\sothers?
    | the\s(?:former|latter|same|first|second|third|last)(?=\s*[?.!,]|\sone)
    | (?<!is\s)(?<!are\s)(?<!was\s)(?<!were\s)(?<!be\s)there | then(?=\s*\?) | instead(?=\s*\?)
    | else | such\sa
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_GOES_ON = re.compile(
    r"(?:and|but|so|or|also|then)\b(?!\s(?:far|called))|(?:what|how)\sabout\b|what\sif\b"
    r"|(?:why|when|where|who|how|which|how\s(?:much|many|long|often|so|come)|why\snot|really|since"
    r"\swhen|by\swhom|for\show\slong|until\swhen|what\selse|who\selse|any\sothers?|anything\selse"
    r"|tell\sme\smore|go\son|more|explain|for\sexample|such\sas\swhat)\s*[?.!]*$"
    r"|(?:in|on|at|for|with|from|by|during|after|before|to|of|under|without)\s(?:\S+\s){0,3}\S+\?$",
    re.IGNORECASE,
)
"""How a question begins that goes on from the one before; questions of one word."""
_CONFIRMS = re.compile(
    r",?\s*(?:correct|right|true|yes|no|is\s(?:that|this|it)\s(?:right|correct|true|so)"
    r"|isn't\s(?:it|that)(?:\sso)?|doesn't\sit|aren't\sthey|don't\sthey|am\sI\sright)\s*\?*$",
    re.IGNORECASE,
)
"""Words at the end of a question that ask whether the sentence before them is true."""
_VERB = re.compile(
    r"\b(?:is|are|was|were|do|does|did|can|could|may|might|must|should|will|would|has|have|had)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Language:
    """How a language points back."""

    pronouns: re.Pattern[str]
    starts: re.Pattern[str]
    """How a question begins that continues the one before; words that alone are no question."""


def _language(pronouns: str, starts: str, lone: str) -> _Language:
    opening = rf"^[\W_]*(?:(?:{starts})\b|(?:{lone})[\W_]*$)"
    return _Language(
        re.compile(rf"\b(?:{pronouns})\b", re.IGNORECASE), re.compile(opening, re.IGNORECASE)
    )


_LANGUAGES = {
    "german": _language(
        r"er|(?-i:sie)|ihn|ihm|ihre?|ihren|ihrem|ihrer|ihnen|seine?[nmrs]?|deren|dessen|dies"
        r"|diese[nmrs]?|jene[nmrs]?|dort|davon|dafür|damit|dazu|darin|dabei|(?<!gibt\s)es",
        r"und|aber|was\sist\smit|wie\ssteht\ses\smit",
        r"warum|wann|wo|wer|wie|wieso|weshalb|wie\sviele?|wie\slange",
    ),
    "french": _language(
        r"ils?|elles?|lui|leurs?|cel(?:ui|le)-ci|ceux-ci|cela|ça|son|sa|ses|ce\sdernier",
        r"et|mais|qu'en\sest-il",
        r"pourquoi|quand|où|qui|comment|combien",
    ),
    "spanish": _language(
        r"él|ellas?|ellos|sus?|est[aeo]s?|es[aeo]s?|allí|ahí",
        r"y|pero|qué\shay\sde|qué\stal",
        r"por\squé|cuándo|dónde|quién|cómo|cuánto",
    ),
    "italian": _language(
        r"lui|lei|loro|ess[aoie]|su[ao]|suoi|sue|quest[aoie]|quell[aoi]|lì",
        r"e|ma|che\sne",
        r"perché|quando|dove|chi|come|quanto",
    ),
    "portuguese": _language(
        r"el[ea]s?|seus?|suas?|isso|isto|ess[ea]s?|est[ea]s?|lá|del[ea]s?",
        r"e|mas",
        r"por\squê|quando|onde|quem|como|quanto",
    ),
    "dutch": _language(
        r"hij|zij|ze|hem|haar|hun|dit|deze|daar|ervan|ermee|erover|ervoor",
        r"en|maar|hoe\szit\shet\smet",
        r"waarom|wanneer|waar|wie|hoe|hoeveel",
    ),
    "turkish": _language(
        r"onun|ona|onu|onlar\w*|bun\w*|şu|orada|oraya|bu(?=\s)",
        r"peki|ya|ve|ama",
        r"neden|niçin|ne\szaman|nerede|kim|nasıl|kaç",  # noqa: RUF001 - Turkish
    ),
    "russian": _language(
        r"он[аои]?|его|её|ее|их|ему|ей|им|эт[аоиу]|этот|этого|этой|там|туда",  # noqa: RUF001
        r"а|и|но",  # noqa: RUF001 - Cyrillic
        r"почему|когда|где|кто|как|сколько",
    ),
}
_CHINESE = re.compile(
    r"[他她它]|[这那其该](?!么多)|^(?:那|那么|还有|为什么|什么时候)|呢[?\uff1f]?$"
)
_JAPANESE = re.compile(
    r"[それこ]れ(?:は|を|が|の)|その|彼女?|^(?:では|じゃあ|(?:なぜ|いつ)[?\uff1f]?$)"
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_JOINS = re.compile(r"\b(?:and|but|or|if|when|because|before|after|while|who|which|that)\b|,")
"""Conjunctions and commas: a pronoun after one may point at something in its own question."""


def needs_history(question: str) -> bool:
    """Tell whether a question is understood only from the turns before it."""
    text = question.strip()
    if _HAN.search(text) or _KANA.search(text):
        return bool((_JAPANESE if _KANA.search(text) else _CHINESE).search(text))
    language = "russian" if _CYRILLIC.search(text) else detect(_WORD.findall(text.casefold()))
    rules = _LANGUAGES.get(language or "")
    if rules is not None:
        return bool(rules.starts.search(text) or _points_back(rules.pronouns, text))
    if any(each.starts.search(text) for each in _LANGUAGES.values()) and not _VERB.search(text):
        return True
    if _GOES_ON.match(text):
        return True
    if len(content_terms(text)) > _MANY_TERMS:
        return False
    return _points_back(_POINTS_BACK, _EXPLETIVE.sub("", _CONFIRMS.sub("", text)))


def _points_back(pronouns: re.Pattern[str], text: str) -> bool:
    """Tell whether a pronoun has nothing in its own question to point at."""
    pronoun = pronouns.search(text)
    if pronoun is None:
        return False
    before = text[: pronoun.start()]
    return not (_JOINS.search(before) and len(content_terms(before)) > 1)


def standalone_question(question: str, history: Sequence[Turn]) -> str:
    """Append the earlier questions' content words where the question needs them.

    A question that stands alone, or that opens the conversation, comes back as it is. What it
    names itself takes the place of what was named before: the year, the number, the code.
    """
    earlier = [turn.text for turn in history if turn.speaker == "user"]
    if not earlier or not needs_history(question):
        return question
    question_things = named_things(question)
    words: dict[str, None] = {}
    covered = set(content_terms(question))
    for before in reversed(earlier[-_TURNS_BACK:]):
        words.update(dict.fromkeys(_words_of(before, covered, question_things)))
        if not needs_history(before):
            break
    return f"{question} {' '.join(words)}".strip()


def _words_of(
    before: str, covered: set[str], question_things: Sequence[NamedThing]
) -> Iterator[str]:
    """Yield the words that an earlier question adds, in its order."""
    replaced = " ".join(
        thing.words
        for thing in named_things(before)
        if thing.is_strict and any(thing.kind == other.kind for other in question_things)
    )
    new_terms = set(content_terms(before)) - covered - set(analyse(replaced))
    for word in _WORD.findall(before):
        if new_terms.intersection(analyse(word)):
            yield word
