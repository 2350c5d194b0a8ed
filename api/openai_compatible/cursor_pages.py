"""Pages of OpenAI's lists: by creation, from a cursor on, forwards or backwards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute, Session

Order = Literal["asc", "desc"]
Columns = TypeVar("Columns", bound=tuple[Any, ...])
Item = TypeVar("Item", bound=BaseModel)

MOST_FILES = 10_000


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list is asked for; cursors are ids of its objects."""

    limit: int = 20
    order: Order = "desc"
    """By creation."""
    after: str | None = None
    before: str | None = None


class ObjectPage(BaseModel, Generic[Item]):
    """A part of a list."""

    object: Literal["list"] = "list"
    data: list[Item]
    first_id: str | None
    last_id: str | None
    has_more: bool


def object_page(items: list[Item], *, has_more: bool) -> dict[str, Any]:
    """Return the fields of an ``ObjectPage`` of objects that have ids."""
    ids = [item.id for item in items]  # type: ignore[attr-defined]
    return {
        "data": items, "first_id": ids[0] if ids else None, "last_id": ids[-1] if ids else None,
        "has_more": has_more,
    }  # fmt: skip


def select_page(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    key: InstrumentedAttribute[int],
    key_of: Callable[[str], int | None],
    request: PageRequest,
) -> tuple[list[Any], bool]:
    """Return the rows of a page, and whether there are more beyond it.

    ``key`` is the column that rows are ordered by, ``key_of`` returns that of a cursor: none where
    the object is not there for the caller, and then the list starts over.
    """
    is_backwards = request.after is None and request.before is not None
    is_falling = (request.order == "desc") is not is_backwards
    for cursor, is_below in (
        (request.after, request.order == "desc"), (request.before, request.order == "asc"),
    ):  # fmt: skip
        cursor_key = None if cursor is None else key_of(cursor)
        if cursor_key is not None:
            condition: ColumnElement[bool] = key < cursor_key if is_below else key > cursor_key
            statement = statement.where(condition)
    ordered = statement.order_by(key.desc() if is_falling else key.asc()).limit(request.limit + 1)
    rows = list(session.execute(ordered).all())
    page = rows[: request.limit]
    return page[::-1] if is_backwards else page, len(rows) > request.limit


def page_of(items: Sequence[dict[str, Any]], request: PageRequest) -> dict[str, Any]:
    """Return an ``ObjectPage`` of objects that are in memory and come oldest first.

    An unknown cursor begins at the start.
    """
    ordered = items[:: -1 if request.order == "desc" else 1]
    ids = [item["id"] for item in ordered]
    first = ids.index(request.after) + 1 if request.after in ids else 0
    page = list(ordered[first : first + request.limit])
    return {
        "object": "list",
        "data": page,
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
        "has_more": first + request.limit < len(items),
    }


async def current_page(
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    order: Annotated[Order, Query()] = "desc",
    after: Annotated[str | None, Query(max_length=40)] = None,
    before: Annotated[str | None, Query(max_length=40)] = None,
) -> PageRequest:
    """Return the part of a list that the request asks for."""
    return PageRequest(limit, order, after, before)


async def current_file_page(
    limit: Annotated[int, Query(ge=1, le=MOST_FILES)] = MOST_FILES,
    order: Annotated[Order, Query()] = "desc",
    after: Annotated[str | None, Query(max_length=40)] = None,
) -> PageRequest:
    """Return the part of the list of files that the request asks for."""
    return PageRequest(limit, order, after)


async def current_item_page(
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    order: Annotated[Order, Query()] = "desc",
    after: Annotated[
        str | None, Query(max_length=60, description="The last id of the page before.")
    ] = None,
) -> PageRequest:
    """Return the part of a list of messages that the request asks for."""
    return PageRequest(limit, order, after)


CurrentPage = Annotated[PageRequest, Depends(current_page)]
CurrentFilePage = Annotated[PageRequest, Depends(current_file_page)]
CurrentItemPage = Annotated[PageRequest, Depends(current_item_page)]
