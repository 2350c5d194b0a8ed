"""Where a source's documents go, in memory, and one run that brings it in step."""

from dataclasses import dataclass, field

from index.db.tables.base import utc_now
from ingest.connectors.connector_sync import ConnectorSync
from ingest.lifecycle.source_registry import SourceDocument, SourceView


@dataclass
class SourceShelf:
    """A target in memory."""

    documents: dict[str, SourceDocument] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)

    def list_documents(self):
        return list(self.documents.values())

    def put(self, path, blocks, access, *, filename=None, mark=None):
        text = b"".join(blocks).decode()
        lists = sorted(access.allow), sorted(access.deny)
        self.documents[path] = SourceDocument(path, f"doc {path}", text, *lists, mark)
        self.puts.append(path)
        return "job"

    def restrict(self, document_id, access):
        for document in self.documents.values():
            if document.document_id == document_id:
                document.allow[:], document.deny[:] = sorted(access.allow), sorted(access.deny)

    def remove(self, document_id):
        self.documents = {p: d for p, d in self.documents.items() if d.document_id != document_id}


def view(allow=("group:staff/all",), deny=()):
    return SourceView(
        "src_1", "user:ann", "bucket", "s3://x", list(allow), list(deny), None, None, utc_now()
    )


def run(connector, shelf, **lists):
    events = ConnectorSync(connector, shelf, view(**lists)).run()
    return sorted((event.action, event.path) for event in events)
