"""``footnote admin receipt``: what is left of a deleted document."""

import argparse
from dataclasses import asdict
from typing import Any

from api.cli.options import parts_of, print_json, print_line, remote_of
from index.types import DEFAULT_TENANT

FINDINGS = {
    "erased": "No byte of it is left.",
    "gone": "Nobody can read or find it; dead rows stay in the index until it is compacted.",
    "found": "Something of it can still be read.",
}


def add_commands(nouns: Any, parents: list[argparse.ArgumentParser]) -> None:
    """Add the command to ``footnote admin``."""
    receipt = nouns.add_parser(
        "receipt", parents=parents, help="say what is left of a deleted document"
    )
    receipt.add_argument("document_id", metavar="DOCUMENT_ID")
    receipt.add_argument(
        "--erase", action="store_true", help="first compact the index, so that no dead row stays"
    )
    receipt.set_defaults(run=receipt_command)


def receipt_command(options: argparse.Namespace) -> int:
    """Print a deletion receipt."""
    if remote := remote_of(options):
        path = f"/v1/admin/receipts/{options.document_id}"
        view = remote.call("POST", f"{path}/erase") if options.erase else remote.call("GET", path)
    else:
        from api.documents.deletion_report import show_receipt

        library = parts_of(options).library
        view = asdict(
            show_receipt(library, DEFAULT_TENANT, options.document_id, erase=options.erase)
        )
    if options.json:
        print_json(view)
        return 0
    print_line(f"{view['document_id']}, deleted {view['deleted_at']}: {FINDINGS[view['finding']]}")
    for name in ("rows", "originals", "answers", "searchable", "published", "buried"):
        print_line(f"  {name:10} {view[name]}")
    return 0
