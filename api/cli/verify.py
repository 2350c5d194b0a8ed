"""``footnote verify``: tells whether everything in the store is as it was written."""

import sys
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.command_group import command_group
from api.cli.local_store import local_settings, recorded
from api.cli.option_sets import LocalActOptions, takes_options
from api.errors import UsageError

app = command_group()


@app.command("verify")
@takes_options
def verify_command(
    *,
    rate: Annotated[
        int | None, typer.Option(metavar="BYTES", min=1, help="read at most BYTES a second")
    ] = None,
    is_restarting: Annotated[
        bool, typer.Option("--restart", help="begin at the start, also after a stopped run")
    ] = False,
    options: LocalActOptions,
) -> int:
    """Look for damage in database, original files and index; exit 1 where there is any.

    Nothing is changed; the audit log gets a row. A run that is stopped goes on where it was.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from api.composition.store import open_blobs, open_database
    from api.operations.scrub import ScrubDependencies, scrub
    from index.integrity.damage import Throttle

    settings = local_settings(options.data)
    if settings.database_url is None and not (settings.data / "footnote.db").exists():
        raise UsageError(f"There is no store in {settings.data}. Name its folder with --data.")
    database = open_database(settings)
    with suppress(SQLAlchemyError):  # of a damaged database; the verification says where
        database.check()
    store = ScrubDependencies(database, open_blobs(settings), settings.data, Throttle(rate))
    try:
        with recorded(database, "store-verify", options.author) as details:
            report = scrub(store, is_restarting=is_restarting, progress=_show)
            details |= {"damage": len(report.damage), "documents": report.documents}
    finally:
        _clear()
        database.engine.dispose()
    lines = [
        f"{'note' if one.is_note else 'DAMAGE':<7} {one.part} {one.subject}: {one.detail}"
        for one in (*report.damage, *report.notes)
    ]
    outcome = "No damage" if report.is_sound else f"{len(report.damage)} damaged"
    lines.append(f"{outcome}: {report.documents} documents, {report.originals} originals.")
    options.print(asdict(report), *lines)
    return 0 if report.is_sound else 1


def _show(stage: str, count: int, total: int) -> None:
    """Show how far the verification is, where somebody looks on."""
    share = f" {count:,} of {total:,}" if total else ""
    _clear(f"verifying {stage}{share}")


def _clear(text: str = "") -> None:
    """Put a text in the place of the line on the terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[2K{text}")
        sys.stderr.flush()
