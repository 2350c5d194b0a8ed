"""How the groups of the command line are made, and how the outermost one finds its commands."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group


def command_group(text: str = "") -> typer.Typer:
    """Return an empty group; its messages are plain text, whatever is installed."""
    return typer.Typer(
        help=text,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        subcommand_metavar="SUBCOMMAND ...",
    )


class LazyCommands(Mapping[str, Any]):
    """Commands by name; a module is imported when one of its commands is looked up.

    A module has its commands in a group named ``app``.
    """

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules

    def __getitem__(self, name: str) -> Any:
        return get_group(import_module(self._modules[name]).app).commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


def lazy_group(modules: Mapping[str, str]) -> type[TyperGroup]:
    """Return a kind of group whose commands are in other modules, named by command."""

    class LazyGroup(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            self.commands = LazyCommands(modules)  # type: ignore[assignment]

    return LazyGroup
