"""The project's own files, parsed once for all lints."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("ingest", "index", "retrieve", "generate", "evaluate", "api")


@dataclass(frozen=True)
class SourceFile:
    """A Python file of one of the six packages."""

    path: str
    tree: ast.Module

    def nodes(self, kind: type[ast.AST]) -> Iterator[ast.AST]:
        return (node for node in ast.walk(self.tree) if isinstance(node, kind))


@cache
def sources() -> tuple[SourceFile, ...]:
    """Every Python file of the six packages."""
    paths = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
    return tuple(
        SourceFile(path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())) for path in paths
    )


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that git tracks; outside a clone, every file that is not ours to skip."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return tuple(ROOT / name for name in listed.stdout.split("\0") if name)
