"""Rows of a queue that a process has claimed, and says so again and again while it works."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute


def has_died(
    claimed_at: InstrumentedAttribute[Any], now: datetime, given_up: timedelta
) -> ColumnElement[bool]:
    """Return the condition that whoever claimed a row has been silent for too long.

    A moment well ahead was noted before the clock was set back: nobody can tell how old it is.
    """
    return or_(claimed_at < now - given_up, claimed_at > now + given_up)
