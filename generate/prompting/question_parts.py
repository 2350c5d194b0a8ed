"""A question as it is searched for: without instructions to a writer, and part by part. Rules."""

import re

from generate.prompting.followup_rules import standalone_question
from generate.types import Turn
from index.text.content_terms import content_terms

_MOST_PARTS = 4
_FEWEST_WORDS = 3
"""Words of a part; \"and when?\" belongs to what stands before it."""
_ROLE = re.compile(
    r"""^\s*(?:please[,\s]+)?(?:
      (?:assume|suppose|imagine|pretend)\s(?:that\s)?(?:you\sare|you're|to\sbe)\b[^.!?\n,:]*[.!,:]
    | (?:you\sare|you're|act\sas|acting\sas|answer\sas|speaking\sas|in\sthe\srole\sof)\s
      (?:an?|the|if)\b[^.!?\n,:]*[.!,:]
    | as\san?\s(?:\w+\s){0,4}\w*(?:analyst|expert|assistant|lawyer|doctor|nurse|teacher|engineer
      |student|scientist|journalist|manager|accountant|auditor|consultant|investor|beginner)\s*[,:]
    )\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_MANNER = re.compile(
    r"""(?:^|(?<=[.!?,;:])|(?<=\s))\s*(?:please\s)?(?:
      (?:answer|reply|respond|write|explain|say)\s(?:only\s|it\s|this\s|me\s|briefly\s)?
      (?:in|with|using|from|based\son|like)\s(?:[^.!?:]|:(?!\s))*(?:[.!?]|:(?=\s))
    | (?:use|using|based\son|according\sto|from|given)\s(?:only\s|just\s)?
      (?:the|these|this|your|my|our)\s(?:\w+\s)?(?:documents?|context|sources?|passages?|information|files?|text|data)
      (?:\s(?:provided|given|above|below))?\s*[,.:]?
    | (?:be\s(?:brief|concise|short|precise)|keep\sit\s(?:short|brief)|think\sstep\sby\sstep
      |step\sby\sstep|cite\s(?:your|the|all)\ssources?|do\snot\s(?:guess|make\sanything\sup)
      |take\sa\sdeep\sbreath|explain\slike\sI'?m\sfive|no\smore\sthan\s\w+\s(?:words|sentences))\b
      \s*[,.!]?
    )\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_COURTESY = re.compile(
    r"""^\s*(?:(?:hi|hello|hey|dear\s\w+|good\s(?:morning|day|evening))\b[\s,.!]*)?
    (?:please[,\s]+)?(?:(?:can|could|would|will)\s(?:you|someone|anyone)\s(?:please\s)?
      (?:tell\sme|let\sme\sknow|help\sme\s(?:find|understand)|look\sup|check|find\sout)\s+
    | (?:I\s(?:would\slike|want|need)|I'd\slike)\sto\s(?:know|find\sout|understand|learn)\s+
    | (?:do\syou\s(?:happen\sto\s)?know|tell\sme|I\swonder|I\swas\swondering)\s+
    )?(?=(?:if|whether|about|what|who|whom|whose|when|where|why|how|which)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_ASKS = (
    r"(?:what|who|whom|whose|when|where|why|how|which"
    r"|(?:is|are|was|were|does|do|did|can|may|must|should|will)"
    r"\s(?:the|it|they|there|he|she|we|I|you|an?)"
    r")\b"
)
_SPLIT = re.compile(
    rf"(?<=[?\uff1f])\s+(?=\S)|,?\s+(?:and|but|as\swell\sas)\s+(?:also\s)?(?={_ASKS})",
    re.IGNORECASE,
)


def without_instructions(question: str) -> str:
    """Leave out what tells a writer how to answer: it is no word of what is searched for.

    A question that is nothing but instructions comes back as it is.
    """
    text = _ROLE.sub("", question, count=1)
    text = _MANNER.sub(" ", text)
    text = _COURTESY.sub("", text, count=1)
    text = " ".join(text.split())
    return text if any(c.isalnum() for c in text) and content_terms(text) else question


def question_parts(question: str) -> tuple[str, ...]:
    """Return the questions that a question consists of, each standing alone; mostly itself."""
    pieces = [piece.strip(" ,") for piece in _SPLIT.split(question) if piece and piece.strip(" ,")]
    if not 1 < len(pieces) <= _MOST_PARTS or not all(map(_asks_something, pieces)):
        return (question,)
    before = [Turn("user", pieces[0])]
    standalone_parts = (pieces[0], *(standalone_question(piece, before) for piece in pieces[1:]))
    return tuple(dict.fromkeys(standalone_parts))


def _asks_something(piece: str) -> bool:
    """Tell whether a piece is a question with something in it that can be searched for."""
    asks = re.match(_ASKS, piece, re.IGNORECASE) or piece.endswith(("?", "\uff1f"))
    return bool(asks) and len(piece.split()) >= _FEWEST_WORDS
