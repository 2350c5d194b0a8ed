"""``footnote doctor``, ``backup`` and ``restore``."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

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
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET", help="the archive to write; with --incremental a folder or a URL"
        ),
    ],
    *,
    is_incremental: Annotated[
        bool, typer.Option("--incremental", help="add a state; copy only originals not there yet")
    ] = False,
    is_rereading: Annotated[
        bool, typer.Option("--reread", help="with --incremental: read back the older originals too")
    ] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Write a verified backup of the store. The service may run meanwhile."""
    from api.operations.backup import backup
    from api.operations.incremental_backup import back_up_incrementally

    settings = local_settings(data)
    if settings.database_url is None and not (settings.data / "footnote.db").exists():
        raise UsageError(f"There is no store in {settings.data}. Name its folder with --data.")
    if is_rereading and not is_incremental:
        raise UsageError("--reread goes with --incremental; an archive is always read back.")
    report: DataclassInstance
    with open_local_store(data) as store:
        if is_incremental:
            report = back_up_incrementally(
                store.database, store.blobs, target, is_rereading=is_rereading
            )
        else:
            report = backup(store.database, store.blobs, Path(target))
    _print_report(asdict(report), as_json=as_json)
    return 0


@app.command("restore")
def restore_command(
    source: Annotated[
        str,
        typer.Argument(metavar="SOURCE", help="the archive, or the place of an incremental backup"),
    ],
    *,
    state: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="a state of an incremental backup (default: the newest)"),
    ] = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Make a new data folder of a backup."""
    from api.operations.incremental_backup import restore_state
    from api.operations.restore import restore

    folder = load_settings(data).data
    if "://" in source or Path(source).is_dir():
        report = restore_state(source, folder, state)
    elif state is not None:
        raise UsageError("--state goes with an incremental backup.")
    else:
        report = restore(Path(source), folder)
    _print_report(asdict(report), as_json=as_json)
    return 0


def _print_report(report: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    for name, value in report.items():
        print_line(f"{name}: {value}")
