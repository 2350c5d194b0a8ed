"""``footnote admin quarantine``: documents that the screening policy holds back."""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.command_group import command_group
from api.cli.local_store import local_actor, open_local_ingestion, open_local_library
from api.cli.option_sets import CuratorActOptions, CuratorOptions, takes_options
from api.cli.options import DocumentId

if TYPE_CHECKING:
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
@takes_options
def list_command(*, options: CuratorOptions) -> int:
    """List what is held; name the documents that you may read."""
    if remote := options.connect():
        items = remote.call("GET", "/v1/quarantine")["items"]
    else:
        from ingest.lifecycle.quarantine import list_quarantine

        with options.open_store() as store:
            views = list_quarantine(store.database, _curator(store.database, options))
        items = [asdict(view) for view in views]
    return options.print({"items": items}, *(_describe(item) for item in items))


@quarantine.command("release")
@takes_options
def release_command(
    document_id: DocumentId, *, version: Version = None, options: CuratorActOptions
) -> int:
    """Make a document searchable; in a local data folder, at once."""
    failed = 0
    if remote := options.connect():
        path = f"/v1/quarantine/{document_id}/release"
        job_id = remote.call("POST", path, params=_version_query(version))["job_id"]
    else:
        from api.cli.progress_bar import work_until_ended
        from ingest.lifecycle.quarantine import release

        with open_local_ingestion(options.data) as ingestion:
            actor = _curator(ingestion.library.database, options)
            job_id = release(ingestion.library, actor, document_id, version=version)
            failed = work_until_ended(ingestion, actor, [job_id])
    options.print({"job_id": job_id}, f"{document_id} was released: {job_id}")
    return 1 if failed else 0


@quarantine.command("reject")
@takes_options
def reject_command(
    document_id: DocumentId, *, version: Version = None, options: CuratorActOptions
) -> int:
    """Delete a document that is held; its uploader reads the reason."""
    if remote := options.connect():
        path, body = f"/v1/quarantine/{document_id}/reject", {"reason": options.reason}
        remote.call("POST", path, params=_version_query(version), json=body)
    else:
        from ingest.lifecycle.quarantine import reject

        with open_local_library(options.data) as library:
            actor = _curator(library.database, options)
            reject(library, actor, document_id, reason=options.reason, version=version)
    outcome = f"{document_id} was rejected; what was held is deleted."
    return options.print({"document_id": document_id}, outcome)


def _describe(item: dict[str, Any]) -> str:
    findings = ", ".join(f"{name} {count}" for name, count in item["findings"].items())
    name = f"{item['filename']} of {item['owner']}: " if item["filename"] else ""
    return f"{item['document_id']} v{item['version']}  {name}{findings}"


def _version_query(version: int | None) -> dict[str, int]:
    """Return the version that was looked at, as the routes take it."""
    return {} if version is None else {"version": version}


def _curator(database: "Database", options: CuratorOptions) -> "Actor":
    """Return who acts: who holds the data folder is its administrator.

    Raises:
        InvalidRequestError: there is no such tenant.

    """
    options.check_tenant(database)
    actor = local_actor(database, options.principals, options.tenant)
    return replace(actor, role="admin", reason=options.author.reason)
