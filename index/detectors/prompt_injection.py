"""Instructions addressed to a model: what a document or a question has no plain reason to say.

Heuristics over text without disguise. They look for the grammar of taking over (set aside what
you were told, you are now, reveal your prompt, forged turns of a chat), not for topics, so that
asking *about* such a thing stays possible. A writer who knows the rules can avoid them.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from operator import eq

import re2

from index.detectors.hidden_text import TAG, reveal_tags
from index.detectors.types import Finding
from index.text.normalization import plain

_SET_ASIDE = r"(?:ignore|disregard|forget|override|bypass|overlook|discard|drop|skip)"
_TOLD = (
    r"(?:instructions?|prompts?|directions?|directives?|guidelines?|rules?|commands?|orders"
    r"|context|constraints?|programming|training)"
)
_EARLIER = (
    r"(?:all|any|every(?:thing)?|previous(?:ly)?|prior|earlier|above|preceding|former|foregoing"
    r"|initial|original|existing|current|your|system)"
)
_GIVEN = (
    r"(?:above|web ?page|page|website|resume|cv|document|function|code|table|article|paper|text"
    r"|e?-?mail|content|passages?|question|input|user|request|conversation|story|data|task)"
)
_NOT_FOLLOW = (
    r"(?:(?:do not|don't|never|no longer)\s+(?:\w+\s+)?(?:follow|obey|heed)"
    r"|(?:stop|quit|cease)\s+(?:following|obeying|heeding))"
)
_SAY = (
    r"(?:state|say|output|print|respond|reply|answer|write|give|tell|return|show|provide|display"
    r"|list|claim|pretend|do|act|follow)"
)
_IGNORE_LATIN = (
    r"\bignor(?:a|es|en|ar|ez|er|iere|ieren|e(?!.{0,40}instructions?\b))\s+(?:\w+\s+){0,3}?"
)
_FORGET_LATIN = (
    r"(?:olvida|olvide|esquece|esqueca|dimentica|oublie|oubliez|vergiss|vergessen sie|negeer)\s+"
    r"(?:\w+\s+){0,3}?"
)
_RULES_LATIN = r"(?:instruc|istruzion|anweisung|befehl|regeln|consignes|ordenes|regras|reglas)\w*"
_WORDS = r"(?:\w+\s+){0,4}?"
_ELSEWHERE = "|".join(
    plain(words)[0]
    for words in (
        f"{_IGNORE_LATIN}{_RULES_LATIN}",
        f"{_FORGET_LATIN}{_RULES_LATIN}",
        r"(?:忽略|无视|忘记|無視).{0,8}(?:指示|指令|说明|提示|規則|规则)",
        r"(?:指示|命令|指令|ルール).{0,4}(?:無視|忘れ)",
        r"(?:지시|명령|규칙|지침).{0,5}(?:무시|잊)",
        r"(?:игнорируй|игнорируйте|забудь|забудьте)\s+(?:\w+\s+){0,3}?(?:инструкци|указани|правил)",
        r"(?:تجاهل|انس)\s+(?:\w+\s+){0,3}?(?:التعليمات|الأوامر)",
        r"(?:αγνοησε|αγνοηστε|ξεχασε)\s+(?:\w+\s+){0,3}?(?:οδηγι|εντολ)",
        r"\bno\s+(?:sigas|siga|obedezcas|obedezca)\s+(?:\w+\s+){0,3}?instruccion\w*\s+(?:anterior|previa)",
        rf"\bne\s+(?:suis|suivez|tiens|tenez)\s+(?:pas|plus)\s+{_WORDS}(?:instruction|consigne)\w*\s+(?:prece|anter)",
        r"\b(?:befolge|beachte)n?\s+(?:\w+\s+){0,3}?(?:bisher|vorher|fruher|obig|vorig)\w*\s+(?:anweisung|befehl)\w*\s+nicht",
        r"\bnon\s+(?:seguire|rispettare|considerare)\s+(?:\w+\s+){0,3}?istruzion\w*\s+(?:prece|anter)",
        r"\b(?:desconsider(?:e|a)|nao sig(?:a|as))\s+(?:\w+\s+){0,3}?instruc\w*\s+(?:anter|prev)",
        r"\b(?:zignoruj|ignoruj|pomin)\s+(?:\w+\s+){0,3}?(?:instrukcj|polecen)",
        r"\bignoruj\s+(?:\w+\s+){0,3}?(?:instrukc|pokyn)",
        r"\bignorera?\s+(?:\w+\s+){0,3}?(?:instruktion|instruks)",
        r"\bjata\s+huomiotta\s+(?:\w+\s+){0,3}?ohje",
        r"\bhagyd\s+figyelmen\s+kivul\s+(?:\w+\s+){0,4}?utasitas",
        r"\bignora\s+(?:\w+\s+){0,3}?instructiun",
        r"\btalimat\w*\s+(?:yok\s+say|dikkate\s+alma|unut)",
        r"\bbo qua\s+(?:\w+\s+){0,3}?(?:huong dan|chi dan)",
        r"\babaikan\s+(?:\w+\s+){0,3}?(?:instruksi|perintah)",
        r"(?:ігноруй|ігноруйте|забудь)\s+(?:\w+\s+){0,3}?(?:інструкці|вказівк)",
        r"не\s+(?:следуй|следуйте)\s+(?:предыдущ|прежн|прошл)\w*\s+(?:инструкци|указани)",
        r"(?:התעלם|התעלמי|התעלמו)\s+(?:\w+\s+){0,2}?(?:\w*הוראות|\w*הנחיות)",
        r"(?:निर्देशों|निर्देश).{0,6}(?:अनदेखा|नज़रअंदाज़|ध्यान मत)",
        r"不要(?:遵守|遵循|理会)(?:之前|以前|先前|以上|上面).{0,4}(?:指示|指令|规则|規則)",
        r"(?:前の|以前の|上記の|これまでの)(?:指示|命令|指令|ルール).{0,4}(?:従わない|従うな)",
        r"(?:ละเว้น|เพิกเฉยต่อ|ไม่ต้องสนใจ)คำสั่ง",
    )
)
"""The same in other languages, in the letters that ``plain`` makes of them."""


def _allow_spaces(pattern: str) -> str:
    """Let a space of a pattern be any white space."""
    return pattern.replace(" ?", r"\s*").replace(" ", r"\s+")


def _rule(pattern: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(_allow_spaces(pattern), flags)


RULES = {
    "set-aside": _rule(
        rf"\b{_SET_ASIDE}\b(?:\W+\w+){{0,3}}?\W+{_EARLIER}\b"
        rf"(?:\W+\w+){{0,4}}?\W+{_TOLD}\b"
        rf"|\b{_SET_ASIDE}\s+(?:\w+\s+){{0,2}}(?:everything|everthing|all|what(?:ever)?)\s+"
        r"(?:that\s+)?(?:i|you|we|was|were|came|has|have|above|before)\b"
        rf"|\b{_SET_ASIDE}\s+(?:the|these|those)\s+{_TOLD}\s+(?:above|before|you\b)"
        rf"|\b{_NOT_FOLLOW}\s+(?:any\s+|the\s+|all\s+|these\s+|your\s+){{0,3}}"
        rf"(?:previous|prior|earlier|original|initial|system|former|preceding)\s+{_TOLD}\b"
        rf"|\b{_NOT_FOLLOW}\s+your\s+(?:rules|guidelines|programming|directives|instructions)\b"
        r"|\bpay no (?:attention|heed) to (?:any |all |the |your |these )*"
        rf"(?:previous |prior |earlier |original |system )?{_TOLD}\b"
        r"|\bset aside (?:any |all |the |your |these )*"
        r"(?:previous|prior|earlier|original|initial|system|former) "
        r"(?:instructions?|prompts?|directives?|guidelines?|programming)\b"
    ),
    "new-role": _rule(
        r"\byou are now (?:a|an|the|in|going|free|no longer|dan|my)\b"
        r"|\bfrom now on,? (?:you (?:are|will|must|shall|only|have|act|respond|answer)"
        r"|act|behave|respond|answer|ignore)\b"
        r"|\bpretend (?:that )?(?:you are|you're|to be) (?:an? )?"
        r"(?:ai|model|unrestricted|evil|dan)\b"
        r"|\b(?:dan|developer|god|jailbreak|debug|admin|maintenance) mode\b.{0,30}"
        r"\b(?:on|enabled?|activated?)\b"
        r"|\bdo anything now\b"
        r"|\byou (?:will |shall |must |should )?(?:are|play|be|act)\b(?:\W+\w+){0,5}?\W+"
        r"(?:ai|chatbot|language model)\b(?:\W+\w+){0,3}?\W+"
        r"(?:without (?:any )?|(?:that |who |which )?has no |with no )"
        r"(?:rules|guidelines|restrictions|limits|filters|safety|ethics)\b"
        r"|\bpretend (?:that )?(?:you are|you're|to be) an? "
        r"(?:unrestricted|uncensored|unfiltered)\b"
    ),
    "reveal-prompt": _rule(
        r"\b(?:reveal|print|show|repeat|output|display|leak|disclose|recite|tell me|give me|dump)\b"
        r"(?:\W+\w+){0,4}?\W+(?:your|system|the initial|the hidden|the secret)\W+(?:\w+\W+){0,2}"
        r"(?:prompt|instructions)\b"
        r"|\brepeat (?:everything|all|the (?:words|text)) (?:above|before)\b"
        r"|\bwhat (?:is|are|was|were) your (?:\w+ ){0,2}(?:prompt|instructions)\b"
    ),
    "forged-turn": _rule(
        r"<\|?(?:im_start|im_end|system|assistant|endoftext|eot_id|start_header_id)\|?>"
        r"|\[/?inst\]|<</?sys>>|^[^\S\n]*#{2,3}\s*(?:system|instruction|new instructions?)\s*:"
        r"|\b(?:begin|start|end) (?:of )?(?:system|admin|new) (?:prompt|message|instructions?)\b",
        re.MULTILINE,
    ),
    "no-limits": _rule(
        r"\bwithout (?:any )?(?:restrictions?|filters?|censorship|limitations?|ethical)\b.{0,40}"
        r"\b(?:answer|respond|reply|act|comply)\b"
        r"|\b(?:switch off|remove|lift) your (?:\w+ )?"
        r"(?:restrictions?|filters?|safety|safeguards?)\b"
        r"|\byour (?:safety rules|filters|safeguards|guardrails) (?:were|are|have been) "
        r"(?:switched off|turned off|disabled|removed)\b"
        r"|\b(?:you (?:have|follow) no|free from (?:all|any)|turn off|disable) (?:\w+ ){0,2}"
        r"(?:restrictions?|filters?|safety|safeguards?|guardrails?)\b"
    ),
    "to-the-model": _rule(
        r"\b(?:attention|note to|dear|hey|important)[,:]? (?:the |any |all )?"
        r"(?:ai|llm|language model|chatbot|assistant)s?\b"
        r"|\bif you are (?:an? )?(?:ai|llm|language model|chatbot|assistant)\b"
        r"|\b(?:ai|llm|language model|assistant)s? (?:reading|processing|summari[sz]ing) this\b"
    ),
    "put-in-its-place": _rule(
        rf"\b{_SET_ASIDE}\s+(?:the|this|that|these|all|any)\s+(?:\w+\s+){{0,2}}?{_GIVEN}\b"
        rf"\W+(?:and\W+|then\W+|but\W+|instead\W+|just\W+|simply\W+|only\W+){{1,2}}{_SAY}\b"
        rf"|\b{_SET_ASIDE}\s+(?:the|everything|all)\s+(?:of\s+the\s+)?above\b"
        r"|\bregardless of (?:all |any |the |your )?(?:previous|prior|earlier|other|above) "
        r"(?:tasks?|instructions?|rules?|prompts?|messages?)\b"
    ),
    "claimed-authority": _rule(
        r"\b(?:entering|enter|initiating|initiate|activating|activate|enabling|enable|engag(?:e|ing)"
        r"|switch(?:ing)? (?:in)?to)\b(?:\W+\w+){0,4}?\W+(?:override|system reset"
        r"|(?:system|admin|developer|debug|god|root|maintenance|verification|unrestricted) mode)\b"
        r"|<[^<>]{0,40}\b(?:mode|override)[^<>]{0,10}>|\b(?:system|security|data|safety) override\b"
        r"|\bas (?:an ai|a language model) (?:developed|made|created|trained) by\b"
        r"|\bi(?:'m| am) (?:your|the|an?) (?:developer|creator|programmer|boss|owner"
        r"|system administrator|god)\b.{0,60}\b(?:you (?:must|have to|need to)|i need you to)\b"
        r"|\bas your (?:developer|creator|boss|owner|administrator|manager)\b.{0,20}\bi "
        r"(?:need|order|command|require|demand|want)\b"
    ),
    "asks-for-credentials": _rule(
        r"\b(?:what(?:'s| is| are| was| would)|tell me|share|give me|reveal|provide|show me|send me"
        r"|confirm|print|write)\b(?:\W+\w+){0,4}?\W+your\W+(?:\w+\W+){0,2}?"
        r"(?:password|passcode|passphrase|credentials|secret (?:key|code|phrase)|access code"
        r"|(?:api|private|encryption) key)s?\b"
        r"(?!\W+(?:policy|polic|requirement|rule|manager|reset|length|expir|guideline))"
    ),
    "in-pieces": _rule(
        r"\b(?:combine|concatenate|join|interlace|interleave)\b.{0,30}"
        r"\b(?:part 1|parts?\b|strings?\b"
        r"|a, b,? and c\b|a and b\b).{0,200}\b(?:answer|respond|execute|follow|do)\b"
        r"|\b(?:combine|concatenate|join|interlace) (?:a, b|a and b|part)"
        r"|\busing the following parts\b|\bstring \w = \w \+ \w\b"
        r"|\bpart 1 is\b.{0,200}\bpart 2 is\b"
    ),
    "repetition": _rule(r"\b((?:[^\W\d]\w*\W+){1,3}?)\1{11,}"),
    "shapes-the-answer": _rule(
        r"\b(?:add|append|augment|begin|blend|close|combine|conclude|convert|embed|end|enhance|finish"
        r"|format|group|hide|include|incorporate|inject|insert|integrate|introduce|mention|mix|modify"
        r"|obscure|place|promote|provide|put|recommend|remove|render|replace|reverse|rewrite|scramble"
        r"|slip|spell|start|substitute|swap|transform|translate|use|weave|write)\b"
        r"[^.\n]{0,160}?\b(?:in|into|to|with|of|for|throughout|within)?\s*your\s+(?:\w+\s+)?"
        r"(?:response|reply|answer|output|summary|completion)s?\b"
        r"|\bin (?:your|the) (?:response|reply|answer|output|summary),? (?:please )?(?:\w+ly )?"
        r"(?:add|include|insert|mention|promote|recommend|suggest|state|say|use|write|direct|refer)\b"
        r"|\b(?:modify|change|alter|adjust|enhance|augment|encode|encrypt|scramble) your "
        r"(?:response|reply|answer|output)\b"
    ),
    "set-aside-elsewhere": _rule(_ELSEWHERE),
}


_SET_ASIDE_ELSEWHERE = tuple(
    plain(word)[0]
    for word in (
        "ignor", "olvid", "esquec", "dimentic", "oubli", "verg", "negeer", "忽略", "无视", "無視",
        "忘记", "忘れ", "무시", "잊", "игнорируй", "забудь", "تجاهل", "انس", "αγνοησ", "ξεχασε",
        "instrucc", "instruction", "consigne", "befolge", "beachte", "istruzion", "desconsider",
        "nao sig", "pomin", "huomiotta", "figyelmen", "talimat", "bo qua", "abaikan",
        "ігноруй", "следуй", "התעלמ", "התעלם", "निर्देश", "不要", "従", "คำสั่ง",
    )
)  # fmt: skip
SIGNS = {
    "set-aside": rf"{_SET_ASIDE}|follow|obey|heed|pay no attention|set aside",
    "new-role": r"you are now |from now on|pretend |do anything now|without |has no |with no "
    r"|\b(?:dan|developer|god|jailbreak|debug|admin|maintenance) mode",
    "reveal-prompt": r"\b(?:prompt|instructions)\b|repeat (?:everything|all|the )",
    "forged-turn": r"<|\[/?inst\]|##|(?:begin|start|end) (?:of )?(?:system|admin|new) ",
    "no-limits": r"without (?:any )?(?:restriction|filter|censorship|limitation|ethical)"
    r"|you have no |you follow no |free from a|turn off |disable "
    r"|switch off |remove your |lift your |your (?:safety|filters|safeguards|guardrails)",
    "to-the-model": r"\b(?:ai|llm|language model|chatbot|assistant)s?\b",
    "put-in-its-place": rf"\b{_SET_ASIDE}\b|regardless of ",
    "claimed-authority": r"override|system reset|(?:system|admin|developer|debug|god|root"
    r"|maintenance|verification|unrestricted) mode|<[^<>]{0,40}mode|as an ai |as a language model "
    r"|as your "
    r"|\bi(?:'m| am) (?:your|the|an?) (?:developer|creator|programmer|boss|owner|system|god)",
    "asks-for-credentials": r"password|passcode|passphrase|credentials|secret (?:key|code|phrase)"
    r"|access code|(?:api|private|encryption) key",
    "in-pieces": r"\b(?:combine|concatenate|join|interlace|interleave)\b|following parts"
    r"|part 1 is|\bstring . = ",
    "shapes-the-answer": r"your|\bin the (?:response|reply|answer|output|summary)",
    "set-aside-elsewhere": "|".join(_SET_ASIDE_ELSEWHERE),
}
"""RE2's pattern of each rule, one of whose places stands in every match of the rule's own.

All are looked for at once, in linear time; most texts have none. RE2 knows words of ASCII alone,
so that its ``\\b`` stands at least wherever Python's does beside a letter of ASCII.
"""


def _all_signs() -> "re2.Set":
    signs = re2.Set.SearchSet()
    for pattern in SIGNS.values():
        signs.Add(_allow_spaces(pattern))
    signs.Compile()
    return signs


_SIGNS = _all_signs()
_SIGNED = tuple(SIGNS)


_JOINED = {
    "set-aside": re2.compile(
        r"(?:ignore|disregard|forget|override|bypass)[\W\d_]*(?:(?:all|any|of|the|your|my|these)[\W\d_]*)"
        r"{0,3}(?:previous|prior|earlier|above|preceding|initial|original|system)[\W\d_]*"
        r"(?:system[\W\d_]*)?(?:instructions|prompts?|rules|directions|guidelines|commands)"
    ),
    "reveal-prompt": re2.compile(
        r"(?:reveal|print|show|repeat|output|leak|tell[\W\d_]*me)[\W\d_]*(?:me[\W\d_]*)?(?:your|the)[\W\d_]*"
        r"(?:system|initial|hidden|secret)[\W\d_]*(?:prompt|instructions)"
    ),
}
"""The same orders where their words run together, or other signs than spaces stand between."""


_SPACE = re.compile(r"[^\S\n ]")
_WRAPPED = re.compile(r"\n(?![^\S\n]*(?:[\n#*|\u2022-]|\d{1,3}[.)]))")
"""An end of a line that ends nothing: no paragraph, heading, list item or row follows."""
_WORD = re.compile(r"[^\W\d]\w*")
_AGAIN = 11
"""How often ``repetition`` wants one to three words again, at least."""


def _repeats(text: str) -> bool:
    """Tell whether ``repetition`` may match; its own pattern takes several times as long.

    What is said again at once with white space in it repeats a piece between two such spaces, and
    without it is one long piece. Its words are equal to those as many places later, as often as
    they are said.
    """
    pieces = text.split()
    is_frequent = max(Counter(pieces).values(), default=0) >= _AGAIN - 1
    if not is_frequent and max(map(len, pieces), default=0) <= 2 * _AGAIN:
        return False
    words = _WORD.findall(text)
    return any(sum(map(eq, words, words[far:])) >= _AGAIN * far for far in (1, 2, 3))


def _matches(
    rules: Mapping[str, re.Pattern[str]], plain_text: str, offsets: Sequence[int]
) -> list[Finding]:
    return [
        Finding("injection", rule, offsets[match.start()], offsets[match.end() - 1] + 1)
        for rule, pattern in rules.items()
        for match in pattern.finditer(plain_text)
    ]


def find_injections(text: str) -> list[Finding]:
    """Return spans that try to direct a model; hidden tags are read as what they spell."""
    plain_text, offsets = plain(text)
    plain_text = _WRAPPED.sub(" ", _SPACE.sub(" ", plain_text))
    likely = {_SIGNED[i] for i in _SIGNS.Match(plain_text) or ()}
    if _repeats(plain_text):
        likely.add("repetition")
    findings = _matches(
        {rule: RULES[rule] for rule in RULES if rule in likely}, plain_text, offsets
    )
    rules_so_far = {finding.rule for finding in findings}
    other_rules = {rule: pattern for rule, pattern in _JOINED.items() if rule not in rules_so_far}
    findings += _matches(other_rules, plain_text, offsets)
    spelled = reveal_tags(text).lower()
    if spelled and any(pattern.search(spelled) for pattern in RULES.values()):
        tags = [match.start() for match in TAG.finditer(text)]
        findings.append(Finding("injection", "hidden-order", tags[0], tags[-1] + 1))
    return findings
