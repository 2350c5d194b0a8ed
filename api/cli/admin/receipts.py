"""``footnote admin receipt``: the proof that a deleted document is gone."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from api.cli.command_group import command_group
from api.cli.local_store import open_local_library, record_first
from api.cli.option_sets import TenantActOptions, takes_options
from api.cli.options import DocumentId

EXPLANATIONS = {
    "erased": "No byte of it is left.",
    "pending": "None of it is left here. Other processes have to confirm: use --erase, look again.",
    "gone": "Nobody can read or find it; dead rows stay in the index until it is compacted.",
    "found": "Something of it can still be read.",
}

receipt = command_group()


@receipt.command("receipt")
@takes_options
def receipt_command(
    document_id: DocumentId,
    *,
    erase: Annotated[
        bool,
        typer.Option("--erase", help="first compact the index, so that no dead row stays"),
    ] = False,
    options: TenantActOptions,
) -> int:
    """Say what is left of a deleted document."""
    if remote := options.connect():
        path = f"/v1/admin/receipts/{document_id}"
        view = remote.call("POST", f"{path}/erase") if erase else remote.call("GET", path)
    else:
        view = _look_locally(document_id, erase=erase, options=options)
    explanation = EXPLANATIONS[view["finding"]]
    names = ("rows", "originals", "answers", "searchable", "published", "buried", "waiting")
    return options.print(
        view,
        f"{view['document_id']}, deleted {view['deleted_at']}: {explanation}",
        *(f"  {name:10} {view[name]}" for name in names),
    )


def _look_locally(document_id: str, *, erase: bool, options: TenantActOptions) -> dict[str, Any]:
    from api.documents.deletion_report import show_receipt

    with open_local_library(options.data) as library:
        options.check_tenant(library.database)
        if erase:
            record_first(
                library.database, "document-erase", options.author, document_id,
                tenant=options.tenant,
            )  # fmt: skip
        return asdict(show_receipt(library, options.tenant, document_id, erase=erase))
