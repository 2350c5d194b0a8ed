"""Attribute filters: a small typed language, evaluated on readable documents only.

``{"attributes.year": {"gte": 2020}}``, ``{"filename": {"in": [...]}}``, ``{"and": [...]}``,
``{"or": [...]}``; a bare value means ``eq``. Fields: ``document_id``, ``filename``, ``title``,
``media_type`` and ``attributes.<name>``.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from index.errors import InvalidFilterError

Fields = Mapping[str, Any]
Test = Callable[[Fields], bool]

FIELDS = ("document_id", "filename", "title", "media_type")
MAX_DEPTH = 8
MAX_CONDITIONS = 64

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_EQUAL = ("eq", "ne", "in", "nin")


def within_documents(
    filters: Mapping[str, Any] | None, documents: Sequence[str] | None
) -> dict[str, Any] | None:
    """Narrow filters to chosen documents, by their ids; None where nothing narrows the search.

    An empty list of documents narrows the search to nothing; none does not narrow it.
    """
    if documents is None:
        return dict(filters) if filters is not None else None
    condition = {"document_id": {"in": list(documents)}}
    return {"and": [condition, dict(filters)]} if filters else condition


def compile_filter(filters: Mapping[str, Any], depth: int = 0) -> Test:
    """Return a test of a document's fields; all conditions of one object must hold.

    Raises:
        InvalidFilterError: an unknown field or operator, a wrong value, or too deep a nesting.

    """
    if not isinstance(filters, Mapping) or depth > MAX_DEPTH or len(filters) > MAX_CONDITIONS:
        raise InvalidFilterError("A filter is an object of at most 64 conditions, 8 deep.")
    tests = [_compile_entry(name, value, depth) for name, value in filters.items()]
    return lambda fields: all(test(fields) for test in tests)


def mentioned_fields(filters: Mapping[str, Any]) -> set[str]:
    """Return the names of the fields that filters test; they have to parse."""
    names: set[str] = set()
    for name, value in filters.items():
        if name in {"and", "or"}:
            names.update(*(mentioned_fields(item) for item in value))
        else:
            names.add(name)
    return names


def required_texts(filters: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Return the texts of which a field must have one, by the field, wherever that is so."""
    required: dict[str, frozenset[str]] = {}
    for name, value in filters.items():
        if name == "or":
            continue
        inner = [required_texts(item) for item in value] if name == "and" else [_texts(name, value)]
        for field, texts in (pair for each in inner for pair in each.items()):
            required[field] = required.get(field, texts) & texts
    return required


def _texts(name: str, value: object) -> dict[str, frozenset[str]]:
    conditions: Mapping[str, Any] = value if isinstance(value, Mapping) else {"eq": value}
    choices: list[frozenset[str]] = []
    for op, operand in conditions.items():
        operands = operand if op == "in" else [operand] if op == "eq" else [None]
        texts = frozenset(item for item in operands if isinstance(item, str))
        if all(isinstance(item, str) for item in operands):
            choices.append(texts)
    return {name: frozenset.intersection(*choices)} if choices else {}


def _compile_entry(name: str, value: object, depth: int) -> Test:
    if name in {"and", "or"}:
        if not isinstance(value, list) or not value or len(value) > MAX_CONDITIONS:
            raise InvalidFilterError(f"{name!r} takes a list of 1 to 64 filters.")
        tests = [compile_filter(item, depth + 1) for item in value]
        combine = all if name == "and" else any
        return lambda fields: combine(test(fields) for test in tests)
    if name not in FIELDS and not name.startswith("attributes."):
        raise InvalidFilterError(
            f"{name[:80]!r} is not a field. Use {', '.join(FIELDS)} or attributes.<name>."
        )
    conditions = value if isinstance(value, Mapping) else {"eq": value}
    if not conditions or len(conditions) > MAX_CONDITIONS:
        raise InvalidFilterError(f"{name[:80]!r} needs a value or an operator.")
    tests = [_compile_condition(name, op, operand) for op, operand in conditions.items()]
    return lambda fields: all(test(fields) for test in tests)


def _compile_condition(name: str, op: str, operand: object) -> Test:
    if op in {"in", "nin"}:
        if not isinstance(operand, list):
            raise InvalidFilterError(f"{op!r} takes a list.")
        expected = op == "in"
        if all(isinstance(item, str) for item in operand):
            texts = frozenset(operand)  # a list of ids may have many thousands
            return lambda fields: _is_among(texts, fields.get(name)) is expected
        return lambda fields: any(_same(fields.get(name), item) for item in operand) is expected
    if op in {"eq", "ne"}:
        expected = op == "eq"
        return lambda fields: _same(fields.get(name), operand) is expected
    if op not in _COMPARE:
        operators = ", ".join((*_EQUAL, *_COMPARE))
        raise InvalidFilterError(f"{op[:80]!r} is not an operator. Use {operators}, and, or.")
    if isinstance(operand, bool) or not isinstance(operand, int | float | str):
        raise InvalidFilterError(f"{op!r} compares numbers or strings.")
    compare = _COMPARE[op]
    return lambda fields: _comparable(fields.get(name), operand) and compare(fields[name], operand)


def _is_among(texts: frozenset[str], value: object) -> bool:
    return isinstance(value, str) and value in texts


def _same(left: object, right: object) -> bool:
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _comparable(left: object, right: object) -> bool:
    if isinstance(left, bool):
        return False
    return isinstance(left, str) if isinstance(right, str) else isinstance(left, int | float)
