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
    | (?:which|what|who|either|neither|none|one|each)\sof\s(?:the\s)?(?:two|three|both)(?!\s\w+s\b)
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
    r"|(?:(?:only|even|just|not|also)\s)?"
    r"(?:in|on|at|for|with|from|by|during|after|before|to|of|under|without)\s(?:\S+\s){0,3}\S+\?$",
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
        r"|diese[nmrs]?|jene[nmrs]?|dort(?!\s(?:drüben|oben|unten))|davon|dafür|damit|dazu|darin|dabei"
        r"|(?<!gibt\s)(?<!ist\s)(?<!war\s)es"
        r"|(?<=\s)(?:das|die|der)(?=\s*\?|\s(?:nicht|auch|noch|genug|zu))|d(?:as|er|ie|en)\sandere[nmrs]?(?=\s*\?)",
        r"und|aber|was\sist\smit|wie\ssteht\ses\smit|nur\s(?:am|im|an|in|für|mit|bei)|auch\s(?:am|im|für|bei|mit|ohne)",
        r"warum|wann|wo|wer|wie|wieso|weshalb|wie\sviele?|wie\slange|seit\swann|bis\swann|wozu"
        r"|wie\soft|warum\snicht|um\swie\sviel",
    ),
    "french": _language(
        r"(?<!-t-)(?<!est-)(?<!faut-)ils?(?!\sy\sa)|(?<!-t-)elles?|lui|leurs?|cel(?:ui|le)(?:-ci|-là)?|ceux-ci"
        r"|cela|ça|son|sa|ses|ce\sdernier"
        r"|(?:dure|coûte|ouvre|ferme|commence|existe|sert|va|fait|sera|est|sont|a|peut|doit)-(?:t-)?(?:il|elle)s?(?=\s*\?)"
        r"|(?:qui|où|quand|comment|pourquoi|combien)\sl['\u2019](?=a|avait|ont|est)|l['\u2019]autre(?=\s*\?)",
        r"et|mais|qu'en\sest-il|seulement\s(?:le|la|les|en|pour)|même\s(?:pour|sans|avec|en|le)",
        r"pourquoi|quand|où|qui|comment|combien|depuis\squand|jusqu'à\squand|pourquoi\spas",
    ),
    "spanish": _language(
        r"él|ellas?|ellos|sus?|est[aeo]s?|es[aeo]s?|allí|ahí"
        r"|(?:(?<=quién\s)|(?<=dónde\s)|(?<=cómo\s)|(?<=cuándo\s))l[oa]s?"
        r"|(?:el|la)\sotr[oa](?=\s*\?)",
        r"y|pero|qué\shay\sde|qué\stal|s[oó]lo\s(?:en|los|las|para)|incluso\s(?:para|sin|con|en)",
        r"por\squé|cuándo|dónde|quién|cómo|cuánto|desde\scuándo|hasta\scuándo|por\squé\sno",
    ),
    "italian": _language(
        r"lui|lei|loro|ess[aoie]|su[ao]|suoi|sue|quest[aoie]|quell[aoi]|lì"
        r"|(?:chi|dove|quando|come|perché)\sl['\u2019](?=ha|hanno|è)|l['\u2019]altr[oa](?=\s*\?)",
        r"e|ma|che\sne|solo\s(?:in|per|nei|il)|anche\s(?:per|senza|con|in)",
        r"perché|quando|dove|chi|come|quanto|da\squando|fino\sa\squando|perché\sno",
    ),
    "portuguese": _language(
        r"el[ea]s?|seus?|suas?|isso|isto|ess[ea]s?|est[ea]s?|lá|del[ea]s?"
        r"|(?:quem|onde|quando|como)\s(?:o|a|os|as)(?=\s\w+(?:ou|eu|iu)\b)|(?:o|a)\soutr[oa](?=\s*\?)",
        r"e|mas|só\s(?:em|para|nos|aos)|mesmo\s(?:para|sem|com|em)",
        r"por\squê|quando|onde|quem|como|quanto|desde\squando|até\squando|por\sque\snão",
    ),
    "dutch": _language(
        r"hij|zij|ze|hem|haar|hun|dit(?!\s\w)|deze(?!\s\w)|daar|ervan|ermee|erover|ervoor"
        r"|(?<=\s)(?:die|dat)(?=\s*\?|\s(?:niet|ook|nog|genoeg|te)\b)|de\sandere(?=\s*\?)",
        r"en|maar|hoe\szit\shet\smet|alleen\s(?:op|in|voor)|ook\s(?:voor|bij|in|met|zonder)",
        r"waarom|wanneer|waar|wie|hoe|hoeveel|sinds\swanneer|tot\swanneer|waarom\sniet|hoe\slang",
    ),
    "turkish": _language(
        r"onun|ona|onu|onlar\w*|bun\w*|şu|orada|oraya|bu(?=\s)",
        r"peki|ya|ve|ama",
        r"neden|niçin|ne\szaman|nerede|kim|nasıl|kaç|ne\szamandan\sberi|ne\szamana\skadar",  # noqa: RUF001 - Turkish
    ),
    "russian": _language(
        r"он[аои]?|его|её|ее|их|ему|ей|им|эт[аоиу]|этот|этого|этой|там|туда",  # noqa: RUF001
        r"а|и|но",  # noqa: RUF001 - Cyrillic
        r"почему|когда|где|кто|как|сколько"
        r"|с\sкаких\sпор|до\sкаких\sпор",  # noqa: RUF001 - Cyrillic
    ),
}
_ASKS = {
    name: re.compile(rf"\W*(?:{words})\b" if words else "\\s*\u00bf", re.IGNORECASE)
    for name, words in (
        ("german", r"wer|wie|was|wo|wann|warum|welche[rsnm]?|und|gilt|reicht|kostet"),
        ("french", r"qui|où|combien|comment|est-ce|et|quel(?:le)?s?|depuis"),
        ("spanish", ""),
        ("italian", r"chi|dove|quanto|perché|quell[oa]|quest[oa]|da\squando"),
        ("portuguese", r"quem|onde|quanto|isso|isto|desde"),
        ("dutch", r"wie|hoe|waar|wat|is\sdat|sinds"),
        ("turkish", r"bu|onu|onun|peki|ya"),
    )
}
"""How questions begin that are too short for their language to be told by its small words."""
_CHINESE = re.compile(
    r"[他她它]|[这那其该](?!么多)|^(?:那|那么|还有|为什么|(?:从|到)?什么时候(?:开始)?[?\uff1f]?$)|呢[?\uff1f]?$|^另一(?![边侧方])"
)
_JAPANESE = re.compile(
    r"[それこ]れ(?:は|を|が|の)|その|彼女?|^(?:では|じゃあ|(?:なぜ|いつ)[?\uff1f]?$)"
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_OTHER = re.compile(
    r"""(?:\bthe\sother | \b(?:der|die|das|den|dem|des)\sandere[nmrs]? | \bl['\u2019]autre
    | \b(?:el|la)\sotr[oa] | \bl['\u2019]altr[oa] | \b[oa]\soutr[oa] | \bde\sandere
    | \bdi\u011fer\w* | \b\u0434\u0440\u0443\u0433(?:\u043e\u0439|\u0430\u044f|\u043e\u0435)
    | \u53e6\u4e00)
    (?!\s*(?:sides?|hand|end|day|way|seite|ufer|c\u00f4t\u00e9|lado|lato|kant|taraf\w*
      |[\u8fb9\u4fa7\u65b9]))""",
    re.IGNORECASE | re.VERBOSE,
)
"""The other one of two that were spoken of before."""
_ONE = re.compile(
    r"\b(?:one|each|some|eine?[nmrs]?|l['\u2019]un|un[oa]?|uma?|een|bir\w*"
    r"|\u043e\u0434(?:\u0438\u043d|\u043d\u0430))\b|\u4e00[\u4e2a\u8258]",
    re.IGNORECASE,
)
"""The one that "the other" goes with, in the same question."""
_ITS_OWN = re.compile(
    r"^\W*(?:when|why|how|where)\s(?:do|does|did|has|have|had|will|can|must|should)"
    r"\s(?:the|an?)\s.*\b(?:its|their|his|her)\b",
    re.IGNORECASE,
)
"""A possessive that may belong to the subject: when did the board sell its boats."""
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
    if not _VERB.search(text) and _is_short_follow_up(text):
        return True
    if _GOES_ON.match(text):
        return True
    if len(content_terms(text)) > _MANY_TERMS:
        return False
    return _points_back(_POINTS_BACK, _EXPLETIVE.sub("", _CONFIRMS.sub("", text)))


def _is_short_follow_up(text: str) -> bool:
    """Tell of a question that is too short for its language to be told by its small words."""
    if any(language.starts.search(text) for language in _LANGUAGES.values()):
        return True
    openings = (name for name, words in _ASKS.items() if words.match(text))
    return any(_points_back(_LANGUAGES[name].pronouns, text) for name in openings)


def _points_back(pronouns: re.Pattern[str], text: str) -> bool:
    """Tell whether a pronoun has nothing in its own question to point at."""
    pronoun = pronouns.search(text)
    if pronoun is None:
        other = _OTHER.search(text)
        return other is not None and not _ONE.search(text[: other.start()])
    before = text[: pronoun.start()]
    if _ITS_OWN.match(text) and pronoun.group().casefold() in ("its", "their", "his", "her"):
        return False
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
