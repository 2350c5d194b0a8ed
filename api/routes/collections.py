"""Collections: named sets of documents, with an access list of their own."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api.auth.dependencies import CurrentActor
from api.collections.schemas import CollectedRequest, CollectionPatch, CollectionRequest
from api.dependencies import CurrentDatabase, CurrentPublishing
from api.openapi.problems import problem_responses
from api.routes.documents import DocumentId
from api.routes.entity_tags import (
    NOT_MODIFIED,
    ChangedTagged,
    CurrentPrecondition,
    CurrentTagged,
)
from api.routes.guarded_route import GuardedRoute
from index.collections import (
    CollectedPage,
    CollectionPage,
    CollectionView,
    get_collection,
    list_collected,
    list_collections,
)
from index.errors import (
    ForbiddenError,
    InvalidAccessListError,
    InvalidPrincipalError,
    NotFoundError,
    PreconditionFailedError,
    QueueFullError,
)
from ingest.errors import CollectionTreeError, PublishingError, QuotaError
from ingest.lifecycle.collection_documents import (
    CollectionPlacement,
    add_documents,
    remove_document,
)
from ingest.lifecycle.collection_edits import (
    ROOT,
    CollectionEdit,
    CollectionSpec,
    create_collection,
    delete_collection,
    edit_collection,
)

router = APIRouter(prefix="/v1/collections", tags=["collections"], route_class=GuardedRoute)

CollectionId = Annotated[str, Path(max_length=40, examples=["col_0123456789abcdef01234567"])]
Limit = Annotated[int, Query(ge=1, le=500)]
After = Annotated[str | None, Query(max_length=40)]

REFUSALS = (
    ForbiddenError, InvalidPrincipalError, InvalidAccessListError, PublishingError,
    CollectionTreeError,
)  # fmt: skip


@router.post(
    "",
    status_code=201,
    responses=problem_responses(NotFoundError, QueueFullError, *REFUSALS),
)
def make_collection(
    actor: CurrentActor,
    database: CurrentDatabase,
    publishing: CurrentPublishing,
    body: CollectionRequest,
) -> CollectionView:
    """Make a collection that you own; you, or whom you name, see it."""
    spec = CollectionSpec(**body.model_dump())
    return create_collection(database, actor, spec, publishing=publishing)


@router.get("", responses=problem_responses(NotFoundError))
def show_collections(
    *,
    actor: CurrentActor,
    database: CurrentDatabase,
    limit: Limit = 100,
    after: After = None,
    label: Annotated[str | None, Query(max_length=60)] = None,
    parent: Annotated[
        str | None, Query(max_length=40, description="Those that stand in this one.")
    ] = None,
) -> CollectionPage:
    """List the collections that you see, newest first; counts are of what you may read."""
    return list_collections(
        database, actor.scope, limit=limit, after=after, label=label, parent=parent
    )


@router.get("/{collection_id}", response_model=CollectionView, responses=NOT_MODIFIED)
def show_collection(
    actor: CurrentActor,
    database: CurrentDatabase,
    tagged: CurrentTagged,
    collection_id: CollectionId,
) -> Any:
    """Return one collection; its counts are of the documents that you may read."""
    return tagged.answer(get_collection(database, actor.scope, collection_id))


@router.patch(
    "/{collection_id}",
    response_model=CollectionView,
    responses={
        204: {"description": "Changed, and no longer yours to see."},
        **problem_responses(PreconditionFailedError, *REFUSALS),
    },
)
def change_collection(
    *,
    actor: CurrentActor,
    database: CurrentDatabase,
    precondition: CurrentPrecondition,
    tagged: ChangedTagged,
    publishing: CurrentPublishing,
    collection_id: CollectionId,
    patch: CollectionPatch,
) -> Any:
    """Change a collection; documents that inherit get a new access list in the same moment."""
    view = edit_collection(
        database, actor, collection_id, _edit(patch),
        precondition=precondition, publishing=publishing,
    )  # fmt: skip
    return Response(status_code=204) if view is None else tagged.answer(view)


def _edit(patch: CollectionPatch) -> CollectionEdit:
    """Return the edit: null takes a parent or a quota away, and leaves other fields as they are."""
    changes = patch.model_dump(exclude_unset=True)
    if "parent_id" in changes:
        changes["parent_id"] = changes["parent_id"] or ROOT
    for quota in ("document_quota", "byte_quota"):
        if quota in changes:
            changes[quota] = changes[quota] or 0
    return CollectionEdit(**changes)


@router.delete(
    "/{collection_id}",
    status_code=204,
    responses=problem_responses(ForbiddenError, PreconditionFailedError),
)
def remove_collection(
    actor: CurrentActor,
    database: CurrentDatabase,
    precondition: CurrentPrecondition,
    collection_id: CollectionId,
) -> None:
    """Delete a collection; its documents stay, and collections in it move up to its parent."""
    delete_collection(database, actor, collection_id, precondition=precondition)


@router.get("/{collection_id}/documents")
def show_collected(
    actor: CurrentActor,
    database: CurrentDatabase,
    collection_id: CollectionId,
    limit: Limit = 100,
    after: After = None,
) -> CollectedPage:
    """List the documents in a collection that you may read, newest first."""
    return list_collected(database, actor.scope, collection_id, limit=limit, after=after)


@router.post(
    "/{collection_id}/documents",
    status_code=204,
    responses=problem_responses(ForbiddenError, PublishingError, QuotaError),
)
def collect_documents(
    actor: CurrentActor,
    database: CurrentDatabase,
    publishing: CurrentPublishing,
    collection_id: CollectionId,
    body: CollectedRequest,
) -> None:
    """Put documents into a collection, all of them or none.

    They keep their access lists, unless they are to inherit that of the collection.
    """
    placement = CollectionPlacement(body.inherit, body.attributes, publishing)
    add_documents(database, actor, collection_id, body.documents, placement)


@router.delete(
    "/{collection_id}/documents/{document_id}",
    status_code=204,
    responses=problem_responses(ForbiddenError),
)
def uncollect_document(
    actor: CurrentActor,
    database: CurrentDatabase,
    collection_id: CollectionId,
    document_id: DocumentId,
) -> None:
    """Take a document out of a collection; it keeps the access list that it has."""
    remove_document(database, actor, collection_id, document_id)
