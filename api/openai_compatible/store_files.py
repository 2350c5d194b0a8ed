"""The files of vector stores, one by one and in batches."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.auth.dependencies import CurrentActor
from api.dependencies import CurrentDatabase, CurrentIngestion, CurrentLibrary, CurrentReads
from api.errors import ParameterError
from api.openai_compatible.chunking_strategy import check_chunking, chunking_view, largest_chunk
from api.openai_compatible.cursor_pages import CurrentPage
from api.openai_compatible.file_batches import (
    FileBatchView,
    cancel_batch,
    create_batch,
    files_of_batch,
    get_batch,
)
from api.openai_compatible.store_file_objects import (
    DeletedStoreFile,
    StoreFileList,
    StoreFiles,
    StoreFileView,
)
from api.openai_compatible.store_objects import PlaceStatus
from api.openai_compatible.store_schemas import (
    ContentPage,
    FileBatchRequest,
    FoundText,
    StoreFilePatch,
    StoreFileRequest,
)
from api.openai_compatible.vector_stores import StoreFileId, StoreId
from api.openapi.problems import problem_responses
from api.routes.guarded_route import GuardedRoute
from index.documents import get_document, get_text
from index.errors import ForbiddenError, TextDamagedError
from ingest.errors import QuotaError
from ingest.lifecycle.collection_documents import (
    CollectionPlacement,
    add_documents,
    remove_document,
    set_attributes,
)

router = APIRouter(
    prefix="/v1/vector_stores/{vector_store_id}", tags=["openai"], route_class=GuardedRoute
)

BatchId = Annotated[str, Path(max_length=40, examples=["vsfb_0123456789abcdef01234567"])]
StatusFilter = Annotated[PlaceStatus | None, Query(alias="filter")]


def current_store_files(
    database: CurrentDatabase, actor: CurrentActor, ingestion: CurrentIngestion
) -> StoreFiles:
    """Return what reads the files of vector stores for the caller."""
    return StoreFiles(database, actor, chunking_view(largest_chunk(ingestion)))


CurrentStoreFiles = Annotated[StoreFiles, Depends(current_store_files)]


@router.post("/files", responses=problem_responses(ForbiddenError, QuotaError, ParameterError))
def add_file(
    *,
    actor: CurrentActor,
    database: CurrentDatabase,
    ingestion: CurrentIngestion,
    files: CurrentStoreFiles,
    vector_store_id: StoreId,
    body: StoreFileRequest,
) -> StoreFileView:
    """Put a file into a vector store; it is searched there once it is `completed`."""
    check_chunking(body.chunking_strategy, largest_chunk(ingestion))
    placement = CollectionPlacement(attributes=body.attributes or {})
    add_documents(database, actor, vector_store_id, [body.file_id], placement)
    return files.get(vector_store_id, body.file_id)


@router.get("/files")
def show_files(
    files: CurrentStoreFiles,
    page: CurrentPage,
    vector_store_id: StoreId,
    status: StatusFilter = None,
) -> StoreFileList:
    """List the files of a vector store that you may read."""
    return files.list(vector_store_id, page, status=status)


@router.get("/files/{file_id}")
def show_file(
    files: CurrentStoreFiles, vector_store_id: StoreId, file_id: StoreFileId
) -> StoreFileView:
    """Return one file of a vector store."""
    return files.get(vector_store_id, file_id)


@router.post("/files/{file_id}", responses=problem_responses(ForbiddenError))
def change_file(
    *,
    actor: CurrentActor,
    database: CurrentDatabase,
    files: CurrentStoreFiles,
    vector_store_id: StoreId,
    file_id: StoreFileId,
    body: StoreFilePatch,
) -> StoreFileView:
    """Replace the attributes that a file has in a vector store."""
    set_attributes(database, actor, vector_store_id, file_id, body.attributes or {})
    return files.get(vector_store_id, file_id)


@router.delete("/files/{file_id}", responses=problem_responses(ForbiddenError))
def remove_file(
    actor: CurrentActor,
    database: CurrentDatabase,
    vector_store_id: StoreId,
    file_id: StoreFileId,
) -> DeletedStoreFile:
    """Take a file out of a vector store; the file itself stays."""
    remove_document(database, actor, vector_store_id, file_id)
    return DeletedStoreFile(id=file_id)


@router.get("/files/{file_id}/content", responses=problem_responses(TextDamagedError))
def show_content(
    *,
    actor: CurrentActor,
    library: CurrentLibrary,
    reads: CurrentReads,
    files: CurrentStoreFiles,
    vector_store_id: StoreId,
    file_id: StoreFileId,
) -> ContentPage:
    """Return the text of a file in a vector store, as one part."""
    file = files.get(vector_store_id, file_id)
    text = get_text(library, actor.scope, file_id)
    reads.record(actor, "text", [file_id])
    return ContentPage(
        file_id=file_id,
        filename=get_document(library, actor.scope, file_id).filename,
        attributes=file.attributes,
        data=[FoundText(text=text)],
    )


@router.post(
    "/file_batches", responses=problem_responses(ForbiddenError, QuotaError, ParameterError)
)
def add_batch(
    actor: CurrentActor,
    database: CurrentDatabase,
    ingestion: CurrentIngestion,
    vector_store_id: StoreId,
    body: FileBatchRequest,
) -> FileBatchView:
    """Put files into a vector store, all of them or none."""
    for file in body.sent_files:
        check_chunking(file.chunking_strategy, largest_chunk(ingestion))
    return create_batch(database, actor, vector_store_id, body.sent_files)


@router.get("/file_batches/{batch_id}")
def show_batch(
    actor: CurrentActor, database: CurrentDatabase, vector_store_id: StoreId, batch_id: BatchId
) -> FileBatchView:
    """Return a batch; its counts are of the files that you may read."""
    return get_batch(database, actor, vector_store_id, batch_id)


@router.post("/file_batches/{batch_id}/cancel", responses=problem_responses(ForbiddenError))
def stop_batch(
    actor: CurrentActor, database: CurrentDatabase, vector_store_id: StoreId, batch_id: BatchId
) -> FileBatchView:
    """Cancel a batch: what is not searchable yet will not be searched in this vector store."""
    return cancel_batch(database, actor, vector_store_id, batch_id)


@router.get("/file_batches/{batch_id}/files")
def show_batch_files(
    *,
    actor: CurrentActor,
    database: CurrentDatabase,
    files: CurrentStoreFiles,
    page: CurrentPage,
    vector_store_id: StoreId,
    batch_id: BatchId,
    status: StatusFilter = None,
) -> StoreFileList:
    """List the files of a batch that you may read."""
    ids = files_of_batch(database, actor, vector_store_id, batch_id)
    return files.list(vector_store_id, page, status=status, only=ids)
