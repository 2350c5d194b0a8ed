"""Hooks of the documentation's site: links to source files work in it, folders stand in the menu.

mkdocs calls these functions by their names; mkdocs.yml names this file.
"""

import posixpath
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")


def on_config(config: Any) -> Any:
    """Replace each folder in the menu (``decisions/``) by its pages, README.md first."""
    config["nav"] = [expand(entry) for entry in config["nav"]]
    return config


def expand(entry: Any) -> Any:
    """Return one entry of the menu with folders replaced by their pages."""
    if isinstance(entry, dict):
        return {title: expand(value) for title, value in entry.items()}
    if isinstance(entry, list):
        return [expand(value) for value in entry]
    if not entry.endswith("/"):
        return entry
    pages = sorted((DOCS / entry).glob("*.md"), key=lambda page: (page.stem != "README", page.name))
    return [page.relative_to(DOCS).as_posix() for page in pages]


def on_files(files: Any, config: Any) -> Any:
    """Add every source file that a page links to, as text, so that the site needs no network."""
    from mkdocs.structure.files import File

    for page in sorted(DOCS.rglob("*.md")):
        for match in LINK.finditer(page.read_text()):
            source = outside(match[1], page.relative_to(DOCS).as_posix())
            if source and files.get_file_from_path(in_site(source)) is None:
                content = (ROOT / source).read_bytes()
                files.append(File.generated(config, in_site(source), content=content))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Point links that leave docs/ to the copy in the site, links to a folder to its README.md."""
    source_path = page.file.src_uri

    def rewrite(match: re.Match[str]) -> str:
        target, anchor = match[1], match[2] or ""
        source = outside(target, source_path)
        if source:
            target = posixpath.relpath(in_site(source), posixpath.dirname(source_path) or ".")
        elif target.endswith("/") and "://" not in target:
            target += "README.md"
        return f"]({target}{anchor})"

    return LINK.sub(rewrite, markdown)


def outside(target: str, page: str) -> str:
    """Return the repository's path of a link that leaves docs/, else nothing."""
    if "://" in target:
        return ""
    path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page), target))
    if path.startswith("docs/"):
        return ""
    return f"{path}/README.md" if (ROOT / path).is_dir() else path


def in_site(source: str) -> str:
    """Return where a source file stands in the site."""
    return f"source/{source}.txt"
