"""Token budgets of a tenant and of each of its users, by day and by month (UTC).

What is spent is counted when an answer ends, so asks that are under way together may go over a
budget by what they cost themselves; the next one hears of it, in every process.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from api.admission.models import AdmittedModel, SpentModel
from api.errors import BudgetSpentError
from api.usage import Bill, Spent, add_bill, spent_by
from generate.asking import Meter, counting
from generate.parts import AnswerParts
from generate.registry import Registry, Tier
from index.db.database import Database
from index.db.tables.base import utc_now
from index.types import Actor


def spent_budget(
    database: Database, actor: Actor, terms: Tier, now: datetime | None = None
) -> BudgetSpentError | None:
    """Return what to tell an actor whose budget is used up; none where there is something left.

    Where the tier has no budget, nothing is read.
    """
    if not terms.budgeted:
        return None
    moment = now or utc_now()
    with database.read() as session:
        spent = spent_by(session, actor, moment.date())
    over = [(_period_end(moment, period), name) for period, name in _exceeded(terms, spent)]
    if not over:
        return None
    end, name = max(over)
    return BudgetSpentError(name, max(1, math.ceil((end - moment).total_seconds())))


def admitted(
    answering: AnswerParts,
    over: BudgetSpentError | None,
    aside: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> AnswerParts:
    """Return the parts with a model that steps aside, or that refuses where a budget is spent.

    A guard and a judge are asked over budget, too: no answer goes out for it unguarded or unjudged.
    """
    model = answering.model
    if model is None:
        return answering
    if over is not None:
        return replace(answering, model=SpentModel(model.name, over))
    return replace(answering, model=AdmittedModel(model, aside))


@contextmanager
def on_account(
    database: Database, actor: Actor, registry: Registry, answering: AnswerParts
) -> Iterator[AnswerParts]:
    """Yield parts to answer with; what models cost in the block is the actor's.

    Where a budget is used up, answers are quoted.
    """
    meter = Meter(registry.cost)
    over = spent_budget(database, actor, registry.terms(actor.scope.tenant))
    try:
        with counting(meter):
            yield admitted(answering, over)
    finally:
        charge(database, actor, meter)


def charge(database: Database, actor: Actor, meter: Meter) -> None:
    """Count what models have cost where no answer is stored, if anything."""
    if meter.spent:
        with database.write() as session:
            add_bill(session, actor, Bill(None, meter.spent))


def _exceeded(terms: Tier, spent: Spent) -> list[tuple[str, str]]:
    limits = (
        ("day", "Your tokens of today", spent.user_day, terms.user_tokens.day),
        ("month", "Your tokens of this month", spent.user_month, terms.user_tokens.month),
        ("day", "The tokens of your organisation of today", spent.tenant_day,
         terms.tenant_tokens.day),
        ("month", "The tokens of your organisation of this month", spent.tenant_month,
         terms.tenant_tokens.month),
    )  # fmt: skip
    return [
        (period, name) for period, name, used, most in limits if most is not None and used >= most
    ]


def _period_end(moment: datetime, period: str) -> datetime:
    """Return when the next day or month begins, in UTC."""
    today = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    if period == "day":
        return today + timedelta(days=1)
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1)
