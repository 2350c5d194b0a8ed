"""Changes of a document's access list: by hand, and by the source that it comes from.

A source's list belongs to the content it came with. What is searchable already may be narrowed by
it at once, but only the version it came with may be read by more people than before.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from index.access.audit_log import record_access_change
from index.access.classes import access_list_of, intern_class
from index.db.change_log import record_change
from index.db.tables.base import utc_now
from index.db.tables.documents import Document, Version
from index.types import AccessList, Scope
from ingest.lifecycle.collection_places import end_inheritance


def set_by_hand(session: Session, actor: str, document: Document, access: AccessList) -> None:
    """Replace a document's list for what is searchable and for all versions on their way.

    Another list than before is the document's own: it inherits no collection's any more.
    """
    _set(session, actor, document, intern_class(session, document.tenant, access))
    _bring(session, document, None)


def set_by_source(session: Session, actor: str, document: Document, access: AccessList) -> None:
    """Take over a source's list, unless it is the one that the source gave before.

    Call it once the version that came with the list is recorded.
    """
    class_key = intern_class(session, document.tenant, access)
    if document.source_class is not None and class_key == document.source_class:
        return
    document.source_class = class_key
    if document.version in (0, document.latest_version):
        _set(session, actor, document, class_key)
        return
    before = access_list_of(session, document.class_key)
    narrow = before.narrow(access, document.owner)
    _set(session, actor, document, intern_class(session, document.tenant, narrow))
    _bring(session, document, class_key)


def take_brought(session: Session, document: Document, version: Version) -> None:
    """Give a document the list that its newest version came with, as that becomes searchable."""
    if version.class_key is not None and version.number == document.latest_version:
        _set(session, document.owner, document, version.class_key)
        version.class_key = None


def _bring(session: Session, document: Document, class_key: int | None) -> None:
    """Let the newest version bring this list, and no older one any."""
    versions = select(Version).where(Version.document_key == document.key)
    is_of_interest = Version.class_key.is_not(None) | (Version.number == document.latest_version)
    for version in session.scalars(versions.where(is_of_interest)):
        is_newest = version.number == document.latest_version
        version.class_key = class_key if is_newest else None


def _set(session: Session, actor: str, document: Document, class_key: int) -> None:
    before = document.class_key
    document.class_key, document.updated_at = class_key, utc_now()
    if class_key == before:
        return
    end_inheritance(session, document.key)
    record_change(session, document.key, [before, class_key], "access")
    record_access_change(
        session, scope=Scope.of(document.tenant, [actor]), actor=actor, action="access",
        document_id=document.id, before=access_list_of(session, before),
        after=access_list_of(session, class_key),
    )  # fmt: skip
