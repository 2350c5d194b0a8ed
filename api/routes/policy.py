"""The guardrails' policy, for administrators: which one holds, and reading it anew."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from api.auth.dependencies import CurrentAdmin
from api.service import CurrentService
from generate.guardrails.policy_reload import PolicyState

router = APIRouter(prefix="/v1/admin/policy", tags=["admin"])


class PolicyView(BaseModel):
    """The policy that holds in the process that answered."""

    version: str
    """What its author calls it, and a hash of what it says; each answer names it in `policy`."""
    source: str
    error: str | None
    """Why the file as it is now is not in force; none where it is."""


@router.get("")
def show(service: CurrentService, _actor: CurrentAdmin) -> PolicyView:
    """Say which policy holds, and what is wrong with its file, if anything is."""
    return _view(service.parts.policy.state)


@router.post("/reload")
def reload(service: CurrentService, _actor: CurrentAdmin) -> PolicyView:
    """Read the policy's file now; one that does not fit changes nothing, and `error` says why."""
    return _view(service.parts.policy.reload())


def _view(state: PolicyState) -> PolicyView:
    fields: dict[str, Any] = asdict(state)
    return PolicyView(**fields)
