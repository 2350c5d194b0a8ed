"""``footnote doctor``, ``backup`` and ``restore``."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.command_group import command_group
from api.cli.local_store import local_settings, open_local_store
from api.cli.options import (
    AsJson,
    DataFolder,
    load_settings,
    print_json,
    print_line,
)
from api.errors import UsageError

app = command_group()


@app.command("doctor")
def doctor_command(
    *,
    migrate: Annotated[
        bool, typer.Option("--migrate", help="bring the database to this version first")
    ] = False,
    is_warming: Annotated[
        bool,
        typer.Option("--warm", help="only convert models and compile code for the first use"),
    ] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Say what is installed, configured and missing.

    The exit code is 1 where something is missing that is needed.
    """
    from api.operations.doctor import describe, examine, is_healthy

    if is_warming:
        from api.operations.warmup import warm

        warm()
        return 0
    if migrate:
        with open_local_store(data) as store:
            store.database.create()
    findings = examine(load_settings(data))
    if as_json:
        print_json({"healthy": is_healthy(findings), "findings": [asdict(f) for f in findings]})
    else:
        print_line(describe(findings))
    return 0 if is_healthy(findings) else 1


@app.command("backup")
def backup_command(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="the archive to write")],
    *,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Write an archive of the store. The service may run meanwhile."""
    from api.operations.backup import backup

    settings = local_settings(data)
    if settings.database_url is None and not (settings.data / "footnote.db").exists():
        raise UsageError(f"There is no store in {settings.data}. Name its folder with --data.")
    with open_local_store(data) as store:
        report = backup(store.database, store.blobs, target)
    _print_report(asdict(report), as_json=as_json)
    return 0


@app.command("restore")
def restore_command(
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="the archive to unpack")],
    *,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Unpack an archive into a new data folder."""
    from api.operations.restore import restore

    _print_report(asdict(restore(archive, load_settings(data).data)), as_json=as_json)
    return 0


def _print_report(report: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    for name, value in report.items():
        print_line(f"{name}: {value}")
