"""Which documents the load benchmark's store holds; read by both of its Pythons."""

import json
from pathlib import Path
from typing import Any

DOCUMENTS = 150


def documents(data: Path) -> list[dict[str, Any]]:
    """Return them as lines of a ``corpus.jsonl``."""
    lines = (data / "corpus.jsonl").read_text().splitlines()[:DOCUMENTS]
    return [json.loads(line) for line in lines]
