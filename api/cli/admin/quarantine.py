"""``footnote admin quarantine``: documents that the screening policy holds back."""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.command_group import command_group
from api.cli.local_store import (
    local_actor,
    open_local_ingestion,
    open_local_library,
    open_local_store,
)
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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.db.database import Database
    from index.types import Actor

Version = Annotated[
    int | None,
    typer.Option(
        metavar="N", help="the version that you have looked at; fails if another one is held"
    ),
]

quarantine = command_group("List, release and reject documents that are held back.")


@quarantine.command("list")
def list_command(
    *,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """List what is held; name the documents that you may read."""
    if remote := connect(server, key, principals):
        items = remote.call("GET", "/v1/quarantine")["items"]
    else:
        from ingest.lifecycle.quarantine import list_quarantine

        with open_local_store(data) as store:
            views = list_quarantine(store.database, _curator(store.database, principals))
        items = [asdict(view) for view in views]
    if as_json:
        print_json({"items": items})
        return 0
    for item in items:
        findings = ", ".join(f"{name} {count}" for name, count in item["findings"].items())
        name = f"{item['filename']} of {item['owner']}: " if item["filename"] else ""
        print_line(f"{item['document_id']} v{item['version']}  {name}{findings}")
    return 0


@quarantine.command("release")
def release_command(
    document_id: DocumentId,
    *,
    version: Version = None,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Make a document searchable; in a local data folder, at once."""
    failed = 0
    if remote := connect(server, key, principals):
        path = f"/v1/quarantine/{document_id}/release"
        job_id = remote.call("POST", path, params=_version_query(version))["job_id"]
    else:
        from api.cli.progress_bar import work_until_ended
        from ingest.lifecycle.quarantine import release

        with open_local_ingestion(data) as ingestion:
            actor = _curator(ingestion.library.database, principals)
            job_id = release(ingestion.library, actor, document_id, version=version)
            failed = work_until_ended(ingestion, actor, [job_id])
    if as_json:
        print_json({"job_id": job_id})
    else:
        print_line(f"{document_id} was released: {job_id}")
    return 1 if failed else 0


@quarantine.command("reject")
def reject_command(
    document_id: DocumentId,
    *,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="the uploader reads this", show_default=False)
    ] = "",
    version: Version = None,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Delete a document that is held."""
    if remote := connect(server, key, principals):
        path = f"/v1/quarantine/{document_id}/reject"
        remote.call("POST", path, params=_version_query(version), json={"reason": reason})
    else:
        from ingest.lifecycle.quarantine import reject

        with open_local_library(data) as library:
            actor = _curator(library.database, principals)
            reject(library, actor, document_id, reason=reason, version=version)
    if as_json:
        print_json({"document_id": document_id})
    else:
        print_line(f"{document_id} was rejected; what was held is deleted.")
    return 0


def _version_query(version: int | None) -> dict[str, int]:
    """Return the version that was looked at, as the routes take it."""
    return {} if version is None else {"version": version}


def _curator(database: "Database", principals: "Sequence[str]") -> "Actor":
    """Return who acts: who holds the data folder is its administrator."""
    return replace(local_actor(database, principals), role="admin")
