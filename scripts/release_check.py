"""Check a release's tag: it is the version in pyproject.toml, and CHANGELOG.md describes it."""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def complaints(tag: str, version: str, changelog: str) -> list[str]:
    """Return what is wrong with a tag; nothing if it may be released."""
    problems = []
    if tag != f"v{version}":
        problems.append(f"The tag is {tag!r}, and pyproject.toml says {version!r}.")
    if f"\n## {version} " not in changelog:
        problems.append(f"CHANGELOG.md has no heading '## {version} (date)'.")
    return problems


def main() -> int:
    """Print what is wrong with the tag on the command line."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    problems = complaints(sys.argv[1], version, (ROOT / "CHANGELOG.md").read_text())
    print("\n".join(problems) or f"{sys.argv[1]} may be released.")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
