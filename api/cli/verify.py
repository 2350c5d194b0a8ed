"""``footnote verify``: tells whether everything in the store is as it was written."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.command_group import command_group
from api.cli.local_store import local_settings
from api.cli.options import AsJson, DataFolder, print_json, print_line
from api.errors import UsageError

app = command_group()


@app.command("verify")
def verify_command(
    *,
    rate: Annotated[
        int | None, typer.Option(metavar="BYTES", min=1, help="read at most BYTES a second")
    ] = None,
    is_restarting: Annotated[
        bool, typer.Option("--restart", help="begin at the start, also after a stopped run")
    ] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Look for damage in database, original files and index; exit 1 where there is any.

    Nothing is changed. A run that is stopped goes on where it was.
    """
    from api.composition.store import open_blobs, open_database
    from api.operations.scrub import ScrubDependencies, scrub
    from index.integrity.damage import Throttle

    settings = local_settings(data)
    if settings.database_url is None and not (settings.data / "footnote.db").exists():
        raise UsageError(f"There is no store in {settings.data}. Name its folder with --data.")
    database = open_database(settings)
    store = ScrubDependencies(database, open_blobs(settings), settings.data, Throttle(rate))
    try:
        report = scrub(store, is_restarting=is_restarting, progress=_show)
    finally:
        _clear()
        database.engine.dispose()
    if as_json:
        print_json(asdict(report))
    else:
        for one in (*report.damage, *report.notes):
            print_line(
                f"{'note' if one.is_note else 'DAMAGE':<7} {one.part} {one.subject}: {one.detail}"
            )
        outcome = "No damage" if report.is_sound else f"{len(report.damage)} damaged"
        print_line(f"{outcome}: {report.documents} documents, {report.originals} originals.")
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
