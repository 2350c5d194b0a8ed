"""Front matter: fields that an author writes above a text, in YAML or TOML."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_BLOCKS = (
    (re.compile(r"\A---[^\S\n]*\n(.*?\n)?(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)", re.DOTALL), "yaml"),
    (re.compile(r"\A\+\+\+[^\S\n]*\n(.*?\n)?\+\+\+[^\S\n]*(?:\n|\Z)", re.DOTALL), "toml"),
)
_LONGEST = 65_536
"""Characters of front matter; what is longer is text."""
_FIELD_LINE = re.compile(r"[\w.-]+[ \t]*:(?:[ \t]|$)|[ \t]+\S|-[ \t]|#")
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The fields above a text, and the text after them."""

    title: str | None
    lines: tuple[str, ...]
    """``name: value``, the title left out."""
    body: str


def split_front_matter(text: str) -> FrontMatter:
    """Return a text without its front matter, and its fields; what is no mapping is text."""
    for block, kind in _BLOCKS:
        match = block.match(text)
        inner = (match[1] or "") if match else ""
        fields = _fields(inner, kind) if match and len(inner) < _LONGEST else None
        if match and fields is not None:
            title = fields.pop("title", None)
            shown_title = title if isinstance(title, str) and title.strip() else None
            lines = tuple(line for name in fields for line in _lines(name, fields[name]))
            return FrontMatter(shown_title, lines, text[match.end() :])
    return FrontMatter(None, (), text)


def _fields(inner: str, kind: str) -> dict[str, Any] | None:
    if not inner.strip():
        return {}
    return _fields_of_toml(inner) if kind == "toml" else _fields_of_yaml(inner)


def _fields_of_toml(inner: str) -> dict[str, Any] | None:
    import tomllib

    try:
        return tomllib.loads(inner)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _fields_of_yaml(inner: str) -> dict[str, Any] | None:
    """Read a mapping, every value as it is written; aliases, which may grow, are refused."""
    import yaml

    try:
        events = list(yaml.parse(inner, Loader=yaml.SafeLoader))
        if any(isinstance(event, yaml.AliasEvent) for event in events):
            return None
        fields = yaml.load(inner, Loader=yaml.BaseLoader)  # noqa: S506 - makes strings alone
    except (yaml.YAMLError, RecursionError, ValueError):
        return _fields_of_lines(inner)
    return (
        {str(name): value for name, value in fields.items()} if isinstance(fields, dict) else None
    )


def _fields_of_lines(inner: str) -> dict[str, Any] | None:
    """Read fields that break YAML's rules, such as a colon in a title; a blank line is text."""
    lines = inner.rstrip().split("\n")
    if not all(_FIELD_LINE.match(line) for line in lines) or ":" not in lines[0]:
        return None
    fields: dict[str, Any] = {}
    name = ""
    for line in lines:
        key, colon, value = line.partition(":")
        if colon and not line[0].isspace() and line[0] not in "-#":
            name = key.strip()
            fields[name] = value.strip().strip("\"'")
        elif name and line[0] != "#":
            fields[name] = f"{fields[name]} {line.strip()}".strip()
    return fields


def _lines(name: str, value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, dict) and depth < _DEEPEST:
        for inner_name, inner in value.items():
            yield from _lines(f"{name}.{inner_name}", inner, depth + 1)
    elif isinstance(value, list):
        if any(isinstance(item, dict | list) for item in value) and depth < _DEEPEST:
            for item in value:
                yield from _lines(name, item, depth + 1)
        elif value:
            yield f"{name}: {', '.join(' '.join(str(item).split()) for item in value)}"
    elif value_text := " ".join(str(value).split()):
        yield f"{name}: {value_text}"
