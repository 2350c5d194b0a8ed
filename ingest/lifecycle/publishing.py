"""Publishing rights: for whom somebody may make a document readable.

One publishes to oneself and to the groups that one is in. To publish to another group, or to
everybody, one is a contributor to it, or a curator. Where the rule is ``open``, everybody
publishes to everybody. A tenant's own rule comes before the installation's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from index.access.classes import lock_tenant
from index.author import Author
from index.db.audit_chain import record_act
from index.db.database import Database
from index.db.tables.access import Contributor, Tenant
from index.entity_tags import UNCONDITIONAL, Precondition, entity_tag
from index.types import EVERYONE, AccessList, Actor, parse_principal
from ingest.errors import InvalidAudienceError, PublishingError

Publishing = Literal["own", "open"]
"""Whether readers publish to themselves and their ``own`` groups alone."""


@dataclass(frozen=True, slots=True)
class PublishingRights:
    """To whom somebody may publish, besides themselves."""

    everyone: bool
    """To anybody in the tenant: every group, and all."""
    audiences: list[str]
    """The groups that they are in or contribute to."""


_NAMED = 5
"""Principals that a refusal names at most."""


@dataclass(frozen=True, slots=True)
class ContributorView:
    """A user or group, and the audience that it may publish to."""

    member: str
    audience: str


def check_publishing(
    session: Session,
    actor: Actor,
    access: AccessList,
    rule: Publishing,
    *,
    before: AccessList | None = None,
) -> None:
    """Check that the actor may make content readable for all whom an access list admits.

    ``rule`` is the installation's, for tenants without one of their own.

    ``before`` is the list that the same content has already: then only who is added counts, and
    everybody where somebody is no longer denied.

    Raises:
        PublishingError: the list admits somebody whom the actor may not publish to.

    """
    if actor.publishes_to_all or _rule_of(session, actor.scope.tenant, rule) == "open":
        return
    audience = access.allow
    if before is not None and before.deny <= access.deny:
        audience = access.allow - before.allow
    own = (actor.scope.principals | {actor.owner}) - {EVERYONE}
    beyond = sorted(audience - own)
    if beyond:
        granted = _audiences_of(session, actor)
        beyond = [] if EVERYONE in granted else [p for p in beyond if p not in granted]
    if beyond:
        raise PublishingError(
            f"You may not publish to {', '.join(beyond[:_NAMED])}: only to yourself and to groups "
            "that you are in. Ask a curator to do it, or an administrator to make you a "
            "contributor to that audience."
        )


def publishing_rights(database: Database, actor: Actor, rule: Publishing) -> PublishingRights:
    """Return to whom an actor may publish; ``rule`` is the installation's."""
    groups = {name for name in actor.scope.principals if name.startswith("group:")}
    with database.read() as session:
        granted = _audiences_of(session, actor)
        is_open = _rule_of(session, actor.scope.tenant, rule) == "open"
    may_reach_all = is_open or actor.publishes_to_all or EVERYONE in granted
    return PublishingRights(may_reach_all, sorted((groups | granted) - {EVERYONE}))


def set_publishing(
    database: Database,
    tenant: str,
    rule: Publishing | None,
    *,
    check_state: Callable[[Tenant], None] = lambda _tenant: None,
    author: Author | None = None,
) -> None:
    """Say to whom a tenant's readers may publish; none means as the installation says.

    What was published already stays as it is. ``check_state`` raises where the tenant is in another
    state than the change is meant for.
    """
    with database.write(author) as session:
        row = lock_tenant(session, tenant)
        check_state(row)
        row.publishing = rule
        record_act(session, tenant, "publishing-set", tenant, rule=rule or "installation")


def add_contributor(
    database: Database,
    tenant: str,
    member: str,
    audience: str,
    *,
    precondition: Precondition = UNCONDITIONAL,
    author: Author | None = None,
) -> ContributorView:
    """Let a user or a group publish to an audience; harmless where they may already.

    Raises:
        InvalidPrincipalError: one of them is malformed.
        InvalidAudienceError: the member is everybody, or the audience is a single user.
        PreconditionFailedError: the list is another than the change is meant for.

    """
    view = _view(member, audience)
    key = {"tenant": tenant, "member": view.member, "audience": view.audience}
    with database.write(author) as session:
        lock_tenant(session, tenant)
        precondition.check(lambda: entity_tag(_contributors(session, tenant)))
        if session.get(Contributor, key) is None:
            session.add(Contributor(**key))
        record_act(session, tenant, "contributor-add", view.audience, member=view.member)
    return view


def remove_contributor(
    database: Database,
    tenant: str,
    member: str,
    audience: str,
    *,
    precondition: Precondition = UNCONDITIONAL,
    author: Author | None = None,
) -> ContributorView:
    """Take that right away; documents that are published already stay as they are.

    Raises:
        PreconditionFailedError: the list is another than the change is meant for.

    """
    view = _view(member, audience)
    with database.write(author) as session:
        lock_tenant(session, tenant)
        precondition.check(lambda: entity_tag(_contributors(session, tenant)))
        record_act(session, tenant, "contributor-remove", view.audience, member=view.member)
        session.execute(
            delete(Contributor).where(
                Contributor.tenant == tenant,
                Contributor.member == view.member,
                Contributor.audience == view.audience,
            )
        )
    return view


def list_contributors(database: Database, tenant: str) -> list[ContributorView]:
    """Return who may publish to which audience, in order of audience and member."""
    with database.read() as session:
        return _contributors(session, tenant)


def _contributors(session: Session, tenant: str) -> list[ContributorView]:
    rows = session.scalars(
        select(Contributor)
        .where(Contributor.tenant == tenant)
        .order_by(Contributor.audience, Contributor.member)
    )
    return [ContributorView(row.member, row.audience) for row in rows]


def _audiences_of(session: Session, actor: Actor) -> set[str]:
    members = sorted(actor.scope.principals | {actor.owner})
    return set(
        session.scalars(
            select(Contributor.audience).where(
                Contributor.tenant == actor.scope.tenant, Contributor.member.in_(members)
            )
        )
    )


def _rule_of(session: Session, tenant: str, installation: Publishing) -> Publishing:
    own = session.scalar(select(Tenant.publishing).where(Tenant.id == tenant))
    return cast("Publishing", own or installation)


def _view(member: str, audience: str) -> ContributorView:
    view = ContributorView(parse_principal(member), parse_principal(audience))
    if view.member == EVERYONE:
        raise InvalidAudienceError(
            "Name a user or a group as the member. To let everybody publish to all, an "
            "administrator sets the tenant's rule to open."
        )
    if view.audience.startswith("user:"):
        raise InvalidAudienceError("The audience is a group, or tenant:all for everybody.")
    return view
