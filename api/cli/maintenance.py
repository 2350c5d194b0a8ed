"""``footnote doctor``, ``backup`` and ``restore``."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.command_group import command_group
from api.cli.local_store import local_settings, recorded
from api.cli.option_sets import LocalActOptions, takes_options
from api.cli.options import load_settings
from api.errors import UsageError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

app = command_group()


@app.command("doctor")
@takes_options
def doctor_command(
    *,
    migrate: Annotated[
        bool, typer.Option("--migrate", help="bring the database to this version first")
    ] = False,
    is_warming: Annotated[
        bool,
        typer.Option("--warm", help="only convert models and compile code for the first use"),
    ] = False,
    options: LocalActOptions,
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
        with options.open_store() as store:
            store.database.create()
            with recorded(store.database, "store-migrate", options.author):
                pass  # the log's own tables may have come just now, so the row follows
    findings = examine(load_settings(options.data))
    is_sound = is_healthy(findings)
    view = {"healthy": is_sound, "findings": [asdict(finding) for finding in findings]}
    options.print(view, describe(findings))
    return 0 if is_sound else 1


@app.command("backup")
@takes_options
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
    options: LocalActOptions,
) -> int:
    """Write a verified backup of the store. The service may run meanwhile."""
    from api.operations.backup import backup
    from api.operations.incremental_backup import back_up_incrementally

    settings = local_settings(options.data)
    if settings.database_url is None and not (settings.data / "footnote.db").exists():
        raise UsageError(f"There is no store in {settings.data}. Name its folder with --data.")
    if is_rereading and not is_incremental:
        raise UsageError("--reread goes with --incremental; an archive is always read back.")
    report: DataclassInstance
    with (
        options.open_store() as store,
        recorded(store.database, "store-backup", options.author, without_secrets(target)),
    ):
        if is_incremental:
            report = back_up_incrementally(
                store.database, store.blobs, target, is_rereading=is_rereading
            )
        else:
            report = backup(store.database, store.blobs, Path(target))
    return _print_report(asdict(report), options)


@app.command("restore")
@takes_options
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
    options: LocalActOptions,
) -> int:
    """Make a new data folder of a backup."""
    from api.operations.incremental_backup import restore_state
    from api.operations.restore import restore

    folder = load_settings(options.data).data
    if "://" in source or Path(source).is_dir():
        report = restore_state(source, folder, state)
    elif state is not None:
        raise UsageError("--state goes with an incremental backup.")
    else:
        report = restore(Path(source), folder)
    _record_restore(source, options)
    return _print_report(asdict(report), options)


def _record_restore(source: str, options: LocalActOptions) -> None:
    """Record in the restored store that it is one; PostgreSQL's part comes by its own tools."""
    from api.composition.store import open_database

    settings = load_settings(options.data)
    if settings.database_url is not None:
        return
    database = open_database(settings)
    try:
        with recorded(database, "store-restore", options.author, without_secrets(source)):
            pass  # it is done; there was no log to write to before
    finally:
        database.engine.dispose()


def without_secrets(place: str) -> str:
    """Return a path or URL without the user and the query, which may hold a password."""
    scheme, separator, rest = place.partition("://")
    if not separator:
        return place
    return f"{scheme}://{rest.partition('?')[0].rpartition('@')[2]}"


def _print_report(report: dict[str, Any], options: LocalActOptions) -> int:
    return options.print(report, *(f"{name}: {value}" for name, value in report.items()))
