"""``footnote admin sweep``, ``trash`` and ``adopt-originals``: a person decides about originals."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.command_group import command_group
from api.cli.local_store import local_settings, open_local_store, operator
from api.cli.options import (
    AsJson,
    DataFolder,
    print_json,
    print_line,
)
from api.errors import UsageError
from index.types import DEFAULT_TENANT

if TYPE_CHECKING:
    from api.composition.store import Store

sweep = command_group()
adopt = command_group()
trash = command_group("List, put back or delete original files that a sweep removed.")


@sweep.command("sweep")
def sweep_command(
    *,
    is_confirmed: Annotated[
        bool, typer.Option("--confirm", help="also where they are unusually many: you have looked")
    ] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Move original files without a document to the trash; exit 1 where a person must decide."""
    from ingest.lifecycle.orphan_blobs import sweep_orphans

    days = local_settings(data).trash_days
    with open_local_store(data) as store:
        if is_confirmed:
            _record(store, "sweep-confirm")
        report = sweep_orphans(
            store.database, store.blobs, is_confirmed=is_confirmed, trash_days=days
        )
    if as_json:
        print_json(asdict(report))
    elif report.refusal is not None:
        print_line(f"Nothing was removed. {report.refusal}")
        print_line("If the database is the right one: footnote admin sweep --confirm")
    else:
        print_line(
            f"{report.examined} originals looked at, {report.moved} moved to the trash, "
            f"{report.emptied} deleted from it."
        )
    return 1 if report.refusal is not None else 0


@trash.command("list")
def list_command(*, data: DataFolder = None, as_json: AsJson = False) -> int:
    """List the files in the trash, each with the day on which it came there."""
    with open_local_store(data) as store:
        trashed = sorted(store.blobs.list_trash().items())
    if as_json:
        print_json({"trash": [{"name": name, "since": str(day)} for name, day in trashed]})
        return 0
    for name, day in trashed:
        print_line(f"{name}  since {day}")
    return 0


@trash.command("restore")
def restore_command(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="none: all of them")
    ] = None,
    *,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Put files of the trash back among the originals."""
    from ingest.lifecycle.orphan_blobs import recover_trash

    with open_local_store(data) as store:
        _record(store, "trash-restore", names=names or None)
        recovered = recover_trash(store.blobs, names or ())
    if as_json:
        print_json({"restored": recovered})
    else:
        print_line(f"{len(recovered)} put back.")
    return 0


@trash.command("empty")
def empty_command(
    *,
    is_confirmed: Annotated[bool, typer.Option("--confirm", help="you are sure")] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Delete everything in the trash for good."""
    from index.db.tables.base import utc_now
    from ingest.lifecycle.orphan_blobs import empty_trash

    _require_confirmation("This deletes files for good.", is_confirmed=is_confirmed)
    with open_local_store(data) as store:
        _record(store, "trash-empty")
        count = empty_trash(store.blobs, before=utc_now().date())
    if as_json:
        print_json({"deleted": count})
    else:
        print_line(f"{count} deleted.")
    return 0


@adopt.command("adopt-originals")
def adopt_command(
    *,
    is_confirmed: Annotated[
        bool, typer.Option("--confirm", help="you have looked at the figures")
    ] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Mark the original files as those of this database, after a mismatch."""
    from index.storage.store_identity import adopt_originals, compare

    with open_local_store(data) as store:
        agreement = compare(store.database, store.blobs)
    if as_json:
        print_json(asdict(agreement))
    else:
        print_line(
            f"{agreement.originals} original files, {agreement.documented} named by the database; "
            f"{agreement.unknown} unknown to it, {agreement.missing} missing."
        )
    _require_confirmation("The mark is not changed yet.", is_confirmed=is_confirmed)
    with open_local_store(data) as store:
        _record(store, "originals-adopt", unknown=agreement.unknown, missing=agreement.missing)
        adopt_originals(store.database, store.blobs)
    return 0


def _record(store: "Store", act: str, **details: Any) -> None:
    """Record what is about to be done to files: a decision whose work fails is recorded too."""
    from index.db.audit_chain import record_act

    with store.database.write(operator()) as session:
        record_act(session, DEFAULT_TENANT, act, **details)


def _require_confirmation(consequence: str, *, is_confirmed: bool) -> None:
    if not is_confirmed:
        raise UsageError(f"{consequence} Add --confirm to do it.")
