"""Authoritative documents: a curator's word that one counts for more than others about the same.

The mark is on the content that the curator has seen: it goes when somebody who is no curator
uploads a new version or changes the title.
"""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from index.access.audit_log import record_access_change
from index.db.change_log import record_change
from index.db.tables.base import utc_now
from index.db.tables.documents import AuthoritativeMark, Document
from index.types import Actor
from ingest.errors import AuthorityError


def check_authority(actor: Actor) -> None:
    """Refuse somebody who may not mark documents.

    Raises:
        AuthorityError: the actor is a reader; to own a document is not enough.

    """
    if not actor.is_curator:
        raise AuthorityError(
            "Only curators and administrators mark documents as authoritative. Ask one of them."
        )


def set_authority(
    session: Session, actor: Actor, document: Document, *, is_authoritative: bool
) -> None:
    """Mark a locked document, or take the mark away; the next search sees it.

    The mark is on the version that is searchable now, not on one that is still on its way.
    """
    mark = session.get(AuthoritativeMark, document.key)
    if is_authoritative == (mark is not None and mark.version >= document.version):
        return
    if mark is not None:
        session.delete(mark)
        session.flush()
    if is_authoritative:
        version = document.version or document.latest_version
        mark = AuthoritativeMark(document_key=document.key, version=version, curator=actor.owner)
        session.add(mark)
        session.flush()
    record_access_change(
        session, scope=actor.scope, actor=actor.owner, document_id=document.id,
        action="mark" if is_authoritative else "unmark",
    )  # fmt: skip
    document.updated_at = utc_now()
    record_change(session, document.key, [document.class_key], "put")


def lose_authority(session: Session, actor: Actor, document: Document) -> None:
    """Take the mark away where somebody changes the content who could not have set it."""
    if not actor.is_curator:
        set_authority(session, actor, document, is_authoritative=False)


def carry_authority(session: Session, actor: Actor, document: Document) -> None:
    """Let a mark hold for the version that was just accepted, where a curator uploaded it."""
    lose_authority(session, actor, document)
    mark = session.get(AuthoritativeMark, document.key)
    if mark is not None and mark.version >= document.latest_version - 1:
        mark.version = document.latest_version


def forget_authority(session: Session, document_key: int) -> None:
    """Delete the mark of a document that is being deleted."""
    statement = delete(AuthoritativeMark).where(AuthoritativeMark.document_key == document_key)
    session.execute(statement)
