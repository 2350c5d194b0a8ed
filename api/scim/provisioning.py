"""Create, read, list, change and delete provisioned resources, each in one transaction."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from scim2_models import (
    Context,
    InvalidValueException,
    ListResponse,
    Meta,
    PatchOp,
    Resource,
    SearchRequest,
    UniquenessException,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.scim.groups import (
    Addresses,
    groups_of_people,
    members_of,
    principal_of_new_group,
    remove_group,
    set_members,
)
from api.scim.kinds import USERS, ResourceKind
from api.scim.people import ProvisionedTenant, apply_person, principal_of_new, remove_person
from api.scim.queries import find_page, name_key
from api.scim.schemas import MODELS, MOST_RESULTS, POLICY, ProvisionedGroup, ProvisionedUser
from index.access.classes import lock_tenant
from index.author import Author
from index.db.audit_chain import record_act
from index.db.database import Database
from index.db.tables.base import utc_now
from index.db.tables.people import ProvisionedResource
from index.entity_tags import UNCONDITIONAL, Precondition, entity_tag
from index.errors import NotFoundError
from index.text.untrusted_input import LARGEST_INTEGER, require_json

LONGEST_NAME = 200
LONGEST_EXTERNAL_ID = 255
DERIVED = {"id", "meta", "groups", "members"}
"""Attributes that other rows and columns hold."""


@dataclass(frozen=True, slots=True)
class Provisioning:
    """The provisioning of one tenant, by one caller."""

    database: Database
    place: ProvisionedTenant
    addresses: Addresses
    author: Author

    def create(self, kind: ResourceKind, payload: dict[str, Any]) -> Resource[Any]:
        """Make a person or a group.

        Raises:
            ValidationError: the payload does not fit.
            SCIMException: the name or the externalId is taken, or a member is unknown.

        """
        context = Context.RESOURCE_CREATION_REQUEST
        resource = MODELS[kind].model_validate(payload, scim_ctx=context, scim_policy=POLICY)
        with self.database.write(self.author) as session:
            lock_tenant(session, self.place.tenant)
            row = ProvisionedResource(
                id=f"scim_{secrets.token_hex(12)}", tenant=self.place.tenant, kind=kind.name,
                created_at=utc_now(), body={},
            )  # fmt: skip
            row.principal = self._principal_of_new(session, row, resource)
            self._store(session, row, resource, None, "scim-create")
            return self._shown(session, row)

    def read(self, kind: ResourceKind, resource_id: str) -> Resource[Any]:
        """Return a person or a group.

        Raises:
            NotFoundError: the tenant has none of this id.

        """
        with self.database.read() as session:
            return self._shown(session, self._row(session, kind, resource_id))

    def query(self, kind: ResourceKind, request: SearchRequest[Any]) -> "ListResponse[Any]":
        """Return a page of people or groups, in the order in which they were made."""
        start, most = min(request.start_index_0 or 0, LARGEST_INTEGER - 1), MOST_RESULTS
        count = most if request.count is None else min(request.count, most)
        with self.database.read() as session:
            page = find_page(
                session, self.place.tenant, kind, request.filter,
                lambda row: self._shown(session, row), start=start, count=count,
            )  # fmt: skip
            resources = self._all_shown(session, page.rows)
        pages: Any = ListResponse.__class_getitem__(MODELS[kind])
        listed: ListResponse[Any] = pages(
            total_results=page.total, start_index=start + 1, items_per_page=len(resources),
            resources=resources,
        )  # fmt: skip
        return listed

    def replace(
        self,
        kind: ResourceKind,
        resource_id: str,
        payload: dict[str, Any],
        precondition: Precondition = UNCONDITIONAL,
    ) -> Resource[Any]:
        """Give a resource the attributes of a payload; those that it lacks are gone.

        Raises:
            NotFoundError: the tenant has none of this id.
            PreconditionFailedError: it is not in the state that the change is meant for.
            ValidationError: the payload does not fit.
            SCIMException: the name or the externalId is taken, or a member is unknown.

        """
        context = Context.RESOURCE_REPLACEMENT_REQUEST
        resource = MODELS[kind].model_validate(payload, scim_ctx=context, scim_policy=POLICY)

        def change(before: Resource[Any]) -> Resource[Any]:
            resource.replace(before)
            return resource

        return self._change(kind, resource_id, change, "scim-replace", precondition)

    def patch(
        self,
        kind: ResourceKind,
        resource_id: str,
        payload: dict[str, Any],
        precondition: Precondition = UNCONDITIONAL,
    ) -> Resource[Any]:
        """Change some attributes of a resource; all operations count, or none.

        Raises:
            NotFoundError: the tenant has none of this id.
            PreconditionFailedError: it is not in the state that the change is meant for.
            ValidationError: the operations do not fit.
            SCIMException: an operation has no target or a wrong value.

        """
        operations: Any = PatchOp.__class_getitem__(MODELS[kind])
        patch = operations.model_validate(
            payload, scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=POLICY
        )

        def change(before: Resource[Any]) -> Resource[Any]:
            after = before.model_copy(deep=True)
            patch.patch(after, POLICY)
            return after

        return self._change(kind, resource_id, change, "scim-patch", precondition)

    def delete(
        self,
        kind: ResourceKind,
        resource_id: str,
        precondition: Precondition = UNCONDITIONAL,
    ) -> None:
        """Delete a resource; a person loses everything that opens something.

        Raises:
            NotFoundError: the tenant has none of this id.
            PreconditionFailedError: it is not in the state that the change is meant for.

        """
        with self.database.write(self.author) as session:
            lock_tenant(session, self.place.tenant)
            row = self._row(session, kind, resource_id)
            precondition.check(lambda: version_of(self._shown(session, row)))
            if kind is USERS:
                remove_person(session, self.place, row.principal)
            else:
                remove_group(session, row)
            session.delete(row)
            record_act(session, row.tenant, "scim-delete", row.principal, id=row.id)

    def _change(
        self,
        kind: ResourceKind,
        resource_id: str,
        change: Callable[[Resource[Any]], Resource[Any]],
        act: str,
        precondition: Precondition,
    ) -> Resource[Any]:
        with self.database.write(self.author) as session:
            lock_tenant(session, self.place.tenant)
            row = self._row(session, kind, resource_id)
            before = self._shown(session, row)
            precondition.check(lambda: version_of(before))
            self._store(session, row, change(before), before, act)
            return self._shown(session, row)

    def _store(
        self,
        session: Session,
        row: ProvisionedResource,
        resource: Resource[Any],
        before: Resource[Any] | None,
        act: str,
    ) -> None:
        """Write a resource into its row, and carry out what it means.

        Raises:
            UnsoundInputError: it holds what cannot be stored or shown.

        """
        row.name, row.external_id = _checked_name(resource), _checked_external_id(resource)
        body = resource.model_dump(scim_ctx=Context.DEFAULT, exclude=DERIVED)
        row.body = require_json(body)  # a filter in a path has texts that the payload did not show
        row.updated_at = utc_now()
        self._check_name(session, row)
        session.add(row)
        session.flush()
        details: dict[str, Any] = {"id": row.id}
        if isinstance(resource, ProvisionedUser):
            earlier = cast("ProvisionedUser | None", before)
            is_let_in = apply_person(session, self.place, row.principal, resource, earlier)
            details["active"] = resource.active is not False
            details["suspended"] = None if is_let_in == details["active"] else not is_let_in
        elif isinstance(resource, ProvisionedGroup):
            new_members, former_members = set_members(session, row, resource.members or [])
            details |= {"gained": new_members or None, "lost": former_members or None}
        record_act(session, row.tenant, act, row.principal, **details)
        session.flush()

    def _principal_of_new(
        self, session: Session, row: ProvisionedResource, resource: Resource[Any]
    ) -> str:
        if isinstance(resource, ProvisionedUser):
            return principal_of_new(session, self.place, resource, row.id)
        name = str(cast("ProvisionedGroup", resource).display_name)
        return principal_of_new_group(session, self.place.tenant, name, row.id)

    def _check_name(self, session: Session, row: ProvisionedResource) -> None:
        at_name = (
            ProvisionedResource.tenant == row.tenant, ProvisionedResource.kind == row.kind,
            ProvisionedResource.name == row.name, ProvisionedResource.id != row.id,
        )  # fmt: skip
        with session.no_autoflush:
            is_taken = session.scalar(select(ProvisionedResource.id).where(*at_name)) is not None
        if is_taken:
            raise UniquenessException(detail=f"There is a {row.kind} of this name.")

    def _row(self, session: Session, kind: ResourceKind, resource_id: str) -> ProvisionedResource:
        row = session.get(ProvisionedResource, resource_id)
        if row is None or (row.tenant, row.kind) != (self.place.tenant, kind.name):
            raise NotFoundError
        return row

    def _shown(self, session: Session, row: ProvisionedResource) -> Resource[Any]:
        return self._all_shown(session, [row])[0]

    def _all_shown(self, session: Session, rows: list[ProvisionedResource]) -> list[Resource[Any]]:
        """Return the resources of rows with what is derived: groups, members, times, versions."""
        people = [row.principal for row in rows if row.kind == USERS.name]
        groups = groups_of_people(session, self.place.tenant, people, self.addresses)
        resources: list[Resource[Any]] = []
        for row in rows:
            if row.kind == USERS.name:
                user = ProvisionedUser.model_validate(row.body, scim_policy=POLICY)
                user.groups = groups.get(row.principal)
                resource: Resource[Any] = user
            else:
                group = ProvisionedGroup.model_validate(row.body, scim_policy=POLICY)
                group.members = members_of(session, row, self.addresses) or None
                resource = group
            resource.id = row.id
            resource.meta = Meta(
                resource_type=row.kind, created=row.created_at, last_modified=row.updated_at,
                location=self.addresses.of(row.kind, row.id),
            )  # fmt: skip
            resource.meta.version = version_of(resource)
            resources.append(resource)
        return resources


def version_of(resource: Resource[Any]) -> str:
    """Return the entity tag of a resource: of everything that it shows but the tag."""
    if resource.meta is not None and resource.meta.version is not None:
        return resource.meta.version
    return entity_tag(resource.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))


def _checked_name(resource: Resource[Any]) -> str:
    """Return the name by which a resource is looked for.

    Raises:
        InvalidValueException: it is empty or too long.

    """
    if isinstance(resource, ProvisionedUser):
        name = resource.user_name
    else:
        name = cast("ProvisionedGroup", resource).display_name
    if not name or not name.strip() or len(name) > LONGEST_NAME:
        raise InvalidValueException(detail=f"A name has 1 to {LONGEST_NAME} characters.")
    return name_key(name)


def _checked_external_id(resource: Resource[Any]) -> str | None:
    """Return the provider's own id of a resource.

    Raises:
        InvalidValueException: it is too long.

    """
    external_id = resource.external_id or None
    if external_id is not None and len(external_id) > LONGEST_EXTERNAL_ID:
        raise InvalidValueException(
            detail=f"An externalId has {LONGEST_EXTERNAL_ID} characters at most."
        )
    return external_id
