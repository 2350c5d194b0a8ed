"""Lists in pages, as OpenAI's API has them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import Query

After = Annotated[str | None, Query(max_length=60, description="The last id of the page before.")]
PageLimit = Annotated[int, Query(ge=1, le=100)]
Order = Literal["asc", "desc"]


def page_of(
    items: Sequence[dict[str, Any]], *, after: str | None, limit: int, order: Order
) -> dict[str, Any]:
    """Return a page of items, which come oldest first; an unknown ``after`` begins at the start."""
    ordered = items[:: -1 if order == "desc" else 1]
    ids = [item["id"] for item in ordered]
    first = ids.index(after) + 1 if after in ids else 0
    page = ordered[first : first + limit]
    return {
        "object": "list",
        "data": list(page),
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
        "has_more": first + limit < len(items),
    }
