"""Dify's conditions on metadata as our filters."""

from typing import Any

from api.dify.schemas import MetadataComparison, MetadataCondition
from index.errors import InvalidFilterError
from index.search.filters import FIELDS

_OPERATORS = {
    "is": "eq", "is not": "ne", "in": "in", "not in": "nin", "before": "lt", "after": "gt",
    "empty": "eq", "not empty": "ne", "null": "eq", "not null": "ne",
}  # fmt: skip
_NUMERIC = {"=": "eq", "≠": "ne", ">": "gt", "<": "lt", "≥": "gte", "≤": "lte"}
_WITHOUT_VALUE = frozenset({"empty", "not empty", "null", "not null"})


def own_filters(condition: MetadataCondition | None) -> dict[str, Any] | None:
    """Return Dify's conditions as ``POST /v1/search`` takes filters; None where there are none.

    Raises:
        InvalidFilterError: an operator that our filters do not have.

    """
    if condition is None or not condition.conditions:
        return None
    return {condition.logical_operator: [_own_filter(each) for each in condition.conditions]}


def _own_filter(comparison: MetadataComparison) -> dict[str, Any]:
    names = [comparison.name] if isinstance(comparison.name, str) else comparison.name
    fields = [name if name in FIELDS else f"attributes.{name}" for name in names]
    conditions = [{name: _condition(comparison)} for name in fields]
    if not conditions:
        raise InvalidFilterError("A condition needs the name of an attribute.")
    return conditions[0] if len(conditions) == 1 else {"or": conditions}


def _condition(comparison: MetadataComparison) -> dict[str, Any]:
    sign, value = comparison.comparison_operator, comparison.value
    if sign in _WITHOUT_VALUE:
        return {_OPERATORS[sign]: None}
    if sign in _NUMERIC:
        return {_NUMERIC[sign]: _number(value)}
    if sign not in _OPERATORS:
        operators = ", ".join((*_OPERATORS, *_NUMERIC))
        raise InvalidFilterError(f"{sign!r} is not offered. Use one of {operators}.")
    if sign in {"in", "not in"} and not isinstance(value, list):
        value = [] if value is None else [value]  # type: ignore[list-item]
    return {_OPERATORS[sign]: value}


def _number(value: object) -> Any:
    """Return a number that Dify may send as text; what is no number stays as it is."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value
