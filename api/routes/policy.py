"""The guardrails' policy, for administrators: which one is in force, and reading its file again."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from api.auth.dependencies import CurrentAdmin
from api.dependencies import CurrentDatabase, CurrentPolicy
from api.errors import RoleError
from api.openapi.problems import problem_responses
from api.routes.entity_tags import NOT_MODIFIED, CurrentTagged
from api.routes.guarded_route import GuardedRoute
from generate.guardrails.policy_reload import PolicyState
from index.db.audit_chain import record_act

router = APIRouter(
    prefix="/v1/admin/policy",
    tags=["admin"],
    route_class=GuardedRoute,
    responses=problem_responses(RoleError),
)


class GuardrailPolicyView(BaseModel):
    """The policy that is in force in the process that answered."""

    version: str
    """Its author's name for it and a hash of its content; each answer names it in `policy`."""
    source: str
    error: str | None
    """Why the file in its present state is not in force; none where it is."""


@router.get("", response_model=GuardrailPolicyView, responses=NOT_MODIFIED)
def show(_actor: CurrentAdmin, policy: CurrentPolicy, tagged: CurrentTagged) -> Any:
    """Return which policy is in force, and what is wrong with its file, if anything is."""
    state = policy.state
    return tagged.answer(_view(state), state)


@router.post("/reload")
def reload(
    actor: CurrentAdmin, database: CurrentDatabase, policy: CurrentPolicy
) -> GuardrailPolicyView:
    """Read the policy's file now. A file that does not fit changes nothing; `error` says why."""
    view = _view(policy.reload())
    with database.write(actor.author) as session:
        record_act(session, actor.scope.tenant, "policy-reload", view.version)
    return view


def _view(state: PolicyState) -> GuardrailPolicyView:
    fields: dict[str, Any] = asdict(state)
    return GuardrailPolicyView(**fields)
