"""Where a collection stands in the tree: no circles and a bounded depth, as the actor sees it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from index.access.classes import visible
from index.collections import keys_below
from index.db.tables.collections import Collection
from index.errors import ForbiddenError, NotFoundError
from index.types import Actor
from ingest.errors import CollectionTreeError

MAX_DEPTH = 8
"""Collections from a root to its deepest leaf."""


def place_below(session: Session, actor: Actor, row: Collection, parent_id: str) -> None:
    """Let a collection stand in another one; call it with the tenant's lock.

    What the actor does not see changes nothing that the actor gets. A circle through collections
    that are hidden from the actor is no reason to refuse: it is cut at the link into them, which
    the actor does not see.

    Raises:
        NotFoundError: the actor does not see the parent.
        ForbiddenError: the actor may not change the parent.
        CollectionTreeError: it would stand in itself, or too deep.

    """
    parent = _changeable(session, actor, parent_id)
    ancestors, first_hidden_link = _ancestors(session, actor, parent)
    if row.key in {ancestor.key for ancestor in ancestors}:
        raise CollectionTreeError("A collection cannot stand in itself, or in one that is in it.")
    height = max(keys_below(session, actor.scope, [row.key]).values(), default=0)
    if len(ancestors) + 1 + height > MAX_DEPTH:
        raise CollectionTreeError(f"Collections may stand at most {MAX_DEPTH} deep.")
    if first_hidden_link is not None and _leads_to(session, first_hidden_link, row.key):
        first_hidden_link.parent_key = None
    row.parent_key = parent.key


def _changeable(session: Session, actor: Actor, collection_id: str) -> Collection:
    parent = session.scalar(
        select(Collection).where(Collection.id == collection_id, visible(actor.scope))
    )
    if parent is None:
        raise NotFoundError
    if parent.owner != actor.owner and not actor.is_curator:
        raise ForbiddenError("Only its owner and curators may put collections into this one.")
    return parent


def _ancestors(
    session: Session, actor: Actor, parent: Collection
) -> tuple[list[Collection], Collection | None]:
    """Return the parent and what the actor sees above it, and the last of them if more is above."""
    ancestors = [parent]
    while (key := ancestors[-1].parent_key) is not None:
        above = session.scalar(
            select(Collection).where(Collection.key == key, visible(actor.scope))
        )
        if above is None:
            return ancestors, ancestors[-1]
        ancestors.append(above)
    return ancestors, None


def _leads_to(session: Session, start: Collection, key: int) -> bool:
    """Tell whether a collection is among the ancestors of another one, hidden ones included."""
    above = start.parent_key
    while above is not None and above != key:
        above = session.scalar(select(Collection.parent_key).where(Collection.key == above))
    return above == key
