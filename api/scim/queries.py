"""Lists of resources: a filter that a column answers is SQL, any other is matched one by one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scim2_models import Resource, ScimFilter, TooManyException
from scim2_models.path import CompareOperator, Comparison
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from api.scim.kinds import USERS, ResourceKind
from index.db.tables.people import ProvisionedResource
from index.text.untrusted_input import require_text

MOST_MATCHED = 20_000
"""Resources that one filter is matched with at most."""


@dataclass(frozen=True, slots=True)
class ResourcePage:
    """The rows of one page, and how many there are in all."""

    rows: list[ProvisionedResource]
    total: int


def name_key(name: str) -> str:
    """Return the form in which names are compared: letters of either case are the same."""
    return name.strip().lower()


def find_page(
    session: Session,
    tenant: str,
    kind: ResourceKind,
    condition: "ScimFilter[Any] | None",
    load: Callable[[ProvisionedResource], Resource[Any]],
    *,
    start: int,
    count: int,
) -> ResourcePage:
    """Return the page from ``start`` (0 is the first), in the order in which they were made.

    Raises:
        TooManyException: the filter would have to be matched with too many resources.
        UnsoundInputError: the filter holds a text that no database compares.

    """
    of_kind = (ProvisionedResource.tenant == tenant, ProvisionedResource.kind == kind.name)
    order = (ProvisionedResource.created_at, ProvisionedResource.id)
    statement = select(ProvisionedResource).where(*of_kind).order_by(*order)
    counting = select(func.count()).select_from(ProvisionedResource).where(*of_kind)
    by_column = None if condition is None else _by_column(kind, condition)
    if condition is None or by_column is not None:
        where = () if by_column is None else (by_column,)
        rows = session.scalars(statement.where(*where).offset(start).limit(count)).all()
        return ResourcePage(list(rows), session.scalar(counting.where(*where)) or 0)
    if (session.scalar(counting) or 0) > MOST_MATCHED:
        raise TooManyException
    rows = session.scalars(statement).all()
    matching = [row for row in rows if condition.match(load(row))]
    return ResourcePage(matching[start : start + count], len(matching))


def _by_column(kind: ResourceKind, condition: "ScimFilter[Any]") -> ColumnElement[bool] | None:
    """Return the SQL of a filter such as ``userName eq "ann"``; none where it is another one.

    Raises:
        UnsoundInputError: its value is a text that no database compares.

    """
    node = condition.ast
    if not isinstance(node, Comparison) or node.op is not CompareOperator.eq:
        return None
    if not isinstance(node.value, str):
        return None
    value = require_text(node.value, "The filter")
    columns: dict[str, ColumnElement[bool]] = {
        own_name(kind): ProvisionedResource.name == name_key(value),
        "externalid": ProvisionedResource.external_id == value,
        "id": ProvisionedResource.id == value,
    }
    path = node.attr_path
    return None if path.sub_attr else columns.get(path.attr.lower())


def own_name(kind: ResourceKind) -> str:
    """Return the attribute by which a kind of resource is looked for, in small letters."""
    return "username" if kind is USERS else "displayname"
