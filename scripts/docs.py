"""Write the tables in docs/ from the code; ``--check`` only tells whether they are true.

Each table stands between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``; the words around it
are written by hand.
"""

import argparse
import importlib
import pkgutil
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGES = ("index", "ingest", "retrieve", "generate", "evaluate", "api")
NOT_IMPORTED = ("__main__", "migrations")
"""Modules that do something when they are imported."""


def settings_table() -> str:
    """One row for each setting."""
    from api.settings import Settings

    rows = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, [], "") else f"`{field.default}`"
        rows.append((f"`FOOTNOTE_{name.upper()}`", default, field.description or ""))
    return table(("Setting", "Default", "What it does"), rows)


def errors_table() -> str:
    """One row for each error that Footnote raises on purpose."""
    rows = [
        (f"`{error.code}`", str(error.status), error.title, first_line(error))
        for error in sorted(public_errors(), key=lambda error: (error.code, error.__name__))
    ]
    return table(("Code", "Status", "Title", "When"), rows)


def public_errors() -> list[type]:
    """Return every FootnoteError there is, once all modules are imported."""
    from index.errors import FootnoteError

    for name in PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not any(part in module.name for part in NOT_IMPORTED):
                importlib.import_module(module.name)
    return list(dict.fromkeys([FootnoteError, *below(FootnoteError)]))


def below(kind: type) -> Iterator[type]:
    """Yield every subclass, at any depth."""
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


def metrics_table() -> str:
    """One row for each metric of a running service."""
    from api.service import build_service
    from api.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        service = build_service(Settings(data=Path(folder)))
        families = list(service.metrics.registry.collect())
        labels = {
            getattr(part, "_name", ""): getattr(part, "_labelnames", ())
            for part in vars(service.metrics).values()
        }
        service.resources.close()
    rows = []
    for family in families:
        label_names = labels.get(family.name, getattr(family, "_labelnames", ()))
        name = f"{family.name}_total" if family.type == "counter" else family.name
        label_text = ", ".join(f"`{label}`" for label in label_names)
        rows.append((f"`{name}`", family.type, family.unit, label_text, family.documentation))
    return table(("Metric", "Type", "Unit", "Labels", "What it counts"), sorted(rows))


def spans_table() -> str:
    """One row for each span of a trace."""
    from api.telemetry.trace_catalog import SPANS

    rows = [
        (
            f"`{span.name}`",
            span.kind,
            span.parent,
            span.text,
            ", ".join(f"`{name}`" for name in span.attributes),
        )
        for span in SPANS
    ]
    return table(("Span", "Kind", "Below", "What it is", "Attributes"), rows)


def attributes_table() -> str:
    """One row for each attribute of spans and events."""
    from api.telemetry.trace_catalog import ATTRIBUTES, EVENTS

    listed = dict(sorted(ATTRIBUTES.items()))
    for attributes in EVENTS.values():
        listed |= attributes
    rows = [
        (
            f"`{name}`",
            attribute.type,
            attribute.unit,
            "content" if attribute.is_content else "",
            attribute.text,
        )
        for name, attribute in listed.items()
    ]
    return table(("Attribute", "Type", "Unit", "Only with", "What it says"), rows)


def commands_text() -> str:
    """One section for each command, with its options."""
    from api.cli import command_tree

    sections = []
    for words, text, command in commands("footnote", command_tree()):
        rows = [
            (f"`{spelling(parameter)}`", explanation(parameter).replace("<", r"\<"))
            for parameter in command.params
        ]
        listed = table(("Argument", "What it does"), rows) if rows else ""
        sections.append(f"### `{words}`\n\n{sentence(text)}\n\n{listed}")
    return "\n\n".join(sections)


def commands(words: str, command: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield each command that does something: its words, its help, the command."""
    from typer.core import TyperGroup

    if isinstance(command, TyperGroup):
        for name, child in command.commands.items():
            yield from commands(f"{words} {name}", child)
    else:
        yield words, (command.help or "").split("\n\n")[0].replace("\n", " "), command


def spelling(parameter: Any) -> str:
    """Return a parameter as it is typed."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar)
    choices = parameter.type_descriptor.choices
    if parameter.is_flag:
        return str(parameter.opts[0])
    value = "|".join(map(str, choices)) if choices else parameter.metavar
    return f"{parameter.opts[0]} {value}"


def explanation(parameter: Any) -> str:
    """Return the help of a parameter, with its default where it has one."""
    default = parameter.default
    if default in (None, "", False) or callable(default):
        return parameter.help or ""
    return f"{parameter.help} (default: {default})"


def routes_table() -> str:
    """One row for each route, from the OpenAPI description."""
    from api.app import describe_new_service

    paths = describe_new_service()["paths"]
    rows = [
        (
            f"`{method.upper()} {path}`",
            (route.get("description") or route["summary"]).split("\n")[0],
        )
        for path, methods in sorted(paths.items())
        for method, route in methods.items()
    ]
    return table(("Route", "What it does"), rows)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines
    )


def first_line(kind: type) -> str:
    """Return the first line of a class's own docstring."""
    return (kind.__doc__ or "").strip().split("\n")[0]


def sentence(text: str) -> str:
    """Return a help text as a sentence."""
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") or not text else ".")


TABLES: dict[str, tuple[str, Callable[[], str]]] = {
    "settings": ("reference/configuration.md", settings_table),
    "errors": ("reference/errors.md", errors_table),
    "metrics": ("observability.md", metrics_table),
    "spans": ("observability.md", spans_table),
    "attributes": ("observability.md", attributes_table),
    "commands": ("reference/cli.md", commands_text),
    "routes": ("reference/http.md", routes_table),
}


def fill(text: str, name: str, content: str) -> str:
    """Replace what stands between the markers of a table."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(text):
        sys.exit(f"docs: the markers of {name} are missing")
    return pattern.sub(lambda _: f"{begin}\n{content}\n{end}", text)


def main() -> int:
    """Write every table, or check them all."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--check", action="store_true")
    check = options.parse_args().check
    stale = []
    for name, (file, make) in TABLES.items():
        path = ROOT / "docs" / file
        before = path.read_text()
        after = fill(before, name, make())
        if before != after:
            stale.append(file)
            if not check:
                path.write_text(after)
    if stale:
        print(f"{'Stale' if check else 'Wrote'}: {', '.join(stale)}")
    return int(bool(stale) and check)


if __name__ == "__main__":
    sys.exit(main())
