"""The action for each kind of finding: the installation's, and what a tenant changes of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from index.access.classes import lock_tenant
from index.author import Author
from index.db.audit_chain import record_act
from index.db.database import Database
from index.db.tables.access import Tenant
from index.detectors.types import Kind
from index.entity_tags import UNCONDITIONAL, Precondition, entity_tag
from ingest.errors import ScreeningPolicyError

Action = Literal["keep", "mask", "quarantine"]
"""``keep`` records a finding; ``mask`` also blanks it; ``quarantine`` holds the document back."""


@dataclass(frozen=True, slots=True)
class ScreeningPolicy:
    """One action for each kind of finding."""

    hidden: Action = "keep"
    injection: Action = "keep"
    personal: Action = "keep"
    secret: Action = "keep"  # noqa: S105 - a kind of finding

    def action(self, kind: Kind) -> Action:
        """Return what is done about a finding of this kind."""
        actions: dict[Kind, Action] = {
            "hidden": self.hidden,
            "injection": self.injection,
            "personal": self.personal,
            "secret": self.secret,
        }
        return actions[kind]

    @property
    def only_keeps(self) -> bool:
        """Tell whether nothing is ever masked or held."""
        return all(action == "keep" for action in asdict(self).values())

    def spell(self) -> str:
        """Return the whole policy in one line, for provenance."""
        return " ".join(f"{kind}={action}" for kind, action in sorted(asdict(self).items()))

    def after_release(self) -> "ScreeningPolicy":
        """Return the policy for a version that a curator has let go: what would hold it is kept."""
        instead = {kind: "keep" for kind, action in asdict(self).items() if action == "quarantine"}
        return self.with_actions(instead)

    def with_actions(self, actions: Mapping[str, Any]) -> "ScreeningPolicy":
        """Return the policy with other actions for some kinds.

        Raises:
            ScreeningPolicyError: no such kind, or no such action.

        """
        for kind, action in actions.items():
            if kind not in get_args(Kind) or action not in get_args(Action):
                raise ScreeningPolicyError(
                    f"{kind}={action} is not a valid policy. "
                    f"Kinds are {', '.join(get_args(Kind))}; "
                    f"actions are {', '.join(get_args(Action))}."
                )
        return replace(self, **actions)


@dataclass(frozen=True, slots=True)
class ScreeningPolicyView:
    """The policy of a tenant, and where each part of it comes from."""

    installation: dict[str, str]
    """The operator's settings."""
    tenant: dict[str, str]
    """The tenant's own actions, which replace the operator's."""
    effective: dict[str, str]


def policy_of(session: Session, tenant: str, installation: ScreeningPolicy) -> ScreeningPolicy:
    """Return the policy that holds for a tenant now."""
    tenant_actions = session.scalar(_OWN, {"of_tenant": tenant})
    return installation.with_actions(tenant_actions) if tenant_actions else installation


_OWN = select(Tenant.screening).where(Tenant.id == bindparam("of_tenant"))


def show_policy(
    database: Database, tenant: str, installation: ScreeningPolicy
) -> ScreeningPolicyView:
    """Return a tenant's policy with its origins."""
    with database.read() as session:
        row = session.get(Tenant, tenant)
        return _view(installation, row.screening if row else {})


def set_policy(
    database: Database,
    tenant: str,
    installation: ScreeningPolicy,
    actions: Mapping[str, str | None],
    *,
    precondition: Precondition = UNCONDITIONAL,
    author: Author | None = None,
) -> ScreeningPolicyView:
    """Change what a tenant does about some kinds; None goes back to the installation's action.

    It holds for what is read from now on; ``footnote admin reingest`` applies it to the rest.

    Raises:
        ScreeningPolicyError: no such kind, or no such action.
        PreconditionFailedError: the policy is another one than the change is meant for.

    """
    new_actions = {kind: action for kind, action in actions.items() if action is not None}
    installation.with_actions(new_actions)
    with database.write(author) as session:
        row = lock_tenant(session, tenant)
        precondition.check(lambda: entity_tag(_view(installation, row.screening)))
        unchanged = {kind: action for kind, action in row.screening.items() if kind not in actions}
        row.screening = {**unchanged, **new_actions}
        record_act(session, tenant, "screening-set", tenant, actions=dict(row.screening))
        return _view(installation, row.screening)


def _view(installation: ScreeningPolicy, tenant_actions: Mapping[str, Any]) -> ScreeningPolicyView:
    return ScreeningPolicyView(
        asdict(installation),
        dict(tenant_actions),
        asdict(installation.with_actions(tenant_actions)),
    )
