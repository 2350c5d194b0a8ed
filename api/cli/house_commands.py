"""``footnote doctor``, ``backup`` and ``restore``: looking after an installation."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli.common import (
    data_options,
    json_option,
    parts_of,
    print_json,
    print_line,
    settings_of,
)

if TYPE_CHECKING:
    from api.archive import BackupReport


def add_commands(commands: Any) -> None:
    """Add the commands to the parser."""
    parents = [data_options(), json_option()]
    doctor = commands.add_parser(
        "doctor", parents=parents, help="say what is installed, configured and missing"
    )
    doctor.add_argument(
        "--migrate", action="store_true", help="bring the database to this version first"
    )
    doctor.add_argument(
        "--warm", action="store_true", help="compile what is compiled at the first use"
    )
    doctor.set_defaults(run=run_doctor)
    for name, text, run in (
        ("backup", "write the store into one archive, while the service runs", run_backup),
        ("restore", "make a new data folder from an archive", run_restore),
    ):
        parser = commands.add_parser(name, parents=parents, help=text)
        parser.add_argument("file", type=Path, metavar="FILE", help="the archive, a tar file")
        parser.set_defaults(run=run)


def run_doctor(options: argparse.Namespace) -> int:
    """Print what was found; exit with 1 where the service cannot run."""
    from api.doctor import describe, examine, healthy
    from api.wiring import open_database

    settings = settings_of(options)
    if options.migrate:
        open_database(settings).create()
    if options.warm:
        from api.warm import warm

        warm()
    findings = examine(settings)
    if options.json:
        shown = [asdict(finding) for finding in findings]
        print_json({"healthy": healthy(findings), "findings": shown})
    elif not options.warm:
        print_line(describe(findings))
    return 0 if healthy(findings) else 1


def run_backup(options: argparse.Namespace) -> int:
    """Write an archive."""
    from api.backup import backup

    parts = parts_of(options)
    return _tell(options, backup(parts.database, parts.blobs, options.file), "Wrote")


def run_restore(options: argparse.Namespace) -> int:
    """Make a data folder from an archive."""
    from api.restore import restore

    return _tell(options, restore(options.file, settings_of(options).data), "Restored")


def _tell(options: argparse.Namespace, report: "BackupReport", verb: str) -> int:
    if options.json:
        print_json(asdict(report))
        return 0
    database = "the database and " if report.database else ""
    print_line(f"{verb} {report.file}: {database}{report.originals} original files.")
    for note in report.notes:
        print_line(note)
    return 0
