"""The Model Context Protocol at ``/mcp``, and the metadata by which its clients sign in.

OpenAPI does not describe another protocol, so these routes are not in the description.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from api.auth.dependencies import CurrentActor
from api.auth.protected_resource import MCP_PATH, METADATA_PATH, resource_metadata
from api.dependencies import service_state
from api.mcp_server.http_exchange import McpExchange
from api.mcp_server.service_knowledge import ServiceKnowledge
from api.public_address import base_url
from api.routes.guarded_route import GuardedRoute
from api.service import ServiceState
from index.errors import NotFoundError

router = APIRouter(route_class=GuardedRoute, include_in_schema=False)

_State = Annotated[ServiceState, Depends(service_state)]


@router.post(MCP_PATH)
async def exchange(request: Request, actor: CurrentActor, state: _State) -> Response:
    """Answer one message of an assistant, as the caller."""
    body = await request.body()
    knowledge = ServiceKnowledge(state, actor, request.receive, base_url(request))
    return McpExchange(knowledge, body)


@router.get(METADATA_PATH)
@router.get(METADATA_PATH + MCP_PATH)
async def show_metadata(request: Request, state: _State) -> dict[str, Any]:
    """Return where to sign in, where OIDC is configured."""
    settings = state.settings
    if not settings.has_oidc:
        raise NotFoundError
    return resource_metadata(base_url(request), str(settings.oidc_issuer))
