"""Vector stores: made, changed, searched and deleted as collections are."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from api.admission.waiting import result_for
from api.auth.dependencies import CurrentActor
from api.dependencies import CurrentDatabase, CurrentIngestion, CurrentPublishing, CurrentQuestions
from api.errors import OverloadedError, ParameterError
from api.openai_compatible.chunking_strategy import check_chunking, largest_chunk
from api.openai_compatible.cursor_pages import CurrentPage
from api.openai_compatible.store_objects import (
    DeletedStore,
    StoreList,
    StoreView,
    get_store,
    list_stores,
)
from api.openai_compatible.store_schemas import (
    SearchPage,
    StorePatch,
    StoreRequest,
    StoreSearchRequest,
)
from api.openai_compatible.store_search import search_store
from api.openapi.problems import problem_responses
from api.questions.service import SEARCH_TOKENS, admitted_search
from api.routes.collections import CollectionId
from api.routes.guarded_route import QUEUED_JSON, GuardedRoute, accepts
from api.routes.questions import SEARCH_FAILURES
from index.errors import (
    CollectionExpiredError,
    ForbiddenError,
    InvalidFilterError,
    NotFoundError,
    QueueFullError,
)
from ingest.errors import PublishingError
from ingest.lifecycle.collection_edits import (
    CollectionEdit,
    CollectionSpec,
    create_collection,
    delete_collection,
    edit_collection,
)
from retrieve.errors import InvalidQuestionError

router = APIRouter(prefix="/v1/vector_stores", tags=["openai"], route_class=GuardedRoute)

StoreId = CollectionId
StoreFileId = Annotated[str, Path(max_length=40, examples=["doc_0123456789abcdef01234567"])]


@router.post("", responses=problem_responses(NotFoundError, QueueFullError, ParameterError))
def make_store(
    actor: CurrentActor,
    database: CurrentDatabase,
    ingestion: CurrentIngestion,
    body: StoreRequest,
) -> StoreView:
    """Make a vector store that you alone see; share it as a collection."""
    check_chunking(body.chunking_strategy, largest_chunk(ingestion))
    spec = CollectionSpec(
        name=body.name, description=body.description or "", attributes=dict(body.metadata or {}),
        idle_days=body.expires_after.days if body.expires_after else None,
        documents=body.file_ids,
    )  # fmt: skip
    collection = create_collection(database, actor, spec)
    return get_store(database, actor, collection.collection_id)


@router.get("")
def show_stores(actor: CurrentActor, database: CurrentDatabase, page: CurrentPage) -> StoreList:
    """List the vector stores that you see; counts are of the files that you may read."""
    return list_stores(database, actor, page)


@router.get("/{vector_store_id}")
def show_store(
    actor: CurrentActor, database: CurrentDatabase, vector_store_id: StoreId
) -> StoreView:
    """Return one vector store; its counts are of the files that you may read."""
    return get_store(database, actor, vector_store_id)


@router.post("/{vector_store_id}", responses=problem_responses(ForbiddenError, PublishingError))
def change_store(
    actor: CurrentActor,
    database: CurrentDatabase,
    publishing: CurrentPublishing,
    vector_store_id: StoreId,
    body: StorePatch,
) -> StoreView:
    """Change the name, the metadata or the expiry of a vector store."""
    changes: dict[str, Any] = {"name": body.name}
    if "metadata" in body.model_fields_set:
        changes["attributes"] = dict(body.metadata or {})
    if "expires_after" in body.model_fields_set:
        changes["idle_days"] = body.expires_after.days if body.expires_after else 0
    edit_collection(
        database, actor, vector_store_id, CollectionEdit(**changes), publishing=publishing
    )
    return get_store(database, actor, vector_store_id)


@router.delete("/{vector_store_id}", responses=problem_responses(ForbiddenError))
def remove_store(
    actor: CurrentActor, database: CurrentDatabase, vector_store_id: StoreId
) -> DeletedStore:
    """Delete a vector store; its files stay."""
    delete_collection(database, actor, vector_store_id)
    return DeletedStore(id=vector_store_id)


@router.post(
    "/{vector_store_id}/search",
    responses=problem_responses(
        InvalidFilterError,
        InvalidQuestionError,
        CollectionExpiredError,
        OverloadedError,
        *SEARCH_FAILURES,
    ),
)
@accepts(QUEUED_JSON)
async def search(
    request: Request,
    questions: CurrentQuestions,
    actor: CurrentActor,
    vector_store_id: StoreId,
    body: StoreSearchRequest,
) -> SearchPage:
    """Return the passages that fit best, out of the files in it that you may read."""
    cost = SEARCH_TOKENS * len(body.queries)
    async with admitted_search(questions, actor, request.receive, cost):
        work = partial(search_store, questions, actor, vector_store_id, body)
        return await result_for(request.receive, questions.threads, work)
