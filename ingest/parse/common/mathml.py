"""MathML on one line: ``a/b``, ``x^2``, ``x_1``, a root as ``√(x)``, as formulas of Word are."""

from collections.abc import Callable
from typing import Any

from ingest.parse.common.xml import local_name

_LEFT_OUT = frozenset({"annotation", "annotation-xml", "mphantom", "none", "mprescripts"})
_INVISIBLE = dict.fromkeys((0x2061, 0x2062, 0x2063, 0x2064))
"""Function application, invisible times, separator and plus: signs that no reader sees."""
_ACCENTS = {
    "¯": "\u0304", "‾": "\u0304", "^": "\u0302", "~": "\u0303", "→": "\u20d7", "˙": "\u0307",
}  # fmt: skip


def line_of_formula(element: Any) -> str:
    """Return a formula on one line, its powers, indices, fractions and roots marked."""
    name = local_name(element)
    if name in _LEFT_OUT:
        return ""
    if name == "math" and not len(element):
        return (element.text or element.get("alttext") or "").strip()
    if name == "mspace":
        return " "
    write = _WRITERS.get(name)
    if write is None or (len(element) < 2 and name in _NEEDS_TWO):  # noqa: PLR2004
        return _row(element)
    return write(element)


def _row(element: Any) -> str:
    """Write what stands side by side; a blank keeps words from running together."""
    line = " ".join((element.text or "").split()).translate(_INVISIBLE)
    for child in element:
        if isinstance(child.tag, str):
            token = line_of_formula(child)
            line += " " * _would_run_together(line, token) + token
    return line


def _would_run_together(line: str, token: str) -> bool:
    last_word = line[len(line.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")) :]
    is_word = len(last_word) > 1 or (len(token) > 1 and token.isalpha())
    return is_word and line[-1:].isalnum() and token[:1].isalnum()


def _operands(element: Any) -> list[str]:
    return [line_of_formula(child) for child in element if isinstance(child.tag, str)]


def parenthesize(text: str) -> str:
    """Return an operand as it is where it is one number or name, else in brackets."""
    return text if len(text) < 2 or text.isalnum() else f"({text})"  # noqa: PLR2004


def _fraction(element: Any) -> str:
    above, below, *_ = _operands(element)
    return f"{parenthesize(above)}/{parenthesize(below)}"


def _root(element: Any) -> str:
    base, degree, *_ = _operands(element)
    return f"√[{degree}]({base})"


def _scripts(element: Any) -> str:
    """Write a base with what stands low and high at it, or under and over it."""
    name = local_name(element)
    base, *scripts = _operands(element)
    if name == "mover" and scripts[0] in _ACCENTS and len(base) == 1:
        return base + _ACCENTS[scripts[0]]
    marks = "^" if name in {"msup", "mover"} else "_^"
    line = base
    for mark, script in zip(marks, scripts, strict=False):
        line += f"{mark}{parenthesize(script)}" if script else ""
    return line


def _pairs(element: Any) -> str:
    base, *scripts = _operands(element)
    marks = "_^" * len(scripts)
    return base + "".join(
        f"{mark}{parenthesize(script)}" for mark, script in zip(marks, scripts, strict=False)
        if script
    )  # fmt: skip


def _fenced(element: Any) -> str:
    separator = (element.get("separators", ",").strip() or "")[:1]
    inner = separator.join(_operands(element))
    return f"{element.get('open', '(')}{inner}{element.get('close', ')')}"


def _semantics(element: Any) -> str:
    return next(iter(_operands(element)), "")


_WRITERS: dict[str, Callable[[Any], str]] = {
    "mfrac": _fraction,
    "msqrt": lambda element: f"√({_row(element)})",
    "mroot": _root,
    **dict.fromkeys(("msup", "msub", "msubsup", "munder", "mover", "munderover"), _scripts),
    "mmultiscripts": _pairs,
    "mfenced": _fenced,
    "mtable": lambda element: f"[{'; '.join(_operands(element))}]",
    "mtr": lambda element: ", ".join(_operands(element)),
    "semantics": _semantics,
}
_NEEDS_TWO = frozenset({"mfrac", "mroot", "msup", "msub", "msubsup", "munder", "mover"}) | {
    "munderover", "mmultiscripts",
}  # fmt: skip
