"""What text may hold that somebody should know of: hidden characters, orders to a model, data.

Pure functions from text to spans. Offsets are Unicode code points of the text that was given.
"""

from index.screen import hidden, injection, personal, secrets
from index.screen.hidden import find_hidden
from index.screen.injection import find_injections
from index.screen.personal import find_personal
from index.screen.secrets import find_secrets
from index.screen.types import Finding, Kind

__all__ = [
    "RULES", "Finding", "Kind",
    "find_hidden", "find_injections", "find_personal", "find_secrets", "screen",
]  # fmt: skip

RULES: dict[Kind, tuple[str, ...]] = {
    "hidden": tuple(hidden.RULES),
    "injection": (*injection.RULES, "hidden-order"),
    "personal": tuple(personal.RULES),
    "secret": (*secrets.RULES, "assigned-secret"),
}
"""The names of each detector's rules."""


def screen(text: str) -> list[Finding]:
    """Return everything that is found in a text, in text order."""
    found = [
        finding
        for find in (find_hidden, find_injections, find_personal, find_secrets)
        for finding in find(text)
    ]
    return sorted(found, key=lambda finding: (finding.start, finding.end, finding.rule))
