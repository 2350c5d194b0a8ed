"""SCIM 2.0 at ``/scim/v2``: identity providers speak it, so OpenAPI does not describe it.

The gate lets only keys with the scope ``scim`` in; what they manage is their own tenant. The models
are imported at the first request: most installations never need them.
"""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Request, Response

from api.auth.claims import ClaimRules
from api.auth.dependencies import CurrentActor
from api.dependencies import CurrentDatabase, CurrentSettings
from api.routes.entity_tags import CurrentPrecondition
from api.routes.guarded_route import SCIM_JSON, GuardedRoute, accepts
from api.scim.kinds import BASE_PATH, KINDS, ResourceKind

if TYPE_CHECKING:
    from api.scim.exchange import ScimExchange

    Exchange = ScimExchange
else:
    Exchange = Any

router = APIRouter(prefix=BASE_PATH, route_class=GuardedRoute, include_in_schema=False)

ResourceId = Annotated[str, Path(max_length=40)]
Name = Annotated[str, Path(max_length=200)]
Payload = Annotated[dict[str, Any], Body()]


def current_exchange(
    request: Request, actor: CurrentActor, database: CurrentDatabase, settings: CurrentSettings
) -> "ScimExchange":
    """Return what answers this request; it provisions the caller's tenant."""
    from api.scim.exchange import ScimExchange

    is_signed_in_here = ClaimRules.of(settings).signs_in_to(actor.scope.tenant)
    issuer = settings.oidc_issuer if is_signed_in_here else None
    return ScimExchange.of(request, database, actor, issuer)


CurrentExchange = Annotated[Exchange, Depends(current_exchange)]


def _add_routes(kind: ResourceKind) -> None:
    """Add the routes of one kind of resource."""
    many, one = f"/{kind.endpoint}", f"/{kind.endpoint}/{{resource_id}}"

    @router.get(many)
    def query(exchange: CurrentExchange) -> Response:
        return exchange.query(kind)

    @router.post(many)
    @accepts(SCIM_JSON)
    def create(exchange: CurrentExchange, payload: Payload) -> Response:
        return exchange.create(kind, payload)

    @router.get(one)
    def read(exchange: CurrentExchange, resource_id: ResourceId) -> Response:
        return exchange.read(kind, resource_id)

    @router.put(one)
    @accepts(SCIM_JSON)
    def replace(
        exchange: CurrentExchange,
        precondition: CurrentPrecondition,
        resource_id: ResourceId,
        payload: Payload,
    ) -> Response:
        return exchange.replace(kind, resource_id, payload, precondition)

    @router.patch(one)
    @accepts(SCIM_JSON)
    def patch(
        exchange: CurrentExchange,
        precondition: CurrentPrecondition,
        resource_id: ResourceId,
        payload: Payload,
    ) -> Response:
        return exchange.patch(kind, resource_id, payload, precondition)

    @router.delete(one)
    def delete(
        exchange: CurrentExchange, precondition: CurrentPrecondition, resource_id: ResourceId
    ) -> Response:
        return exchange.delete(kind, resource_id, precondition)


for _kind in KINDS:
    _add_routes(_kind)


@router.get("/ServiceProviderConfig")
def show_config(exchange: CurrentExchange) -> Response:
    """Say what this service can do."""
    return exchange.show_config()


@router.get("/ResourceTypes")
def list_resource_types(exchange: CurrentExchange) -> Response:
    """List the kinds of resources."""
    return exchange.list_resource_types()


@router.get("/ResourceTypes/{name}")
def show_resource_type(exchange: CurrentExchange, name: Name) -> Response:
    """Show a kind of resource."""
    return exchange.show_resource_type(name)


@router.get("/Schemas")
def list_schemas(exchange: CurrentExchange) -> Response:
    """List the schemas."""
    return exchange.list_schemas()


@router.get("/Schemas/{name}")
def show_schema(exchange: CurrentExchange, name: Name) -> Response:
    """Show a schema."""
    return exchange.show_schema(name)


@router.post("/.search")
@accepts(SCIM_JSON)
def search(exchange: CurrentExchange, _payload: Payload) -> Response:
    """Refuse a search over both kinds."""
    return exchange.search()
