"""Records in the audit log which policy of the guardrails is in force: its file has no author."""

from generate.guardrails.policy_reload import PolicyState
from index.audit.query import AuditFilter, list_acts
from index.audit.read_log import ReadLog
from index.author import SERVICE
from index.db.audit_chain import Act, as_details
from index.db.database import Database
from index.types import DEFAULT_TENANT

CHANGE, REFUSAL = "policy-change", "policy-refuse"
MOST_WORDS = 500
"""Characters of why a file does not fit."""

BUILT_IN = "built in"
"""The source of the policy that a store begins with."""


def record_policy(database: Database, reads: ReadLog, state: PolicyState) -> None:
    """Append a row where another policy is in force than the log says, or a file does not fit.

    A file that was changed while no service ran is noticed by the next one. Services on one store
    that notice a change at once may record it one time each.
    """
    if state.error is not None:
        details = as_details({"source": state.source, "error": state.error[:MOST_WORDS]})
        reads.append(Act(DEFAULT_TENANT, SERVICE, REFUSAL, state.version, details))
        return
    latest = list_acts(database, DEFAULT_TENANT, AuditFilter(act=CHANGE), limit=1)
    if (latest[0].object if latest else BUILT_IN) in {state.version, state.source}:
        return
    details = as_details({"source": state.source})
    reads.append(Act(DEFAULT_TENANT, SERVICE, CHANGE, state.version, details))
