"""What commands share: options, the asker they name, and how results are printed."""

import argparse
import dataclasses
import json
import logging
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.errors import UsageError
from index.types import DEFAULT_TENANT, Actor, parse_principal

if TYPE_CHECKING:
    from api.cli.http_client import Remote
    from api.composition.container import Parts
    from api.settings import Settings

LOCAL_USER = "user:local"
"""Who somebody at the command line is, unless ``--as`` says otherwise."""


def data_options() -> argparse.ArgumentParser:
    """Return the options of commands that use a store."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="data folder (default: FOOTNOTE_DATA or ./data)"
    )
    return parser


def json_option() -> argparse.ArgumentParser:
    """Return the option for machine-readable output."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def asker_options() -> argparse.ArgumentParser:
    """Return the options that say as whom a local command acts."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--as",
        dest="principals",
        action="append",
        default=[],
        metavar="PRINCIPAL",
        help="act as user:<id>, group:<source>/<id>; repeat or separate by commas "
        "(local data folder only)",
    )
    return parser


def server_options() -> argparse.ArgumentParser:
    """Return the options that send a command to a running service."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--server", metavar="URL", help="use a running service instead")
    parser.add_argument("--key", metavar="KEY", help="API key for --server")
    return parser


def settings_of(options: argparse.Namespace, **changes: Any) -> "Settings":
    """Return the settings: the environment's, overridden by the options that were given."""
    from pydantic import ValidationError

    from api.settings import Settings

    if getattr(options, "data", None) is not None:
        changes["data"] = options.data
    try:
        return Settings(**{name: value for name, value in changes.items() if value is not None})
    except ValidationError as error:
        told = "; ".join(
            f"FOOTNOTE_{'_'.join(str(part) for part in item['loc']).upper()}: {item['msg']}"
            for item in error.errors()
        )
        raise UsageError(f"A setting does not fit. {told}") from error


def parts_of(options: argparse.Namespace) -> "Parts":
    """Open the local store."""
    from api.composition.container import Parts

    logging.basicConfig(level=logging.WARNING, format="footnote: %(message)s")
    return Parts(settings_of(options))


def local_actor(options: argparse.Namespace, parts: "Parts") -> Actor:
    """Return who ``--as`` names, with the groups they are registered in.

    Raises:
        InvalidPrincipalError: a principal is malformed.

    """
    from api.auth.api_keys import resolve_scope

    named = split_principals(options.principals) or [LOCAL_USER]
    users = [name for name in named if name.startswith("user:")]
    with parts.database.read() as session:
        scope = resolve_scope(session, DEFAULT_TENANT, named)
    return Actor(scope, (users or named)[0], "curator")


def split_principals(values: list[str]) -> list[str]:
    """Return the principals of a repeatable option whose values may hold commas.

    Raises:
        InvalidPrincipalError: one is malformed, or empty.

    """
    return [parse_principal(part.strip()) for value in values for part in value.split(",")]


def remote_of(options: argparse.Namespace) -> "Remote | None":
    """Return a client of the service at ``--server``, or none where the store is local.

    Raises:
        UsageError: options that exclude each other.

    """
    if options.server is None:
        if options.key is not None:
            raise UsageError("--key goes with --server URL.")
        return None
    if getattr(options, "principals", None):
        raise UsageError("--as works on a local data folder; a service knows you by --key.")
    if options.key is None:
        raise UsageError("--server needs --key KEY.")
    from api.cli.http_client import Remote

    return Remote(options.server, options.key)


def print_json(value: Any) -> None:
    """Print one JSON object."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")


def print_line(text: str = "") -> None:
    """Print one line."""
    sys.stdout.write(f"{text}\n")


def complain(message: str) -> None:
    """Write one line to stderr."""
    sys.stderr.write(f"footnote: {' '.join(message.split())}\n")


def make_folder(folder: Path) -> None:
    """Make a folder that something is to be written into, where it is not there.

    Raises:
        UsageError: it cannot be made or written.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}.") from error
    if not os.access(folder, os.W_OK):
        raise UsageError(f"{folder} cannot be written: permission denied.")


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(type(value).__name__)
