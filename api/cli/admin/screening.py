"""``footnote documents findings`` and ``footnote admin quarantine``: what documents hold."""

import argparse
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from api.cli.options import (
    asker_options,
    data_options,
    json_option,
    local_actor,
    parts_of,
    print_json,
    print_line,
    remote_of,
    server_options,
)

if TYPE_CHECKING:
    from api.composition.container import Parts
    from index.types import Actor


def add_commands(commands: Any) -> None:
    """Add ``footnote documents``."""
    documents = commands.add_parser("documents", help="what was found in your documents")
    verbs = documents.add_subparsers(metavar="VERB", required=True)
    parents = [data_options(), asker_options(), server_options(), json_option()]
    findings = verbs.add_parser(
        "findings", parents=parents, help="list personal data, secrets and hidden text by place"
    )
    findings.add_argument("document_id", metavar="DOCUMENT_ID")
    findings.set_defaults(run=findings_command)


def add_quarantine(nouns: Any) -> None:
    """Add ``footnote admin quarantine``."""
    parents = [data_options(), asker_options(), server_options(), json_option()]
    quarantine = nouns.add_parser("quarantine", help="documents that are held for what they hold")
    verbs = quarantine.add_subparsers(metavar="VERB", required=True)
    verbs.add_parser(
        "list", parents=parents, help="list what is held; names of what you may read"
    ).set_defaults(run=list_command)
    release = verbs.add_parser("release", parents=parents, help="make a document searchable")
    release.set_defaults(run=release_command)
    reject = verbs.add_parser("reject", parents=parents, help="delete what is held")
    for verb in (release, reject):
        verb.add_argument("document_id", metavar="DOCUMENT_ID")
        verb.add_argument(
            "--version", type=int, metavar="N",
            help="the version that you have looked at: no other one is decided on",
        )  # fmt: skip
    reject.add_argument("--reason", default="", metavar="TEXT", help="told to the uploader")
    reject.set_defaults(run=reject_command)


def findings_command(options: argparse.Namespace) -> int:
    """Print what was found in a document: kinds, rules and places, never the words."""
    if remote := remote_of(options):
        view = remote.call("GET", f"/v1/documents/{options.document_id}/findings")
    else:
        from ingest.lifecycle.finding_views import show_findings

        parts = parts_of(options)
        actor = local_actor(options, parts)
        view = asdict(show_findings(parts.library, actor, options.document_id))
    if options.json:
        print_json(view)
        return 0
    held = "in quarantine, " if view["quarantined_at"] else ""
    print_line(
        f"{view['document_id']} v{view['version']}: {held}{sum(view['counts'].values())} found"
    )
    for item in view["items"]:
        page = "" if item["page"] is None else f"page {item['page']}, "
        place = f"{page}{item['start']}-{item['end']}"
        print_line(f"  {item['kind']:10}{item['rule']:20}{item['action']:12}{place}")
    return 0


def list_command(options: argparse.Namespace) -> int:
    """Print what is in quarantine."""
    if remote := remote_of(options):
        items = remote.call("GET", "/v1/quarantine")["items"]
    else:
        from ingest.lifecycle.quarantine import list_quarantine

        parts = parts_of(options)
        items = [asdict(view) for view in list_quarantine(parts.library, _curator(options, parts))]
    if options.json:
        print_json({"items": items})
        return 0
    for item in items:
        found = ", ".join(f"{name} {count}" for name, count in item["findings"].items())
        named = f"{item['filename']} of {item['owner']}: " if item["filename"] else ""
        print_line(f"{item['document_id']} v{item['version']}  {named}{found}")
    return 0


def release_command(options: argparse.Namespace) -> int:
    """Let a document go; on a local data folder, make it searchable at once."""
    if remote := remote_of(options):
        path = f"/v1/quarantine/{options.document_id}/release"
        job_id = remote.call("POST", path, params=_seen(options))["job_id"]
        failed = 0
    else:
        from api.cli.progress_bar import work_until_ended
        from ingest.lifecycle.quarantine import release

        parts = parts_of(options)
        actor = _curator(options, parts)
        job_id = release(parts.library, actor, options.document_id, version=options.version)
        failed = work_until_ended(parts, actor, [job_id])
    if options.json:
        print_json({"job_id": job_id})
    else:
        print_line(f"{options.document_id} was released: {job_id}")
    return 1 if failed else 0


def reject_command(options: argparse.Namespace) -> int:
    """Delete what is held of a document."""
    if remote := remote_of(options):
        path = f"/v1/quarantine/{options.document_id}/reject"
        remote.call("POST", path, params=_seen(options), json={"reason": options.reason})
    else:
        from ingest.lifecycle.quarantine import reject

        parts = parts_of(options)
        actor = _curator(options, parts)
        reject(
            parts.library, actor, options.document_id,
            reason=options.reason, version=options.version,
        )  # fmt: skip
    if options.json:
        print_json({"document_id": options.document_id})
    else:
        print_line(f"{options.document_id} was rejected; what was held is deleted.")
    return 0


def _seen(options: argparse.Namespace) -> dict[str, int]:
    """Return the version that was looked at, as the routes take it."""
    return {} if options.version is None else {"version": options.version}


def _curator(options: argparse.Namespace, parts: "Parts") -> "Actor":
    """Return who acts: who holds the data folder is its administrator."""
    return replace(local_actor(options, parts), role="admin")
