"""Options that commands share, and how results are printed."""

import dataclasses
import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.errors import UsageError
from index.text.untrusted_input import printable, printable_json
from index.types import DEFAULT_TENANT, parse_principal

if TYPE_CHECKING:
    from api.cli.http_client import Remote
    from api.settings import Settings

DataFolder = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="data folder (default: FOOTNOTE_DATA or ./data)"),
]
"""The data folder that a command works on."""

AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object")]
"""Whether the output is for a program."""

Principals = Annotated[
    list[str],
    typer.Option(
        "--as",
        metavar="PRINCIPAL",
        default_factory=list,
        show_default=False,
        help="act as user:<id>, group:<source>/<id>; repeat or separate by commas "
        "(local data folder only)",
    ),
]
"""As whom a command acts on a data folder."""

ServerUrl = Annotated[
    str | None, typer.Option("--server", metavar="URL", help="use a running service instead")
]
"""The running service that a command is sent to."""

ApiKey = Annotated[str | None, typer.Option("--key", metavar="KEY", help="API key for --server")]
"""The key that goes with ``--server``."""

Reason = Annotated[
    str,
    typer.Option(
        "--reason", metavar="TEXT", help="why; it stands in the audit log", show_default=False
    ),
]
"""Why a command is given."""

DocumentId = Annotated[str, typer.Argument(metavar="DOCUMENT_ID", help="the document")]
"""The document that a command is about."""

UserId = Annotated[str, typer.Option(metavar="ID", help="ann, or user:ann")]
"""The user that a command is about."""

TenantId = Annotated[
    str, typer.Option("--tenant", metavar="ID", help="the tenant (local data folder only)")
]
"""The tenant that a command on a data folder is about."""

OnlyTenant = Annotated[
    str | None,
    typer.Option("--tenant", metavar="ID", help="only of this tenant (local data folder only)"),
]
"""The tenant that a command is about which else tells of all."""

JobLimit = Annotated[int, typer.Option(metavar="N", help="at most N jobs")]
"""How many jobs a list shows at most."""


def load_settings(data: Path | None, **changes: Any) -> "Settings":
    """Return the settings: the environment's, overridden by the options that were given."""
    from pydantic import ValidationError

    from api.settings import Settings

    changes["data"] = data
    try:
        return Settings(**{name: value for name, value in changes.items() if value is not None})
    except ValidationError as error:
        reasons = "; ".join(
            f"FOOTNOTE_{'_'.join(str(name) for name in item['loc']).upper()}: {item['msg']}"
            for item in error.errors()
        )
        raise UsageError(f"A setting does not fit. {reasons}") from error


def split_principals(values: Sequence[str]) -> list[str]:
    """Return the principals of a repeatable option whose values may hold commas.

    Raises:
        InvalidPrincipalError: one is malformed, or empty.

    """
    return [parse_principal(name.strip()) for value in values for name in value.split(",")]


def connect(
    server: str | None, key: str | None, principals: Sequence[str] = (), *, reason: str = ""
) -> "Remote | None":
    """Return a client of the service at ``--server``, or none where the store is local.

    Raises:
        UsageError: the options exclude each other.

    """
    if server is None:
        if key is not None:
            raise UsageError("--key goes with --server URL.")
        return None
    if principals:
        raise UsageError("--as works on a local data folder; a service knows you by --key.")
    if key is None:
        raise UsageError("--server needs --key KEY.")
    from api.cli.http_client import Remote

    return Remote(server, key, reason=reason)


def refuse_tenant(tenant: str | None) -> None:
    """Refuse ``--tenant`` beside ``--server``.

    Raises:
        UsageError: a tenant is named.

    """
    if tenant not in {None, DEFAULT_TENANT}:
        raise UsageError("--tenant works on a local data folder; a key is for one tenant.")


def print_json(value: Any) -> None:
    """Print one JSON object."""
    text = json.dumps(value, ensure_ascii=False, default=_plain)
    sys.stdout.write(f"{printable_json(text)}\n")


def print_line(text: str = "") -> None:
    """Print one line."""
    sys.stdout.write(f"{printable(text)}\n")


def complain(message: str) -> None:
    """Write one line to stderr."""
    sys.stderr.write(f"footnote: {printable(' '.join(message.split()))}\n")


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
