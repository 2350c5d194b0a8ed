"""Replies that wait for a person: the queue for reviewers, one's own item for its asker."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from api.auth.dependencies import CurrentActor, CurrentCurator
from api.dependencies import CurrentDatabase, CurrentReads
from api.errors import ReviewDecidedError, ReviewNotYoursError, RoleError
from api.openapi.problems import problem_responses
from api.questions.reviews import ReviewView, State, decide_review, get_review, list_reviews
from api.questions.schemas import ReviewRequest
from api.routes.guarded_route import GuardedRoute

router = APIRouter(prefix="/v1/reviews", tags=["reviews"], route_class=GuardedRoute)

ReviewId = Annotated[str, Path(max_length=40, examples=["rev_0123456789abcdef01234567"])]


class ReviewList(BaseModel):
    """The queue of your tenant: what waits, the most urgent first, then what is decided."""

    items: list[ReviewView]


@router.get("", responses=problem_responses(RoleError))
def show_reviews(
    actor: CurrentCurator,
    database: CurrentDatabase,
    reads: CurrentReads,
    state: State | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ReviewList:
    """List held replies; of those that draw on what you may not read: the rule and the time."""
    reads.record(actor, "reviews")
    return ReviewList(items=list_reviews(database, actor, state=state, limit=limit))


@router.get("/{review_id}")
def show_review(
    actor: CurrentActor, database: CurrentDatabase, reads: CurrentReads, review_id: ReviewId
) -> ReviewView:
    """Say how an item stands: its state to its asker, the redacted text to reviewers."""
    review = get_review(database, actor, review_id)
    reads.record(actor, "review", subject=review_id)
    return review


@router.post(
    "/{review_id}/decide",
    responses=problem_responses(RoleError, ReviewNotYoursError, ReviewDecidedError),
)
def decide(
    actor: CurrentCurator, database: CurrentDatabase, review_id: ReviewId, body: ReviewRequest
) -> ReviewView:
    """Let a held reply through, or not; never one's own, and each item once."""
    return decide_review(database, actor, review_id, body.decision, note=body.note)
