"""``footnote admin receipt``: the proof that a deleted document is gone."""

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.command_group import command_group
from api.cli.local_store import open_local_library, operator
from api.cli.options import (
    ApiKey,
    AsJson,
    DataFolder,
    DocumentId,
    ServerUrl,
    connect,
    print_json,
    print_line,
)
from index.types import DEFAULT_TENANT

EXPLANATIONS = {
    "erased": "No byte of it is left.",
    "gone": "Nobody can read or find it; dead rows stay in the index until it is compacted.",
    "found": "Something of it can still be read.",
}

receipt = command_group()


@receipt.command("receipt")
def receipt_command(
    document_id: DocumentId,
    *,
    erase: Annotated[
        bool,
        typer.Option("--erase", help="first compact the index, so that no dead row stays"),
    ] = False,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Say what is left of a deleted document."""
    if remote := connect(server, key):
        path = f"/v1/admin/receipts/{document_id}"
        view = remote.call("POST", f"{path}/erase") if erase else remote.call("GET", path)
    else:
        from api.documents.deletion_report import show_receipt

        with open_local_library(data) as library:
            if erase:
                from index.db.audit_chain import record_act

                with library.database.write(operator()) as session:
                    record_act(session, DEFAULT_TENANT, "document-erase", document_id)
            view = asdict(show_receipt(library, DEFAULT_TENANT, document_id, erase=erase))
    if as_json:
        print_json(view)
        return 0
    explanation = EXPLANATIONS[view["finding"]]
    print_line(f"{view['document_id']}, deleted {view['deleted_at']}: {explanation}")
    for name in ("rows", "originals", "answers", "searchable", "published", "buried"):
        print_line(f"  {name:10} {view[name]}")
    return 0
