"""The author of an act, as the audit log names them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Author:
    """Who acts: a person, by which credential, and the reason they gave."""

    actor: str
    credential: str = ""
    reason: str = ""


SERVICE = Author("service", "service")
"""Who acts where no person does, such as a worker or the retention."""
