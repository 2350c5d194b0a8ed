"""Turn the claims of an issuer's token into who somebody is: identity, name, groups, role.

The identity is the pair of issuer and subject. Claims that a person may change or that pass from
one person to another, such as an e-mail address, never say who somebody is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from api.errors import UnauthorizedError
from api.settings import Settings
from index.db.audit_chain import bounded
from index.errors import InvalidPrincipalError
from index.text.untrusted_input import fit_text
from index.types import DEFAULT_TENANT, Role, parse_principal

MOST_GROUPS = 200
"""Groups that a token may name. A person of more is refused: each may be one that is denied."""

ROLES: tuple[Role, ...] = get_args(Role)
"""The roles, the least first."""


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """The settings that say which claims mean what."""

    subject: Literal["sub", "oid"] = "sub"
    groups: str | None = None
    """The claim that names groups; none where tokens give none."""
    source: str = "oidc"
    """The source in the principals of these groups: ``group:<source>/<id>``."""
    roles: str | None = None
    """The claim that names roles; none where everybody is a reader."""
    role_of: Mapping[str, Role] | None = None
    """The role that a value of this claim gives; other values give none."""
    tenant: str = DEFAULT_TENANT
    """Everybody's tenant, and the only one in which claims count, where no claim names it."""
    tenant_claim: str | None = None
    """The claim that names the tenant; none where `tenant` is everybody's."""
    tenant_of: Mapping[str, str] | None = None
    """The tenant that a value of this claim gives; other values give none."""

    @classmethod
    def of(cls, settings: Settings) -> "ClaimRules":
        """Return the configured rules."""
        return cls(
            settings.oidc_subject_claim, settings.oidc_groups_claim, settings.oidc_groups_source,
            settings.oidc_roles_claim, settings.oidc_roles, settings.oidc_tenant,
            settings.oidc_tenant_claim, settings.oidc_tenants,
        )  # fmt: skip

    def signs_in_to(self, tenant: str) -> bool:
        """Tell whether the issuer signs people of a tenant in."""
        if self.tenant_claim is None:
            return tenant == self.tenant
        return tenant in (self.tenant_of or {}).values()


@dataclass(frozen=True, slots=True)
class ClaimedIdentity:
    """Somebody as an issuer's token describes them; the signature is checked before."""

    issuer: str
    subject: str
    name: str
    """For people to read; never compared."""
    user_name: str
    """The name by which a new person is to be called; not proof of anything."""
    tenant: str
    """The tenant that the token makes somebody a member of; groups and role are of this one."""
    groups: tuple[str, ...]
    role: Role
    issued_at: datetime
    names_groups: bool = True
    """The token has the claim of groups, with or without one in it, or none is asked for."""


def read_claims(claims: Mapping[str, Any], rules: ClaimRules) -> ClaimedIdentity:
    """Return the identity that the claims of a valid token describe.

    Raises:
        UnauthorizedError: the subject is missing, the groups are not all there, or the token names
            no tenant, where one is asked for.

    """
    subject = claims.get(rules.subject)
    if (
        not isinstance(subject, str) or subject != fit_text(subject) or not 0 < len(subject) <= 255  # noqa: PLR2004 - the column
    ):
        raise UnauthorizedError(f"The token has no claim {rules.subject!r} that fits.")
    name = _text(claims, "name") or _text(claims, "preferred_username") or subject
    return ClaimedIdentity(
        issuer=str(claims["iss"]),
        subject=subject,
        name=bounded(name, 200),
        user_name=_text(claims, "preferred_username") or subject,
        tenant=_tenant(claims, rules),
        groups=_groups(claims, rules),
        role=_role(claims, rules),
        issued_at=_issued_at(claims),
        names_groups=rules.groups is None or _value(claims, rules.groups) is not None,
    )


def role_named(name: str) -> Role:
    """Return a stored role; a name that is none of them gives no more than a reader's rights."""
    return name if name in ROLES else "reader"


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _issued_at(claims: Mapping[str, Any]) -> datetime:
    """Return when the token was issued; a NumericDate may have fractions (RFC 7519, section 2)."""
    seconds = claims.get("iat")
    return datetime.fromtimestamp(seconds if isinstance(seconds, int | float) else 0, UTC)


def _groups(claims: Mapping[str, Any], rules: ClaimRules) -> tuple[str, ...]:
    """Return the claimed groups as principals; one that is no principal stands in no list.

    Raises:
        UnauthorizedError: the issuer left groups out, so that one which is denied may be missing.

    """
    if rules.groups is None:
        return ()
    names = _values(claims, rules.groups)
    elsewhere = claims.get("_claim_names")  # OpenID Connect Core 1.0, section 5.6.2
    is_left_out = isinstance(elsewhere, Mapping) and rules.groups in elsewhere
    if is_left_out or claims.get("hasgroups") or len(names) > MOST_GROUPS:
        raise UnauthorizedError(
            f"You are in too many groups: the token can name {MOST_GROUPS} at most. Ask your "
            "administrator to send only the groups that matter here."
        )
    principals = (_as_principal(rules.source, name) for name in names)
    return tuple(sorted({each for each in principals if each is not None}))


def _as_principal(source: str, name: str) -> str | None:
    try:
        return parse_principal(f"group:{source}/{name.strip('/')}")
    except InvalidPrincipalError:
        return None


def _tenant(claims: Mapping[str, Any], rules: ClaimRules) -> str:
    """Return the tenant that the claims name.

    Raises:
        UnauthorizedError: they name none that is configured, or several.

    """
    if rules.tenant_claim is None:
        return rules.tenant
    of_value = rules.tenant_of or {}
    values = _values(claims, rules.tenant_claim)
    tenants = {of_value[each] for each in values if each in of_value}
    if len(tenants) != 1:
        raise UnauthorizedError(
            f"The token's claim {rules.tenant_claim} names no tenant of this service, or several."
        )
    return tenants.pop()


def _role(claims: Mapping[str, Any], rules: ClaimRules) -> Role:
    """Return the highest role that the claims give; a reader's where they give none."""
    if rules.roles is None or not rules.role_of:
        return "reader"
    roles = [rules.role_of[each] for each in _values(claims, rules.roles) if each in rules.role_of]
    return max(roles, key=ROLES.index, default="reader")


def _values(claims: Mapping[str, Any], name: str) -> list[str]:
    """Return the texts of a claim."""
    value = _value(claims, name)
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]


def _value(claims: Mapping[str, Any], name: str) -> Any:
    """Return a claim; ``a.b`` also names the member ``b`` of the claim ``a``."""
    value: Any = claims.get(name)
    if value is None:
        value = claims
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    return value
