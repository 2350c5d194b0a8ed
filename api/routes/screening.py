"""Findings in documents, the actions on them, and the quarantine."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.auth.dependencies import CurrentActor, CurrentAdmin, CurrentCurator
from api.dependencies import CurrentDatabase, CurrentLibrary, CurrentScreening
from api.documents.schemas import RejectRequest, ScreeningRequest
from api.errors import RoleError
from api.openapi.problems import problem_responses
from api.routes.documents import DocumentId
from api.routes.entity_tags import (
    NOT_MODIFIED,
    ChangedTagged,
    CurrentPrecondition,
    CurrentTagged,
)
from api.routes.guarded_route import GuardedRoute
from index.errors import ForbiddenError, PreconditionFailedError
from ingest.errors import HeldError, NotQuarantinedError, ScreeningPolicyError, SupersededError
from ingest.lifecycle.finding_views import FindingsView, show_findings
from ingest.lifecycle.quarantine import QuarantineView, list_quarantine, reject, release
from ingest.screening.policy import ScreeningPolicyView, set_policy, show_policy

router = APIRouter(prefix="/v1", tags=["screening"], route_class=GuardedRoute)

SeenVersion = Annotated[
    int | None,
    Query(ge=1, description="The version that you have looked at: no other one is decided on."),
]


class QuarantineList(BaseModel):
    """The documents that wait to be released, oldest first."""

    items: list[QuarantineView]


class Released(BaseModel):
    """The job that makes a released document searchable; its submitter can follow it."""

    job_id: str


@router.get("/documents/{document_id}/findings", responses=problem_responses(ForbiddenError))
def show_document_findings(
    actor: CurrentActor,
    database: CurrentDatabase,
    document_id: DocumentId,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> FindingsView:
    """Say what was found in a document, to its uploader and to curators who may read it."""
    return show_findings(database, actor, document_id, limit=limit)


@router.get("/quarantine", responses=problem_responses(RoleError))
def show_quarantine(actor: CurrentCurator, database: CurrentDatabase) -> QuarantineList:
    """List what is in quarantine; names only of documents that you may read."""
    return QuarantineList(items=list_quarantine(database, actor))


@router.post(
    "/quarantine/{document_id}/release",
    status_code=202,
    responses=problem_responses(RoleError, NotQuarantinedError, SupersededError),
)
def release_document(
    actor: CurrentCurator,
    library: CurrentLibrary,
    document_id: DocumentId,
    version: SeenVersion = None,
) -> Released:
    """Let a document go in spite of its findings; who may read it stays as it is."""
    return Released(job_id=release(library, actor, document_id, version=version))


@router.post(
    "/quarantine/{document_id}/reject",
    status_code=204,
    responses=problem_responses(RoleError, NotQuarantinedError, SupersededError, HeldError),
)
def reject_document(
    actor: CurrentCurator,
    library: CurrentLibrary,
    document_id: DocumentId,
    body: RejectRequest,
    version: SeenVersion = None,
) -> None:
    """Delete what is held; an older or a later version stays, and without one the document goes."""
    reject(library, actor, document_id, reason=body.reason, version=version)


@router.get(
    "/admin/screening",
    response_model=ScreeningPolicyView,
    responses={**NOT_MODIFIED, **problem_responses(RoleError)},
)
def show_screening(
    actor: CurrentAdmin,
    database: CurrentDatabase,
    screening: CurrentScreening,
    tagged: CurrentTagged,
) -> Any:
    """Say what is done about findings in your tenant's documents."""
    return tagged.answer(show_policy(database, actor.scope.tenant, screening))


@router.patch(
    "/admin/screening",
    response_model=ScreeningPolicyView,
    responses=problem_responses(RoleError, ScreeningPolicyError, PreconditionFailedError),
)
def change_screening(
    actor: CurrentAdmin,
    database: CurrentDatabase,
    screening: CurrentScreening,
    precondition: CurrentPrecondition,
    tagged: ChangedTagged,
    body: ScreeningRequest,
) -> Any:
    """Change it for what is read from now on; `/v1/admin/reingest` applies it to the rest."""
    actions = body.model_dump(include=body.model_fields_set)
    tenant = actor.scope.tenant
    return tagged.answer(
        set_policy(
            database, tenant, screening, actions, precondition=precondition, author=actor.author
        )
    )
