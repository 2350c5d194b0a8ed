"""Letters of symbol fonts as the Unicode signs that their readers see.

Fonts such as Wingdings and Symbol draw signs in the places of letters: an umlaut in Wingdings is a
tick. Office writes the same places as U+F020 to U+F0FF. A sign that is not in these tables stays as
it is. Symbol follows Adobe's encoding of that font.
"""

# ruff: noqa: RUF001 - the signs are meant

import re

_PRIVATE = 0xF000
_FIRST, _LAST = 0x20, 0xFF


def _table(start: int, signs: str) -> dict[int, str]:
    return {start + at: sign for at, sign in enumerate(signs) if sign != " "}


_SYMBOL = (
    _table(0x20, "\u00a0!∀#∃%&∋()∗+,−./0123456789:;<=>?")
    | _table(0x40, "≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_")
    | _table(0x60, "‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼")
    | _table(0xA0, "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵")
    | _table(0xC0, "ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓")
    | _table(0xE0, "◊⟨®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪")
    | _table(0xF1, "⟩∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭")
)
_WINGDINGS = (
    _table(0x20, "\u00a0✏✂✁👓🕭🕮🕯☎✆✉🖂📪📫📬📭📁📂📄🗏🗐🗄⌛⌨🖰🖲🖳🖴💾🖬✇✍")
    | _table(0x40, "🖎✌👌👍👎☜☞☝☟🖐☺😐☹💣☠⚐🏱✈☼💧❄🕆✞🕈✠✡☪☯ॐ☸♈♉")
    | _table(0x60, "♊♋♌♍♎♏♐♑♒♓🙰🙵●❍■□🞐❑❒⬧⧫◆❖⬥⌧⍓⌘❀✿❝❞")
    | _table(0x80, "⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿")
    | _table(0x9E, "·•▪○⭘🞈◉◎🔿▪◻🟂✦★✶✴✹✵⯐⌖⟡⌑⯑✪✰")
    | _table(0xD5, "⌫⌦⮘➢⮙⮛⮈⮊⮉⮋←→↑↓↖↗↙↘🡘➔🡙🡛🡔🡕🡗🡖⇦⇨⇧⇩⬄⇳⬀⬁⬃⬂🢬🢭✗✓☒☑")
)
_WINGDINGS_2 = (
    {0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x55: "☒", 0x56: "⮾"}
    | {0x2A: "☐", 0x30: "☐", 0x97: "●", 0x98: "●", 0xA2: "■", 0xA3: "☐", 0xA7: "☐"}
    | _table(0x69, "⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿")
)
_WINGDINGS_3 = (
    {0x66: "←", 0x67: "→", 0x68: "↑", 0x69: "↓", 0x6A: "↖", 0x6B: "↗", 0x6C: "↙", 0x6D: "↘"}
    | _table(0x70, "▲▼△▽◀▶◁▷")
    | {0x6E: "↔", 0x6F: "↕", 0x7D: "▶"}
)
_WEBDINGS = _table(0x33, "⏴⏵⏶⏷") | {
    0x59: "♥",
    0x61: "✔",
    0x63: "□",
    0x67: "■",
    0x6E: "●",
    0x72: "✖",
    0x69: "ℹ",
    0x73: "?",
}
_FONTS = {
    "symbol": _SYMBOL,
    "wingdings": _WINGDINGS,
    "wingdings 2": _WINGDINGS_2,
    "wingdings 3": _WINGDINGS_3,
    "webdings": _WEBDINGS,
}
_TRANSLATIONS = {
    name: table | {_PRIVATE + code: sign for code, sign in table.items()}
    for name, table in _FONTS.items()
}
_HEX = re.compile(r"[0-9A-Fa-f]{2,4}")


def is_symbol_font(font: str | None) -> bool:
    """Tell whether a font draws signs in the places of letters."""
    return bool(font) and _name(font) in _FONTS


def in_unicode(text: str, font: str | None) -> str:
    """Return letters of a font as signs; the same text where the font draws letters."""
    if not font or (translation := _TRANSLATIONS.get(_name(font))) is None:
        return text
    return text.translate(translation)


def sign_of(code: str, font: str | None) -> str:
    """Return the sign that a hexadecimal code names in a font, as in Word's ``w:sym``."""
    if not _HEX.fullmatch(code):
        return ""
    number = int(code, 16)
    sign = in_unicode(chr(number), font)
    is_private = _PRIVATE + _FIRST <= number <= _PRIVATE + _LAST
    return chr(number - _PRIVATE) if sign == chr(number) and is_private else sign


def _name(font: str | None) -> str:
    return " ".join((font or "").strip("\"' ").split()).lower()
