"""``footnote admin sweep``, ``trash`` and ``adopt-originals``: a person decides about originals."""

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.command_group import command_group
from api.cli.local_store import local_settings, record_first, recorded
from api.cli.option_sets import LocalActOptions, LocalOptions, takes_options
from api.errors import UsageError

sweep = command_group()
adopt = command_group()
trash = command_group("List, put back or delete original files that a sweep removed.")


@sweep.command("sweep")
@takes_options
def sweep_command(
    *,
    is_confirmed: Annotated[
        bool, typer.Option("--confirm", help="also where they are unusually many: you have looked")
    ] = False,
    options: LocalActOptions,
) -> int:
    """Move original files without a document to the trash; exit 1 where a person must decide."""
    from ingest.lifecycle.orphan_blobs import sweep_orphans

    days, author = local_settings(options.data).trash_days, options.author
    with options.open_store() as store:
        if is_confirmed:
            record_first(store.database, "sweep-confirm", author)
        with recorded(store.database, "sweep", author) as details:
            report = sweep_orphans(
                store.database, store.blobs, is_confirmed=is_confirmed, trash_days=days
            )
            details |= {"moved": report.moved, "emptied": report.emptied}
    if report.refusal is not None:
        lines = [
            f"Nothing was removed. {report.refusal}",
            "If the database is the right one: footnote admin sweep --confirm",
        ]
    else:
        figures = f"{report.examined} originals looked at, {report.moved} moved to the trash"
        lines = [f"{figures}, {report.emptied} deleted from it."]
    options.print(asdict(report), *lines)
    return 1 if report.refusal is not None else 0


@trash.command("list")
@takes_options
def list_command(*, options: LocalOptions) -> int:
    """List the files in the trash, each with the day on which it came there."""
    with options.open_store() as store:
        trashed = sorted(store.blobs.list_trash().items())
    items = [{"name": name, "since": str(day)} for name, day in trashed]
    return options.print({"trash": items}, *(f"{name}  since {day}" for name, day in trashed))


@trash.command("restore")
@takes_options
def restore_command(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="none: all of them")
    ] = None,
    *,
    options: LocalActOptions,
) -> int:
    """Put files of the trash back among the originals."""
    from ingest.lifecycle.orphan_blobs import recover_trash

    with options.open_store() as store:
        record_first(store.database, "trash-restore", options.author, names=names or None)
        recovered = recover_trash(store.blobs, names or ())
    return options.print({"restored": recovered}, f"{len(recovered)} put back.")


@trash.command("empty")
@takes_options
def empty_command(
    *,
    is_confirmed: Annotated[bool, typer.Option("--confirm", help="you are sure")] = False,
    options: LocalActOptions,
) -> int:
    """Delete everything in the trash for good."""
    from index.db.tables.base import utc_now
    from ingest.lifecycle.orphan_blobs import empty_trash

    _require_confirmation("This deletes files for good.", is_confirmed=is_confirmed)
    with options.open_store() as store:
        record_first(store.database, "trash-empty", options.author)
        count = empty_trash(store.blobs, before=utc_now().date())
    return options.print({"deleted": count}, f"{count} deleted.")


@adopt.command("adopt-originals")
@takes_options
def adopt_command(
    *,
    is_confirmed: Annotated[
        bool, typer.Option("--confirm", help="you have looked at the figures")
    ] = False,
    options: LocalActOptions,
) -> int:
    """Mark the original files as those of this database, after a mismatch."""
    from index.storage.store_identity import adopt_originals, compare

    with options.open_store() as store:
        agreement = compare(store.database, store.blobs)
    options.print(
        asdict(agreement),
        f"{agreement.originals} original files, {agreement.documented} named by the database; "
        f"{agreement.unknown} unknown to it, {agreement.missing} missing.",
    )
    _require_confirmation("The mark is not changed yet.", is_confirmed=is_confirmed)
    with options.open_store() as store:
        record_first(
            store.database, "originals-adopt", options.author,
            unknown=agreement.unknown, missing=agreement.missing,
        )  # fmt: skip
        adopt_originals(store.database, store.blobs)
    return 0


def _require_confirmation(consequence: str, *, is_confirmed: bool) -> None:
    if not is_confirmed:
        raise UsageError(f"{consequence} Add --confirm to do it.")
