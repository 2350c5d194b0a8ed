"""``footnote collection``: named sets of documents, made, filled, shown and deleted."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.command_group import command_group
from api.cli.local_store import local_actor, local_settings, open_local_store
from api.cli.options import (
    ApiKey,
    AsJson,
    DataFolder,
    Principals,
    ServerUrl,
    connect,
    print_json,
    print_line,
    split_principals,
)

app = command_group()
collection = command_group("Group documents into collections.")
app.add_typer(collection, name="collection")

CollectionId = Annotated[str, typer.Argument(metavar="COLLECTION_ID", help="the collection")]
DocumentIds = Annotated[list[str], typer.Argument(metavar="DOCUMENT_ID", help="the documents")]


@collection.command("create")
def create_command(  # noqa: PLR0913 - one for each option
    name: Annotated[str, typer.Argument(metavar="NAME", help="its name")],
    *,
    description: Annotated[str, typer.Option(metavar="TEXT", help="what it is for")] = "",
    labels: Annotated[
        list[str] | None, typer.Option("--label", metavar="LABEL", help="repeatable")
    ] = None,
    parent: Annotated[
        str | None, typer.Option(metavar="COLLECTION_ID", help="the collection it stands in")
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(metavar="PRINCIPAL", help="who sees it (default: you); repeatable"),
    ] = None,
    deny: Annotated[
        list[str] | None, typer.Option(metavar="PRINCIPAL", help="who does not; repeatable")
    ] = None,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Make a collection, and print its id."""
    fields: dict[str, Any] = {
        "name": name, "description": description, "labels": labels or [], "parent_id": parent,
        "allow": split_principals(allow or []), "deny": split_principals(deny or []),
    }  # fmt: skip
    if remote := connect(server, key, principals):
        view = remote.call("POST", "/v1/collections", json=fields)
    else:
        from ingest.lifecycle.collection_edits import CollectionSpec, create_collection

        with open_local_store(data) as store:
            actor = local_actor(store.database, principals)
            view = asdict(create_collection(store.database, actor, CollectionSpec(**fields)))
    if as_json:
        print_json(view)
    else:
        print_line(view["collection_id"])
    return 0


@collection.command("list")
def list_command(
    *,
    label: Annotated[str | None, typer.Option(metavar="LABEL", help="only with this one")] = None,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """List the collections that you see; counts are of the documents that you may read."""
    if remote := connect(server, key, principals):
        query = {"limit": 500} | ({"label": label} if label else {})
        view = remote.call("GET", "/v1/collections", params=query)
    else:
        from index.collections import list_collections

        with open_local_store(data) as store:
            scope = local_actor(store.database, principals).scope
            view = asdict(list_collections(store.database, scope, limit=500, label=label))
    if as_json:
        print_json(view)
        return 0
    for item in view["items"]:
        labels = f"  [{', '.join(item['labels'])}]" if item["labels"] else ""
        print_line(f"{item['collection_id']}  {item['documents']:6}  {item['name']}{labels}")
    if not view["items"]:
        print_line("There is no collection that you see.")
    return 0


@collection.command("show")
def show_command(
    collection_id: CollectionId,
    *,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Show a collection, and the documents in it that you may read."""
    if remote := connect(server, key, principals):
        path = f"/v1/collections/{collection_id}"
        view = remote.call("GET", path)
        page = remote.call("GET", f"{path}/documents", params={"limit": 500})
    else:
        from index.collections import get_collection, list_collected

        with open_local_store(data) as store:
            scope = local_actor(store.database, principals).scope
            view = asdict(get_collection(store.database, scope, collection_id))
            page = asdict(list_collected(store.database, scope, collection_id, limit=500))
    if as_json:
        print_json({**view, "items": page["items"], "next": page["next"]})
        return 0
    print_line(f"{view['name']}: {view['documents']} documents, {view['bytes']:,} bytes")
    print_line(f"seen by {', '.join(view['allow'])}" + _except(view["deny"]))
    for item in page["items"]:
        inherits = "  (inherits)" if item["inherits"] else ""
        print_line(f"  {item['document']['document_id']}  {item['document']['title']}{inherits}")
    return 0


@collection.command("add")
def add_command(
    collection_id: CollectionId,
    documents: DocumentIds,
    *,
    inherit: Annotated[
        bool, typer.Option("--inherit", help="give them the collection's access list")
    ] = False,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Put documents into a collection, all of them or none."""
    if remote := connect(server, key, principals):
        body = {"documents": documents, "inherit": inherit}
        remote.call("POST", f"/v1/collections/{collection_id}/documents", json=body)
    else:
        add_locally(collection_id, documents, data, principals, inherit=inherit)
    return _end(collection_id, f"{len(documents)} documents are in it.", as_json=as_json)


@collection.command("remove")
def remove_command(
    collection_id: CollectionId,
    documents: DocumentIds,
    *,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Take documents out of a collection; they keep the access lists that they have."""
    if remote := connect(server, key, principals):
        for name in documents:
            remote.call("DELETE", f"/v1/collections/{collection_id}/documents/{name}")
    else:
        from ingest.lifecycle.collection_documents import remove_document

        with open_local_store(data) as store:
            actor = local_actor(store.database, principals)
            for name in documents:
                remove_document(store.database, actor, collection_id, name)
    return _end(collection_id, f"{len(documents)} documents are out of it.", as_json=as_json)


@collection.command("delete")
def delete_command(
    collection_id: CollectionId,
    *,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Delete a collection; its documents stay, and collections in it move up to its parent."""
    if remote := connect(server, key, principals):
        remote.call("DELETE", f"/v1/collections/{collection_id}")
    else:
        from ingest.lifecycle.collection_edits import delete_collection

        with open_local_store(data) as store:
            actor = local_actor(store.database, principals)
            delete_collection(store.database, actor, collection_id)
    return _end(collection_id, "It is deleted.", as_json=as_json)


def add_locally(
    collection_id: str,
    documents: list[str],
    data: Path | None,
    principals: list[str],
    *,
    inherit: bool = False,
) -> None:
    """Put documents of the data folder into a collection of it."""
    from ingest.lifecycle.collection_documents import CollectionPlacement, add_documents

    with open_local_store(data) as store:
        actor = local_actor(store.database, principals)
        publishing = local_settings(data).publishing
        placement = CollectionPlacement(inherit, publishing=publishing)
        add_documents(store.database, actor, collection_id, documents, placement)


def _end(collection_id: str, words: str, *, as_json: bool) -> int:
    if as_json:
        print_json({"collection_id": collection_id})
    else:
        print_line(f"{collection_id}: {words}")
    return 0


def _except(deny: list[str]) -> str:
    return f", except {', '.join(deny)}" if deny else ""
