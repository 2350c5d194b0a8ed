"""Instructions for models, a file for each version; an answer or verdict names its version."""

from functools import cache
from pathlib import Path


@cache
def instructions(version: str) -> str:
    """Return the instructions of a version, as they stand in its file."""
    return (Path(__file__).parent / f"{version}.md").read_text(encoding="utf-8")
