"""One request of an identity provider, from its JSON to the answer, in the library's models."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from scim2_models import (
    Context,
    Error,
    NotImplementedException,
    Resource,
    SCIMException,
    SearchRequest,
)

from api.public_address import base_url
from api.scim.groups import Addresses
from api.scim.kinds import BASE_PATH, MEDIA_TYPE, ResourceKind
from api.scim.people import ProvisionedTenant
from api.scim.provisioning import Provisioning, version_of
from api.scim.schemas import MODELS, POLICY, provider
from index.db.database import Database
from index.entity_tags import Precondition
from index.errors import NotFoundError
from index.text.untrusted_input import require_json
from index.types import Actor

LONGEST_QUERY = 4000
"""Characters of a query's parameters together."""

_PARAMETERS = ("filter", "startIndex", "count", "attributes", "excludedAttributes")

LIST_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


@dataclass(frozen=True, slots=True)
class ScimExchange:
    """Answers one request of a caller, who provisions their own tenant."""

    request: Request
    provisioning: Provisioning

    @classmethod
    def of(
        cls, request: Request, database: Database, actor: Actor, issuer: str | None
    ) -> "ScimExchange":
        """Return the exchange of a request."""
        addresses = Addresses(base_url(request) + BASE_PATH)
        place = ProvisionedTenant(actor.scope.tenant, issuer)
        return cls(request, Provisioning(database, place, addresses, actor.author))

    def query(self, kind: ResourceKind) -> Response:
        """Return a page of resources."""

        def answer() -> Response:
            parameters = self._parameters(kind)
            return _json(_dumped(self.provisioning.query(kind, parameters), parameters))

        return _answered(answer)

    def read(self, kind: ResourceKind, resource_id: str) -> Response:
        """Return a resource."""
        return self._one(kind, lambda: self.provisioning.read(kind, resource_id))

    def create(self, kind: ResourceKind, payload: Any) -> Response:
        """Make a resource."""
        sound = require_json(payload)
        return self._one(kind, lambda: self.provisioning.create(kind, sound), status=201)

    def replace(
        self, kind: ResourceKind, resource_id: str, payload: Any, precondition: Precondition
    ) -> Response:
        """Give a resource other attributes."""
        sound = require_json(payload)
        return self._one(
            kind, lambda: self.provisioning.replace(kind, resource_id, sound, precondition)
        )

    def patch(
        self, kind: ResourceKind, resource_id: str, payload: Any, precondition: Precondition
    ) -> Response:
        """Change some attributes of a resource."""
        sound = require_json(payload)
        return self._one(
            kind, lambda: self.provisioning.patch(kind, resource_id, sound, precondition)
        )

    def delete(self, kind: ResourceKind, resource_id: str, precondition: Precondition) -> Response:
        """Delete a resource."""
        self.provisioning.delete(kind, resource_id, precondition)
        return Response(status_code=204)

    def search(self) -> Response:
        """Refuse a search over both kinds; each has a list with a filter."""
        return _refusal(NotImplementedException(detail="Search in /Users or /Groups.").to_error())

    def show_config(self) -> Response:
        """Say what this service can do."""
        return _json(self._located(provider().config, "ServiceProviderConfig", ""))

    def list_resource_types(self) -> Response:
        """List the kinds of resources."""
        return self._listed(provider().resource_types, "ResourceType")

    def show_resource_type(self, name: str) -> Response:
        """Show a kind of resource."""
        return self._named(provider().resource_types, "ResourceType", name)

    def list_schemas(self) -> Response:
        """List the schemas."""
        return self._listed(provider().schemas, "Schema")

    def show_schema(self, name: str) -> Response:
        """Show a schema."""
        return self._named(provider().schemas, "Schema", name)

    def _parameters(self, kind: ResourceKind) -> SearchRequest[Any]:
        """Return the parameters of the request's query.

        Raises:
            ValidationError: one does not fit.

        """
        query = self.request.query_params
        values = {name: query[name] for name in _PARAMETERS if name in query}
        if sum(map(len, values.values())) > LONGEST_QUERY:
            raise SCIMException(detail=f"A query has {LONGEST_QUERY} characters at most.")
        parameters: Any = SearchRequest.__class_getitem__(MODELS[kind])
        search: SearchRequest[Any] = parameters.model_validate(values, scim_policy=POLICY)
        return search

    def _one(
        self, kind: ResourceKind, act: Callable[[], Resource[Any]], *, status: int = 200
    ) -> Response:
        """Return one resource with its tag, or 304 where the caller has this state."""

        def answer() -> Response:
            parameters, resource = self._parameters(kind), act()
            tag = version_of(resource)
            location = str(resource.meta and resource.meta.location)
            headers = {"ETag": tag, "Content-Location": location}
            known_tags = self.request.headers.get("if-none-match", "").split(",")
            if self.request.method == "GET" and tag in map(str.strip, known_tags):
                return Response(status_code=304, headers={"ETag": tag})
            if status == 201:  # noqa: PLR2004
                headers["Location"] = location
            return _json(_dumped(resource, parameters), status, headers)

        return _answered(answer)

    def _named(self, resources: Any, kind: str, name: str) -> Response:
        for each in resources:
            if each.id == name:
                return _json(self._located(each, kind, f"/{name}"))
        raise NotFoundError

    def _listed(self, resources: Any, kind: str) -> Response:
        items = [self._located(each, kind, f"/{each.id}") for each in resources]
        page = {
            "schemas": [LIST_SCHEMA], "totalResults": len(items), "startIndex": 1,
            "itemsPerPage": len(items), "Resources": items,
        }  # fmt: skip
        return _json(page)

    def _located(self, resource: Any, kind: str, path: str) -> dict[str, Any]:
        """Return a description as JSON, with where it stands."""
        folder = kind if path == "" else f"{kind}s"
        body: dict[str, Any] = resource.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
        location = f"{self.provisioning.addresses.base_url}/{folder}{path}"
        return body | {"meta": {"resourceType": kind, "location": location}}


def _answered(answer: Callable[[], Response]) -> Response:
    """Return an answer; errors of the models are answered in SCIM's shape."""
    try:
        return answer()
    except ValidationError as error:
        return _refusal(Error.from_validation_errors(error)[0])
    except SCIMException as error:
        return _refusal(error.to_error())


def _refusal(error: Error) -> Response:
    body = error.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
    return _json(body, error.status or 400)


def _json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(content, status, headers=headers, media_type=MEDIA_TYPE)


def _dumped(resource: Any, parameters: SearchRequest[Any]) -> Any:
    return resource.model_dump(
        scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=parameters
    )
