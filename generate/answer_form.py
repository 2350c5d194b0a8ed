"""The form of an answer: named values, which a model writes as the rows of one table.

A row is a claim like every other one: its name and its value are verified together, by the quotes
that it cites. So a form asks for nothing that could not be checked.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FormLine:
    """A value that is wanted."""

    name: str
    """In the words that it is verified with, such as ``annual leave days``."""
    kind: str
    """A hint for the model, such as ``a number in digits``."""


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """The values that are wanted; without any, the model names them by itself."""

    lines: tuple[FormLine, ...] = ()


_TABLE = """\
Answer with one Markdown table and nothing else. Write no row for what the passages do not say. \
Where there are several values of one name, write a row for each, with the same name. A value is \
short and keeps the words and digits of its passage; its marker stands behind it.
"""
_NAMED = "The names in the first column stay exactly as they are. Replace what is in parentheses:"
_UNNAMED = "Choose short names for the first column, in the words of the passages:"


def with_form(question: str, form: AnswerForm | None) -> str:
    """Return a question with what a model must know of the form; it is never searched for."""
    if form is None:
        return question
    rows = [f"| {line.name} | ({line.kind}) [n] |" for line in form.lines]
    table = ["| Attribute | Value |", "| --- | --- |", *rows]
    remark = _NAMED if form.lines else _UNNAMED
    return "\n".join([question, "", f"{_TABLE}{remark}", "", *table])
