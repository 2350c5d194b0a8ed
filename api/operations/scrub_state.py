"""How far a verification came, in a file beside the store: it must outlive a damaged database."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from index.integrity.damage import Damage
from index.storage.durable_files import Files

KEPT = 10_000
"""Damages that are kept; beyond these the store is beyond a list."""


@dataclass(slots=True)
class ScrubState:
    """The stage that a verification is in, and all that it found until now."""

    stage: str = ""
    cursor: str | None = None
    """Where the stage goes on; none at its beginning."""
    counts: dict[str, int] = field(default_factory=dict)
    """Things that each stage has looked at."""
    damage: list[Damage] = field(default_factory=list)

    def begin(self, stage: str) -> None:
        """Enter a stage, or stay in it where it was interrupted."""
        if stage != self.stage:
            self.stage, self.cursor = stage, None
        self.counts.setdefault(stage, 0)

    def add(self, damage: Sequence[Damage], cursor: str | None, count: int) -> None:
        """Note what was looked at and found."""
        self.damage.extend(damage[: max(0, KEPT - len(self.damage))])
        self.cursor = cursor
        self.counts[self.stage] += count


def load_state(path: Path) -> ScrubState:
    """Return where the last run stopped; the beginning where none did, or nothing can be read."""
    try:
        fields = json.loads(path.read_bytes())
        damage = [Damage(**one) for one in fields["damage"]]
        counts = {str(name): int(count) for name, count in fields["counts"].items()}
        return ScrubState(str(fields["stage"]), fields["cursor"], counts, damage)
    except FileNotFoundError:
        return ScrubState()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # damaged as all else may be
        return ScrubState()


def save_state(path: Path, state: ScrubState) -> None:
    """Write the state durably, over the last one."""
    files, partial = Files(), path.with_suffix(".part")
    with files.create(partial) as file:
        file.write(json.dumps(asdict(state)).encode())
        files.sync(file)
    files.rename(partial, path)
