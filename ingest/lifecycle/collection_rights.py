"""Who may change a collection: its owner, and curators who see it."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from index.access.classes import access_list_of, visible
from index.db.database import Database
from index.db.tables.collections import Collection
from index.errors import ForbiddenError, NotFoundError
from index.types import Actor


def manageable_collection(session: Session, actor: Actor, collection_id: str) -> Collection:
    """Return a collection that the actor may change, locked.

    The owner may always, unless denied by name; curators and administrators may change those that
    they see. Locks are taken in this order: the tenant, collections, documents by their keys, and
    then the counters of the store.

    Raises:
        NotFoundError: it does not exist, or not for this actor.
        ForbiddenError: the actor may see it, but not change it.

    """
    statement = select(Collection).where(
        Collection.id == collection_id, Collection.tenant == actor.scope.tenant
    )
    locked = statement.with_for_update().execution_options(populate_existing=True)
    row = session.scalar(locked)
    if row is None:
        raise NotFoundError
    require_manager(session, actor, row)
    return row


def require_manager(session: Session, actor: Actor, row: Collection) -> None:
    """Check that the actor may change a collection of its tenant.

    Raises:
        NotFoundError: it is not there for the actor.
        ForbiddenError: the actor may see it, but not change it.

    """
    if row.owner == actor.owner:
        if access_list_of(session, row.class_key).deny & actor.scope.principals:
            raise NotFoundError
        return
    if not is_visible(session, actor, row):
        raise NotFoundError
    if not actor.is_curator:
        raise ForbiddenError("Only the owner and curators may change this collection.")


def is_visible(session: Session, actor: Actor, row: Collection) -> bool:
    """Tell whether the actor sees a collection."""
    statement = select(Collection.key).where(Collection.key == row.key, visible(actor.scope))
    return session.scalar(statement) is not None


def check_collections(database: Database, actor: Actor, collection_ids: Iterable[str]) -> None:
    """Check that the actor may put documents into some collections, before there are any.

    Raises:
        NotFoundError, ForbiddenError: one of them is not the actor's to change.

    """
    with database.read() as session:
        for collection_id in collection_ids:
            row = session.scalar(
                select(Collection).where(
                    Collection.id == collection_id, Collection.tenant == actor.scope.tenant
                )
            )
            if row is None:
                raise NotFoundError
            require_manager(session, actor, row)


def may_manage_collection(session: Session, actor: Actor, row: Collection) -> bool:
    """Tell whether the actor may change a collection of its tenant."""
    try:
        require_manager(session, actor, row)
    except (NotFoundError, ForbiddenError):
        return False
    return True
