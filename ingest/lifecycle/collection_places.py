"""A document's places in collections, as changes of the document itself touch them."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from index.db.tables.collections import CollectionDocument


def end_inheritance(session: Session, document_key: int) -> None:
    """Let a document's access list be its own from now on; it stays in its collections."""
    of_document = CollectionDocument.document_key == document_key
    statement = select(CollectionDocument).where(of_document, CollectionDocument.inherits)
    for place in session.scalars(statement):
        place.inherits = False


def leave_collections(session: Session, document_key: int) -> None:
    """Take a document that is deleted out of every collection."""
    session.execute(
        delete(CollectionDocument).where(CollectionDocument.document_key == document_key)
    )
