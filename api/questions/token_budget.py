"""Token budgets of a tenant and of each of its users, by day and by month (UTC).

The cost of an ask is counted when its answer ends. Asks that run at the same time may together go
over a budget; the next ask is refused or quoted, in every process.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from api.admission.admitted_model import AdmittedModel, OverBudgetModel
from api.errors import AskQuotaError, BudgetSpentError
from api.questions.usage import Bill, TokenTotals, add_bill, sum_tokens
from generate.dependencies import AnswerDependencies
from generate.llm.metering import Meter, Pricing, counting
from generate.llm.registry import Registry, Tier
from index.access.tenants import ASKS, count_asks
from index.db.database import Database
from index.db.tables.base import utc_now
from index.types import Actor


def spent_budget(
    database: Database, actor: Actor, terms: Tier, now: datetime | None = None
) -> BudgetSpentError | None:
    """Return the error for an actor whose token budget is used up; none where some is left.

    Where the tier has no budget, nothing is read.
    """
    if not terms.has_budget:
        return None
    moment = now or utc_now()
    with database.read() as session:
        totals = sum_tokens(session, actor, moment.date())
    over = [(_period_end(moment, period), name) for period, name in _exceeded(terms, totals)]
    if not over:
        return None
    end, name = max(over)
    return BudgetSpentError(name, max(1, math.ceil((end - moment).total_seconds())))


def check_ask_quota(database: Database, tenant: str, now: datetime | None = None) -> None:
    """Check that the tenant's asks of this day (UTC) are not used up.

    As with the budgets, an ask counts when it is answered, so asks that are under way at once may
    go beyond by their number.

    Raises:
        AskQuotaError: they are.

    """
    moment = now or utc_now()
    with database.read() as session:
        quota = ASKS.of(session, tenant)
        if quota is None or count_asks(session, tenant, moment.date()) < quota:
            return
    wait = math.ceil((_period_end(moment, "day") - moment).total_seconds())
    raise AskQuotaError(quota, max(1, wait))


def admitted(
    answering: AnswerDependencies,
    over_budget: BudgetSpentError | None,
    without_core: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> AnswerDependencies:
    """Return the dependencies with a model that gives its core up while it writes.

    Over budget the model refuses to write. Guards and judges are still called: no answer goes out
    unguarded or unjudged because a budget is used up.
    """
    model = answering.model
    if model is None:
        return answering
    if over_budget is not None:
        return replace(answering, model=OverBudgetModel(model.name, over_budget))
    return replace(answering, model=AdmittedModel(model, without_core))


def _exceeded(terms: Tier, totals: TokenTotals) -> list[tuple[str, str]]:
    limits = (
        ("day", "Your tokens of today", totals.user_day, terms.user_tokens.day),
        ("month", "Your tokens of this month", totals.user_month, terms.user_tokens.month),
        ("day", "The tokens of your organisation of today", totals.tenant_day,
         terms.tenant_tokens.day),
        ("month", "The tokens of your organisation of this month", totals.tenant_month,
         terms.tenant_tokens.month),
    )  # fmt: skip
    return [
        (period, name)
        for period, name, tokens, most in limits
        if most is not None and tokens >= most
    ]


def _period_end(moment: datetime, period: str) -> datetime:
    """Return when the next day or month begins, in UTC."""
    today = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    if period == "day":
        return today + timedelta(days=1)
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1)


@dataclass(slots=True)
class Account:
    """The cost of the models that are called for one actor."""

    meter: Meter
    is_billed: bool = False
    """The cost is stored together with an answer."""


@contextmanager
def open_account(
    database: Database,
    actor: Actor,
    price: Pricing,
    count: Callable[[Meter], None] = lambda _meter: None,
) -> Iterator[Account]:
    """Meter the models that are called inside the block, and charge the actor at its end.

    An answer that is stored brings its own bill. Where there is none, be it that the answer failed
    or that its asker left, the tokens are charged all the same. ``count`` is shown the meter.
    """
    account = Account(Meter(price))
    try:
        with counting(account.meter):
            yield account
    finally:
        count(account.meter)
        if account.meter.usages and not account.is_billed:
            with database.write() as session:
                add_bill(session, actor, Bill(None, account.meter.usages))


@contextmanager
def on_account(
    database: Database, actor: Actor, registry: Registry, answering: AnswerDependencies
) -> Iterator[AnswerDependencies]:
    """Yield dependencies to answer with; the models that are called in the block are charged.

    Where a budget is used up, answers are quoted.
    """
    over_budget = spent_budget(database, actor, registry.terms(actor.scope.tenant))
    with open_account(database, actor, registry.cost):
        yield admitted(answering, over_budget)
