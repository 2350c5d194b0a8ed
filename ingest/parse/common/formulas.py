"""Formulas of OMML and MathML as one line of text: ``(a + b)/2``, ``x^2``, ``∑_(i=1)^n x_i``.

Sources: ECMA-376-1, 22.1 (OMML); MathML 3, chapters 3 and 5.
"""

import re
from collections.abc import Callable
from typing import Any

from ingest.parse.common.xml import local_name

_SIMPLE = re.compile("[\\w.,\u2032∞°%√∂∇]*|-?\\d+(?:\\.\\d+)?")
_OPENED = {"(": ")", "[": "]", "{": "}", "|": "|", "⟨": "⟩"}
_LEFT_OUT = frozenset(("annotation", "annotation-xml", "mphantom", "phant", "maligngroup"))
_APPLIED = "\u2061\u2062\u2063\u2064"
"""Signs that nobody sees: applied to, times, a separator, plus."""
_ACCENTS = {
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "¯",
    "\u0305": "¯",
    "\u20d7": "→",
    "\u0307": "˙",
}
_WIDE = frozenset("=≠≈≡<>≤≥∈∉⊂⊆→⇒⇔±∓×÷∧∨∪∩")  # noqa: RUF001 - signs of mathematics
_NARY_DEFAULT = "∫"


def formula_text(formula: Any) -> str:
    """Return a formula's element on one line."""
    return " ".join(_line(formula).translate(dict.fromkeys(map(ord, _APPLIED))).split())


def _line(element: Any) -> str:
    name = local_name(element)
    if name in _LEFT_OUT or _is_setting(name):
        return ""
    write = _WRITERS.get(name)
    if write:
        return write(element)
    if not len(element):
        return _spaced(element) if name in {"mo", "t"} else element.text or ""
    return _all(element)


def _all(element: Any) -> str:
    return "".join(map(_line, element))


def _spaced(element: Any) -> str:
    text = element.text or ""
    bare = text.strip()
    return f" {bare} " if bare in _WIDE else text if local_name(element) == "t" else bare


def _is_setting(name: str) -> bool:
    return name.endswith("pr") and name != "spr"


def _operands(element: Any) -> list[str]:
    return [_line(child).strip() for child in element if not _is_setting(local_name(child))]


def _named(element: Any) -> dict[str, str]:
    """Return the operands of an OMML element by their names."""
    return {
        local_name(child): _line(child).strip()
        for child in element
        if not _is_setting(local_name(child))
    }


def _value(element: Any, name: str, default: str) -> str:
    """Return a setting of an OMML element, such as the sign of a bracket; it may be empty."""
    for settings in element:
        if _is_setting(local_name(settings)):
            for setting in settings:
                if local_name(setting) == name:
                    return next(iter(setting.attrib.values()), "")
    return default


def _grouped(text: str) -> str:
    """Put brackets around what is more than one thing."""
    if len(text) == 1 or _SIMPLE.fullmatch(text) or _is_bracketed(text):
        return text
    return f"({text})"


def _is_bracketed(text: str) -> bool:
    closing = _OPENED.get(text[:1])
    if closing is None or not text.endswith(closing):
        return False
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == text[0]) - (letter == closing)
        if depth == 0 and at < len(text) - 1:
            return False
    return True


def _scripts(base: str, low: str, high: str) -> str:
    return (
        _grouped(base)
        + (f"_{_grouped(low)}" if low else "")
        + (f"^{_grouped(high)}" if high else "")
    )


def _padded(operands: list[str], count: int) -> list[str]:
    return [*operands, *[""] * count][:count]


def _fraction(element: Any) -> str:
    over, under = _padded(_operands(element), 2)
    if local_name(element) == "f" and _value(element, "type", "") == "noBar":
        return f"({over} choose {under})"
    return f"{_grouped(over)}/{_grouped(under)}"


def _root(element: Any) -> str:
    if local_name(element) == "msqrt":
        return f"√({_all(element).strip()})"
    if local_name(element) == "mroot":
        radicand, degree = _padded(_operands(element), 2)
    else:
        operands = _named(element)
        radicand, degree = operands.get("e", ""), operands.get("deg", "")
    return f"√{f'[{degree}]' if degree else ''}({radicand})"


def _omml_scripts(element: Any) -> str:
    operands = _named(element)
    base = operands.get("e", "")
    if local_name(element) == "spre":
        return _scripts("", operands.get("sub", ""), operands.get("sup", "")) + base
    return _scripts(base, operands.get("sub", ""), operands.get("sup", ""))


def _mathml_scripts(low: bool, high: bool) -> Callable[[Any], str]:  # noqa: FBT001 - a table's row
    def write(element: Any) -> str:
        base, *scripts = _operands(element)
        lower = scripts.pop(0) if low and scripts else ""
        upper = scripts.pop(0) if high and scripts else ""
        has_space = base in {"∑", "∏", "∫", "∮", "lim", "max", "min"}
        return _scripts(base, lower, upper) + " " * has_space

    return write


def _nary(element: Any) -> str:
    operands = _named(element)
    sign = _value(element, "chr", _NARY_DEFAULT)
    low, high = operands.get("sub", ""), operands.get("sup", "")
    limits = (f"_{_grouped(low)}" if low else "") + (f"^{_grouped(high)}" if high else "")
    return f"{sign}{limits} {operands.get('e', '')}"


def _delimited(element: Any) -> str:
    opening, closing = _value(element, "begchr", "("), _value(element, "endchr", ")")
    return opening + _value(element, "sepchr", "|").join(_operands(element)) + closing


def _fenced(element: Any) -> str:
    separator = (element.get("separators", ",").strip() or "")[:1]
    inner = f"{separator} ".join(_operands(element))
    return f"{element.get('open', '(')}{inner}{element.get('close', ')')}"


def _matrix(element: Any) -> str:
    rows = [row for row in element if local_name(row) in {"mr", "mtr", "mlabeledtr"}]
    text = "; ".join(", ".join(_operands(row)) for row in rows)
    return text if local_name(element.getparent()) in {"e", "mrow"} else f"[{text}]"


def _function(element: Any) -> str:
    operands = _named(element)
    name, argument = operands.get("fname", ""), operands.get("e", "")
    return name + (argument if _is_bracketed(argument) else f" {argument}")


def _limit(element: Any) -> str:
    operands = _named(element)
    sign = "_" if local_name(element) == "limlow" else "^"
    return f"{operands.get('e', '')}{sign}{_grouped(operands.get('lim', ''))}"


def _accent(element: Any) -> str:
    sign = _value(element, "chr", "\u0302") if local_name(element) == "acc" else "¯"
    base = _named(element).get("e", "")
    return base + sign if len(base) == 1 and sign in _ACCENTS else base


def _equations(element: Any) -> str:
    return "; ".join(_operands(element))


_WRITERS: dict[str, Callable[[Any], str]] = {
    "f": _fraction, "mfrac": _fraction,
    "rad": _root, "msqrt": _root, "mroot": _root,
    "ssup": _omml_scripts, "ssub": _omml_scripts, "ssubsup": _omml_scripts, "spre": _omml_scripts,
    "msup": _mathml_scripts(low=False, high=True), "mover": _mathml_scripts(low=False, high=True),
    "msub": _mathml_scripts(low=True, high=False), "munder": _mathml_scripts(low=True, high=False),
    "msubsup": _mathml_scripts(low=True, high=True),
    "munderover": _mathml_scripts(low=True, high=True),
    "nary": _nary, "d": _delimited, "mfenced": _fenced,
    "m": _matrix, "mtable": _matrix, "func": _function,
    "limlow": _limit, "limupp": _limit, "acc": _accent, "bar": _accent, "eqarr": _equations,
}  # fmt: skip
