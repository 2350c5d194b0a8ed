"""The cost of asks, counted by day, user and model in the database, for all processes together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import case, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from generate.types import Usage
from index.access.classes import ensure_tenant
from index.db.database import Database
from index.db.tables.base import utc_now
from index.db.tables.questions import DailyUsage
from index.types import Actor

Grouping = Literal["tenant", "user", "model"]

_COUNTED = ("asks", "cached", "prompt_tokens", "completion_tokens", "cost")


@dataclass(frozen=True, slots=True)
class Bill:
    """The cost of one ask, by the models that were called for it."""

    answered_by: str | None
    """The model that wrote the answer; ``quote`` for verbatim sentences. None where no answer was
    given: the asker left, or an evaluation asked."""
    usages: Mapping[str, Usage]
    was_cached: bool = False
    """The answer came from the cache."""


@dataclass(frozen=True, slots=True)
class TokenTotals:
    """Tokens of this day and of this month (UTC), prompts and completions together."""

    tenant_day: int = 0
    tenant_month: int = 0
    user_day: int = 0
    user_month: int = 0


@dataclass(frozen=True, slots=True)
class UsageLine:
    """The cost of one tenant, user or model."""

    tenant: str
    name: str
    asks: int
    cached: int
    """How many of the asks were answered from the cache."""
    prompt_tokens: int
    completion_tokens: int
    cost: float


@dataclass(frozen=True, slots=True)
class UsageReport:
    """The cost of asks since a day, the most expensive first."""

    by: Grouping
    since: date
    items: list[UsageLine]


def add_bill(session: Session, actor: Actor, bill: Bill) -> None:
    """Add one ask to the counts of its day; adding at the same time loses nothing."""
    ensure_tenant(session, actor.scope.tenant)
    usages = {**({bill.answered_by: Usage()} if bill.answered_by else {}), **bill.usages}
    for model, usage in usages.items():
        is_answer = model == bill.answered_by
        _add(
            session,
            {
                "tenant": actor.scope.tenant,
                "day": utc_now().date(),
                "principal": actor.owner,
                "model": model,
                "asks": int(is_answer),
                "cached": int(is_answer and bill.was_cached),
                "prompt_tokens": usage.prompt_tokens,
                "completion_tokens": usage.completion_tokens,
                "cost": usage.cost,
            },
        )


def sum_tokens(session: Session, actor: Actor, today: date) -> TokenTotals:
    """Return the tokens that the actor and the tenant have spent on a day and in its month."""
    tokens = DailyUsage.prompt_tokens + DailyUsage.completion_tokens
    first = today.replace(day=1)
    of_today, of_month, of_user = (
        DailyUsage.day == today, DailyUsage.day >= first, DailyUsage.principal == actor.owner,
    )  # fmt: skip
    sums = [
        func.coalesce(func.sum(case((condition, tokens), else_=0)), 0)
        for condition in (of_today, of_month, of_today & of_user, of_user)
    ]
    row = session.execute(
        select(*sums).where(DailyUsage.tenant == actor.scope.tenant, of_month)
    ).one()
    return TokenTotals(*(int(value) for value in row))


def usage_report(
    database: Database, tenant: str | None, *, by: Grouping = "tenant", since: date | None = None
) -> UsageReport:
    """Add up the cost of asks, of one tenant or of all; by default since this month began."""
    first = since or utc_now().date().replace(day=1)
    name = {"tenant": DailyUsage.tenant, "user": DailyUsage.principal, "model": DailyUsage.model}
    sums = [func.sum(getattr(DailyUsage, column)).label(column) for column in _COUNTED]
    statement = (
        select(DailyUsage.tenant, name[by].label("name"), *sums)
        .where(DailyUsage.day >= first)
        .group_by(DailyUsage.tenant, name[by])
    )
    if tenant is not None:
        statement = statement.where(DailyUsage.tenant == tenant)
    with database.read() as session:
        lines = [_line(row._mapping) for row in session.execute(statement)]  # noqa: SLF001 - SQLAlchemy's public name for it
    return UsageReport(by, first, sorted(lines, key=_dearest_first))


def _line(row: Mapping[Any, Any]) -> UsageLine:
    numbers = {column: int(row[column]) for column in _COUNTED[:-1]}
    return UsageLine(row["tenant"], row["name"], **numbers, cost=float(row["cost"]))


def _dearest_first(line: UsageLine) -> tuple[float, int, str, str]:
    return (-line.cost, -line.prompt_tokens - line.completion_tokens, line.tenant, line.name)


def _add(session: Session, row: dict[str, Any]) -> None:
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = (sqlite if on_sqlite else postgresql).insert(DailyUsage).values(row)
    sums = {name: getattr(DailyUsage, name) + insert.excluded[name] for name in _COUNTED}
    keys = [column.name for column in DailyUsage.__table__.primary_key]
    session.execute(insert.on_conflict_do_update(index_elements=keys, set_=sums))
