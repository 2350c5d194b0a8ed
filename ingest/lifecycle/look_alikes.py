"""Documents of other publishers whose title or file name looks like this one's.

Whoever asks is told of documents that they may read. A curator also learns that there is another
one and who published it, so that somebody can be asked; never its title, name or id.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from index.access.classes import readable
from index.db.database import Database
from index.db.tables.documents import Document
from index.db.unindexed import Unindexed
from index.errors import NotFoundError
from index.text.untrusted_input import fit_text
from index.types import Actor

MOST = 20
"""Look-alikes that are told of at most."""


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A document of another publisher with a name like this one's."""

    publisher: str
    document_id: str | None
    """None, as the title and the file name, where the caller may not read it."""
    title: str | None
    filename: str | None


def look_alikes(database: Database, actor: Actor, document_id: str) -> list[LookAlike]:
    """Return the look-alikes of a readable document, oldest first.

    Raises:
        NotFoundError: it does not exist, or not for this actor.

    """
    scope = actor.scope
    with database.read() as session:
        document = session.scalar(
            select(Document).where(Document.id == document_id, readable(scope))
        )
        if document is None:
            raise NotFoundError
        may_see_hidden = actor.is_curator
        return _look_alikes(session, actor, document, may_see_hidden=may_see_hidden)


def look_alike_warnings(database: Database, actor: Actor, document_id: str) -> list[str]:
    """Say of an upload which readable documents its name looks like, to curators as to readers.

    An upload's answer tells nobody of a document that they may not read.
    """
    with database.read() as session:
        document = session.scalar(
            select(Document).where(
                Document.id == document_id, Document.tenant == actor.scope.tenant
            )
        )
        rows = _look_alikes(session, actor, document, may_see_hidden=False) if document else []
    return [_warning(row) for row in rows]


def _look_alikes(
    session: Session, actor: Actor, document: Document, *, may_see_hidden: bool
) -> list[LookAlike]:
    keys = sorted({document.title_key, document.filename_key} - {""})
    if not keys:
        return []
    may_read = readable(actor.scope)
    statement = (
        select(Document, may_read.label("may_read"))
        .where(
            Unindexed(Document.tenant) == document.tenant,
            Document.key != document.key,
            Document.owner != document.owner,
            _has_one_of(keys),
        )
        .order_by(Document.key)
        .limit(MOST)
    )
    if not may_see_hidden:
        statement = statement.where(may_read)
    return [_view(row[0], is_readable=bool(row[1])) for row in session.execute(statement)]


def _has_one_of(keys: list[str]) -> ColumnElement[bool]:
    return or_(Document.title_key.in_(keys), Document.filename_key.in_(keys))


def _view(document: Document, *, is_readable: bool) -> LookAlike:
    if not is_readable:
        return LookAlike(document.owner, None, None, None)
    title, filename = fit_text(document.title), fit_text(document.filename)
    return LookAlike(document.owner, document.id, title, filename)


def _warning(look_alike: LookAlike) -> str:
    publisher = look_alike.publisher.partition(":")[2]
    return (
        f"Its name looks like that of \u201c{look_alike.title}\u201d ({look_alike.filename}), "
        f"which {publisher} published as {look_alike.document_id}."
    )
