"""Find what somebody should know of in a text: hidden characters, orders to a model, data.

Pure functions from text to spans. Offsets are Unicode code points of the text.
"""

from index.detectors import (
    hidden_text as hidden,
)
from index.detectors import (
    personal_data as personal,
)
from index.detectors import (
    prompt_injection as injection,
)
from index.detectors import (
    secret_values,
    secrets,
)
from index.detectors.hidden_text import find_hidden
from index.detectors.personal_data import find_personal
from index.detectors.prompt_injection import find_injections
from index.detectors.secrets import find_secrets
from index.detectors.types import Finding, Kind

__all__ = [
    "RULES", "Finding", "Kind",
    "find_hidden", "find_injections", "find_personal", "find_secrets", "screen",
]  # fmt: skip

RULES: dict[Kind, tuple[str, ...]] = {
    "hidden": tuple(hidden.RULES),
    "injection": (*injection.RULES, "hidden-order"),
    "personal": tuple(personal.RULES),
    "secret": (*secrets.RULES, *secret_values.RULES),
}
"""The names of each detector's rules."""


def screen(text: str) -> list[Finding]:
    """Return the findings of every detector in a text, in text order."""
    findings = [
        finding
        for find in (find_hidden, find_injections, find_personal, find_secrets)
        for finding in find(text)
    ]
    return sorted(findings, key=lambda finding: (finding.start, finding.end, finding.rule))
