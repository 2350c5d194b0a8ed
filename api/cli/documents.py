"""``footnote documents``: list the findings in a document."""

from dataclasses import asdict

from api.cli.command_group import command_group
from api.cli.local_store import local_actor, open_local_store
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
