"""``footnote doctor``, ``backup`` and ``restore``."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from api.cli.options import data_options, json_option, parts_of, print_json, print_line, settings_of
from api.errors import UsageError


def add_commands(commands: Any) -> None:
    """Add the commands to the parser."""
    parents = [data_options(), json_option()]
    doctor = commands.add_parser(
        "doctor", parents=parents, help="what is installed, configured and missing"
    )
    doctor.add_argument(
        "--migrate", action="store_true", help="bring the database to this version first"
    )
    doctor.add_argument(
        "--warm", action="store_true", help="only convert and compile what the first use would"
    )
    doctor.set_defaults(run=run_doctor)
    backup = commands.add_parser("backup", parents=parents, help="write an archive of the store")
    backup.add_argument("target", type=Path, metavar="FILE")
    backup.set_defaults(run=run_backup)
    restore = commands.add_parser("restore", parents=parents, help="unpack an archive")
    restore.add_argument("archive", type=Path, metavar="FILE")
    restore.set_defaults(run=run_restore)


def run_doctor(options: argparse.Namespace) -> int:
    """Print what was found; exit 1 where something needed is missing."""
    from api.operations.doctor import describe, examine, is_healthy

    if options.warm:
        from api.operations.warmup import warm

        warm()
        return 0
    if options.migrate:
        parts_of(options).database.create()
    findings = examine(settings_of(options))
    if options.json:
        print_json({"healthy": is_healthy(findings), "findings": [asdict(f) for f in findings]})
    else:
        print_line(describe(findings))
    return 0 if is_healthy(findings) else 1


def run_backup(options: argparse.Namespace) -> int:
    """Write an archive; the service may run meanwhile."""
    from api.operations.backup import backup

    parts = parts_of(options)
    data = parts.settings.data
    if parts.settings.database_url is None and not (data / "footnote.db").exists():
        raise UsageError(f"There is no store in {data}. Name its folder with --data.")
    _print_report(options, asdict(backup(parts.database, parts.blobs, options.target)))
    return 0


def run_restore(options: argparse.Namespace) -> int:
    """Unpack an archive into a new data folder."""
    from api.operations.restore import restore

    _print_report(options, asdict(restore(options.archive, settings_of(options).data)))
    return 0


def _print_report(options: argparse.Namespace, report: dict[str, Any]) -> None:
    if options.json:
        print_json(report)
        return
    for name, value in report.items():
        print_line(f"{name}: {value}")
