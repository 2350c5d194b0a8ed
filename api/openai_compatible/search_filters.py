"""Filters of OpenAI's API as our own: ``{"type": "eq", "key": "year", "value": 2026}``."""

from typing import Any, Literal

from pydantic import Field

from api.schemas import Body, Text
from index.search.filters import MAX_CONDITIONS


class ComparisonFilter(Body):
    """A condition on one attribute."""

    type: Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"]
    key: Text = Field(min_length=1, max_length=200)
    value: Text | float | bool | list[Text | float]


class CompoundFilter(Body):
    """Several conditions, of which all or one must hold."""

    type: Literal["and", "or"]
    filters: list["ComparisonFilter | CompoundFilter"] = Field(
        min_length=1, max_length=MAX_CONDITIONS
    )


SentFilter = ComparisonFilter | CompoundFilter


def own_filter(condition: SentFilter) -> dict[str, Any]:
    """Return a filter as ``POST /v1/search`` takes it; its keys are names of attributes."""
    if isinstance(condition, CompoundFilter):
        return {condition.type: [own_filter(each) for each in condition.filters]}
    return {f"attributes.{condition.key}": {condition.type: condition.value}}
