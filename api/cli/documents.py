"""``footnote documents``: findings, look-alikes, and marks of authoritative documents."""

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.command_group import command_group
from api.cli.local_store import local_actor, open_local_library, open_local_store
from api.cli.options import (
    ApiKey,
    AsJson,
    DataFolder,
    DocumentId,
    Principals,
    ServerUrl,
    connect,
    print_json,
    print_line,
)

app = command_group()
documents = command_group("Look into your documents.")
app.add_typer(documents, name="documents")


@documents.command("findings")
def findings_command(
    document_id: DocumentId,
    *,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """List personal data, secrets and hidden text: kinds, rules and places, never the words."""
    if remote := connect(server, key, principals):
        view = remote.call("GET", f"/v1/documents/{document_id}/findings")
    else:
        from ingest.lifecycle.finding_views import show_findings

        with open_local_store(data) as store:
            actor = local_actor(store.database, principals)
            view = asdict(show_findings(store.database, actor, document_id))
    if as_json:
        print_json(view)
        return 0
    state = "in quarantine, " if view["quarantined_at"] else ""
    count = sum(view["counts"].values())
    print_line(f"{view['document_id']} v{view['version']}: {state}{count} found")
    for item in view["items"]:
        page = "" if item["page"] is None else f"page {item['page']}, "
        location = f"{page}{item['start']}-{item['end']}"
        print_line(f"  {item['kind']:10}{item['rule']:20}{item['action']:12}{location}")
    return 0


@documents.command("look-alikes")
def look_alikes_command(
    document_id: DocumentId,
    *,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """List documents of other publishers whose title or file name looks like this one's."""
    if remote := connect(server, key, principals):
        view = remote.call("GET", f"/v1/documents/{document_id}/look-alikes")
    else:
        from ingest.lifecycle.look_alikes import look_alikes

        with open_local_store(data) as store:
            actor = local_actor(store.database, principals)
            rows = look_alikes(store.database, actor, document_id)
            view = {"items": [asdict(row) for row in rows]}
    if as_json:
        print_json(view)
        return 0
    for item in view["items"]:
        name = f"{item['document_id']}  {item['title']} ({item['filename']})"
        words = name if item["document_id"] else "a document that you may not read"
        print_line(f"{words}, published by {item['publisher']}")
    if not view["items"]:
        print_line("No document of another publisher has a name like this one's.")
    return 0


@documents.command("mark")
def mark_command(
    document_id: DocumentId,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="take the mark away")] = False,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Mark a document as authoritative: first among evidence that is nearly as good."""
    if remote := connect(server, key, principals):
        change = {"authoritative": not remove}
        remote.call("PATCH", f"/v1/documents/{document_id}", json=change)
    else:
        from ingest.lifecycle.document_edits import DocumentEdit, edit_document

        with open_local_library(data) as library:
            actor = local_actor(library.database, principals)
            edit_document(library, actor, document_id, DocumentEdit(authoritative=not remove))
    if as_json:
        print_json({"document_id": document_id, "authoritative": not remove})
    else:
        print_line(f"{document_id} is {'no longer ' if remove else ''}marked as authoritative.")
    return 0
