"""Every route, asked by everybody: what is hidden and what does not exist are the same bytes.

Two services differ in one document and what its owner did with it. Whoever may not see it gets,
on every route, the same status, headers and body from both (request ids and dates aside; where a
route generates ids and times itself, those aside too), and the same for its ids as for made-up
ones. Whoever may see it, sees it. The routes come from the OpenAPI description, the commands from
the parser of the command line: a new one without a case here fails.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from api.cli import MODULES, main
from tests.proofs.world import EVERYBODY, QUESTION, READERS, SECRET, shape, two_worlds

MADE_UP = "0123456789abcdef01234567"
UPLOAD = {"files": {"file": ("secret.txt", SECRET.encode())}, "data": {"allow": ["user:ann"]}}
OWN = ["owner"]
REVIEWERS = ["revoked", "administrator"]
"""A curator and an administrator: of an item on what they may not read, the rule and the time."""
OWN_OR_ADMIN = ["owner", "administrator"]
REFUSED = {401, 403, 404}


@dataclass(frozen=True)
class Case:
    """How a route is called, and by whom it is to be answered with what is hidden."""

    method: str
    path: str
    sees: list[str]
    """Who gets to see something of the document; everybody else must not notice it."""
    shows: str = ""
    """What stands in the body for them; nothing for a picture, or where there is none."""
    content: dict[str, Any] = field(default_factory=dict)
    generated: bool = False
    """The route makes ids and times of its own."""
    writes: bool = False
    """Changes something that later cases need: only those who may not are tried."""

    def send(self, world, who, ids):
        content = (
            json.loads(_filled(json.dumps(self.content), ids)) if self._plain else self.content
        )
        world.house.service.reads.flush()  # the audit log shows reads a moment later
        return world.ask(who, self.method, _filled(self.path, ids), **content)

    @property
    def _plain(self):
        return "files" not in self.content


def _filled(text, ids):
    for name, value in ids.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def body(**fields):
    return {"json": fields}


def chat(**fields):
    return body(model="footnote", messages=[{"role": "user", "content": QUESTION}], **fields)


OTHER_YEARS = {"type": "ne", "key": "year", "value": 1999}


def response(*, filters=None, **fields):
    tool = {"type": "file_search", "vector_store_ids": [], "filters": filters}
    return body(input=QUESTION, tools=[tool], include=["file_search_call.results"], **fields)


def rpc(method, **params):
    return body(jsonrpc="2.0", id=1, method=method, params=params)


def tool(name, **arguments):
    return rpc("tools/call", name=name, arguments=arguments)


DOCUMENT = "/v1/documents/{document_id}"
ACCESS = {"document_id": "{document_id}", "principal": "group:hr/all"}
AFTER = {"params": {"after": "{document_id}"}}
CHOICE = {"params": {"query": "secret", "kind": "pdf", "state": "ready", "sort": "title"}}
WIDE = {"files": UPLOAD["files"], "data": {"allow": ["group:hr/all"]}}
COLLECTION = "/v1/collections/{collection_id}"
PUBLIC = "/v1/collections/{public_collection}"
IN_COLLECTION = {"collections": ["{collection_id}"]}
IN_PUBLIC = {"collections": ["{public_collection}"]}
FILE = "/v1/files/{file_id}"
HOOK = "/v1/webhooks/{webhook_id}"
STORE = "/v1/vector_stores/{vector_store_id}"
OPEN_STORE = "/v1/vector_stores/{public_store}"
PARTIAL = "/v1/uploads/{upload_id}"
PART = {"files": {"data": ("part", b"A part.")}}
NOTE_KIND = {"mime_type": "text/plain", "purpose": "user_data"}
NOTE = {"files": {"file": ("note.txt", b"A note.")}, "data": {"purpose": "user_data"}}
CONTRIBUTOR = {"member": "user:carl", "audience": "group:sea/all"}
MEMBER = {"member": "user:carl", "group": "group:sea/all"}

PROVISIONERS = ["administrator", "stranger"]
SCIM_USER = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "fred",
}  # fmt: skip
SCIM_GROUP = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Fred's",
}  # fmt: skip

CASES = [
    Case("GET", "/v1/documents", READERS, "secret.pdf", generated=True),
    Case("GET", "/v1/documents", READERS, content=AFTER, generated=True),
    Case("GET", "/v1/documents", READERS, "secret.pdf", CHOICE, generated=True),
    Case("GET", DOCUMENT, READERS, "secret.pdf"),
    Case("GET", f"{DOCUMENT}/text", READERS, "whale"),
    Case("GET", f"{DOCUMENT}/content", READERS, "whale"),
    Case("GET", f"{DOCUMENT}/pages/{{page}}.png", READERS),
    Case("GET", f"{DOCUMENT}/look-alikes", READERS, '"items":[]'),
    Case("PATCH", DOCUMENT, READERS, content=body(authoritative=True), writes=True),
    Case("GET", f"{DOCUMENT}/findings", READERS, writes=True),
    Case("PATCH", DOCUMENT, READERS, content=body(title="Mine"), writes=True),
    Case("PATCH", DOCUMENT, READERS, content=body(allow=["user:carl"]), writes=True),
    Case("PUT", f"{DOCUMENT}/content", READERS, content=UPLOAD, writes=True),
    Case("DELETE", DOCUMENT, READERS, writes=True),
    Case("GET", "/v1/jobs", OWN, "{job_id}", generated=True),
    Case("GET", "/v1/jobs/{job_id}", OWN, "{document_id}"),
    Case("GET", "/v1/jobs/{job_id}/events", OWN, "{document_id}"),
    Case("POST", "/v1/jobs/{job_id}/cancel", OWN, writes=True),
    Case("POST", "/v1/jobs/{job_id}/retry", OWN, writes=True),
    Case("POST", "/v1/search", READERS, "whale", body(query="whale oil lamp"), generated=True),
    Case(
        "POST", "/v1/search", READERS, "whale",
        body(query="oil", filters={"document_id": "{document_id}"}), generated=True,
    ),
    Case("POST", "/v1/ask", READERS, "whale", body(question=QUESTION), generated=True),
    Case("POST", "/v1/ask", READERS, "whale", body(question=QUESTION, stream=True), generated=True),
    Case(
        "POST", "/v1/ask", OWN, "whale",
        body(question=QUESTION, conversation_id="{conversation_id}"),
    ),
    Case("GET", "/v1/conversations", OWN, "{conversation_id}", generated=True),
    Case("GET", "/v1/conversations/{conversation_id}", OWN, "whale"),
    Case("DELETE", "/v1/conversations/{conversation_id}", OWN, writes=True),
    Case("POST", "/v1/conversations/{conversation_id}", OWN, content=body(metadata={}),
         writes=True),
    Case("GET", "/v1/conversations/{conversation_id}/items", OWN, "whale"),
    Case("GET", "/v1/conversations/{conversation_id}/items/{item_id}", OWN, "lamp burn"),
    Case("POST", "/v1/conversations", [], "", body(title="new"), generated=True),
    Case("GET", "/v1/feedback", OWN, "whale", generated=True),
    Case("POST", "/v1/feedback", OWN, "{answer_id}", body(answer_id="{answer_id}", rating=1)),
    Case("GET", "/v1/evaluations", OWN, "run_0a", generated=True),
    Case("GET", "/v1/evaluations/live", [], generated=True),
    Case("GET", "/v1/evaluations/live/pictures", [], generated=True),
    Case("GET", "/v1/evaluations/{evaluation_id}", OWN, "whale"),
    Case("GET", "/v1/evaluations/{evaluation_id}/report.html", OWN, "whale"),
    Case("POST", "/v1/evaluations/{evaluation_id}/cancel", OWN, writes=True),
    Case("POST", "/v1/evaluations", [], content=body(dataset="generated"), generated=True),
    Case("GET", "/v1/quarantine", []),
    Case("POST", "/v1/quarantine/{document_id}/release", ["administrator"], writes=True),
    Case("POST", "/v1/quarantine/{document_id}/reject", ["administrator"], content=body(),
         writes=True),
    Case("GET", "/v1/admin/tenant", ["administrator"], '"documents":2', generated=True),
    Case(
        "PATCH", "/v1/admin/tenant", ["administrator"], '"documents":2', body(publishing="own"),
        generated=True,
    ),
    Case("GET", "/v1/admin/tenants", [], generated=True),
    Case("POST", "/v1/admin/tenants", [], content=body(tenant="pier"), generated=True),
    Case("GET", "/v1/admin/tenants/{tenant}", [], generated=True),
    Case("PATCH", "/v1/admin/tenants/{tenant}", [], content=body(name="Mine")),
    Case("POST", "/v1/admin/tenants/{tenant}/suspend", []),
    Case("POST", "/v1/admin/tenants/{tenant}/resume", []),
    Case("GET", "/v1/admin/screening", []),
    Case("PATCH", "/v1/admin/screening", [], content=body(personal="keep")),
    Case("GET", "/v1/admin/keys", [], generated=True),
    Case("DELETE", "/v1/admin/keys/{key_id}", ["administrator"], writes=True),
    Case("POST", "/v1/admin/keys", [], content=body(user="fred"), generated=True),
    Case("POST", "/v1/admin/keys/{key_id}/rotate", ["administrator"], writes=True),
    Case("GET", "/v1/admin/audit", ["administrator"], '"items":', generated=True),
    Case("GET", "/v1/admin/audit/export", ["administrator"], '"head":', generated=True),
    Case(
        "GET", "/v1/admin/audit/verification", ["administrator"], '"problems":[]', generated=True
    ),
    Case("GET", "/v1/me", [], generated=True),
    Case("GET", "/v1/me/session", []),
    Case("DELETE", "/v1/me/session", []),
    Case("GET", "/v1/me/sessions", []),
    Case("DELETE", "/v1/me/sessions", []),
    Case("DELETE", "/v1/me/sessions/{session_id}", []),
    Case("GET", "/v1/me/acts", [*READERS, "administrator"], '"items":', generated=True),
    Case("GET", "/v1/admin/members", []),
    Case("POST", "/v1/admin/members", [], content=body(**MEMBER)),
    Case("DELETE", "/v1/admin/members", [], content={"params": MEMBER}),
    Case("GET", "/v1/admin/contributors", []),
    Case("POST", "/v1/admin/contributors", [], content=body(**CONTRIBUTOR)),
    Case("DELETE", "/v1/admin/contributors", [], content={"params": CONTRIBUTOR}),
    Case("GET", "/v1/admin/access", ["administrator"], "group:hr/all may read", {"params": ACCESS}),
    Case("GET", "/v1/admin/receipts/{document_id}", []),
    Case("POST", "/v1/admin/receipts/{document_id}/erase", []),
    Case("GET", "/v1/admin/usage", ["administrator"], '"asks":'),
    Case("POST", "/v1/admin/people/{user}/suspend", []),
    Case("POST", "/v1/admin/people/{user}/resume", []),
    Case("GET", "/v1/admin/queue", []),
    Case("POST", "/v1/admin/queue/pause", [], content=body(reason="audit"), generated=True),
    Case("POST", "/v1/admin/queue/resume", []),
    Case("GET", "/v1/admin/queue/failed", []),
    Case("POST", "/v1/admin/queue/requeue", [], content=body(job_ids=["{job_id}"])),
    Case("POST", "/v1/admin/reingest", ["administrator"], '"queued":0'),
    Case("GET", "/v1/admin/policy", []),
    Case("POST", "/v1/admin/policy/reload", []),
    Case("GET", "/v1/reviews", REVIEWERS, "{review_id}", generated=True),
    Case("GET", "/v1/reviews/{review_id}", [*OWN, *REVIEWERS], "{review_id}"),
    Case(
        "POST", "/v1/reviews/{review_id}/decide", REVIEWERS, content=body(decision="approve"),
        writes=True,
    ),
    Case("GET", "/v1/sources", []),
    Case("POST", "/v1/sources", [], content=body(kind="folder", location="/x"), generated=True),
    Case("GET", "/v1/sources/{source_id}", []),
    Case("GET", "/v1/sources/{source_id}/documents", []),
    Case("POST", "/v1/sources/{source_id}/refresh", []),
    Case("DELETE", "/v1/sources/{source_id}", [], writes=True),
    Case("GET", "/v1/webhooks", OWN_OR_ADMIN, "{webhook_id}"),
    Case("POST", "/v1/webhooks", [],
         content=body(url="http://10.0.0.1/x", events=["document.ready"])),
    Case("GET", HOOK, OWN_OR_ADMIN, "{webhook_id}"),
    Case("PATCH", HOOK, OWN_OR_ADMIN, content=body(enabled=False), writes=True),
    Case("POST", f"{HOOK}/rotate", OWN, writes=True),
    Case("POST", f"{HOOK}/ping", OWN, writes=True),
    Case("GET", f"{HOOK}/deliveries", OWN, "{document_id}"),
    Case("DELETE", HOOK, OWN_OR_ADMIN, writes=True),
    Case("POST", "/v1/integrations/dify/retrieval", READERS, "whale",
         body(knowledge_id="all", query="oil"), generated=True),
    Case("POST", "/v1/integrations/dify/retrieval", READERS, "whale",
         body(knowledge_id="{collection_id}", query="oil")),
    Case("GET", "/v1/models", []),
    Case("GET", "/v1/models/{model}", []),
    Case("POST", "/v1/chat/completions", READERS, "whale", chat(), generated=True),
    Case("POST", "/v1/chat/completions", READERS, "whale", chat(stream=True), generated=True),
    Case("GET", "/v1/collections", READERS, "whale", generated=True),
    Case("GET", "/v1/collections", READERS, content={"params": {"after": "{collection_id}"}},
         generated=True),
    Case("GET", "/v1/collections", READERS, "whale",
         {"params": {"parent": "{public_collection}"}}, generated=True),
    Case("GET", "/v1/collections", READERS, "", {"params": {"parent": "{collection_id}"}}),
    Case("POST", "/v1/collections", [], content=body(name="Mine"), generated=True),
    Case("POST", "/v1/collections", READERS, content=body(name="Mine", parent_id="{collection_id}"),
         writes=True),
    Case("GET", COLLECTION, READERS, "whale"),
    Case("PATCH", COLLECTION, READERS, content=body(name="Mine"), writes=True),
    Case("DELETE", COLLECTION, READERS, writes=True),
    Case("GET", f"{COLLECTION}/documents", READERS, "secret.pdf"),
    Case("POST", f"{COLLECTION}/documents", READERS, content=body(documents=["{document_id}"]),
         writes=True),
    Case("DELETE", f"{COLLECTION}/documents/{{document_id}}", READERS, writes=True),
    # Everybody sees this collection, and must not notice what else stands in it.
    Case("GET", PUBLIC, READERS, '"documents":2'),
    Case("GET", f"{PUBLIC}/documents", READERS, "secret.pdf", generated=True),
    Case("PATCH", PUBLIC, OWN, content=body(), writes=True),
    Case("POST", f"{PUBLIC}/documents", OWN, content=body(documents=["{document_id}"]),
         writes=True),
    Case("POST", "/v1/search", READERS, "whale", body(query="oil", **IN_PUBLIC), generated=True),
    Case("POST", "/v1/search", READERS, "whale", body(query="oil", **IN_COLLECTION)),
    Case("POST", "/v1/ask", READERS, "whale", body(question=QUESTION, **IN_PUBLIC),
         generated=True),
    Case("POST", "/v1/ask", READERS, "whale", body(question=QUESTION, **IN_COLLECTION)),
    Case("POST", "/v1/evaluations", READERS, content=body(dataset="generated", **IN_COLLECTION),
         writes=True),
    Case("POST", "/v1/responses", READERS, "whale", response(), generated=True),
    Case("POST", "/v1/responses", READERS, "whale", response(stream=True), generated=True),
    Case("POST", "/v1/responses", READERS, "whale", response(filters=OTHER_YEARS), generated=True),
    Case(
        "POST", "/v1/responses", OWN, "whale",
        body(input=QUESTION, previous_response_id="{response_id}"), generated=True,
    ),
    Case("POST", "/v1/responses/input_tokens", [], content=body(input=QUESTION)),
    Case("POST", "/v1/responses/compact", [], content=body(input=QUESTION)),
    Case("GET", "/v1/responses/{response_id}", OWN, "whale"),
    Case("GET", "/v1/responses/{response_id}", OWN, "whale", {"params": {"stream": True}}),
    Case("GET", "/v1/responses/{response_id}/input_items", OWN, "lamp burn"),
    Case("POST", "/v1/responses/{response_id}/cancel", OWN, writes=True),
    Case("DELETE", "/v1/responses/{response_id}", OWN, writes=True),
    Case(
        "POST", "/v1/embeddings", [], content=body(model="footnote-embedding", input="oil"),
        generated=True,
    ),
    Case("POST", "/v1/moderations", [], content=body(input="oil"), generated=True),
    Case("POST", "/v1/rerank", [], content=body(query="oil", documents=["x"]), generated=True),
    Case("GET", "/v1/files", READERS, "secret.pdf", generated=True),
    Case("GET", "/v1/files", READERS, content={"params": {"after": "{file_id}"}}, generated=True),
    Case("GET", FILE, READERS, "secret.pdf"),
    Case("GET", f"{FILE}/content", READERS, "whale"),
    Case("DELETE", FILE, READERS, writes=True),
    Case("POST", "/v1/uploads", [], content=body(bytes=9, filename="note.txt", **NOTE_KIND),
         generated=True),
    Case("POST", f"{PARTIAL}/parts", OWN, content=PART, generated=True),
    Case("POST", f"{PARTIAL}/complete", OWN, content=body(part_ids=["part_1"]), writes=True),
    Case("POST", f"{PARTIAL}/cancel", OWN, writes=True),
    Case("GET", "/v1/vector_stores", READERS, "whale", generated=True),
    Case("GET", "/v1/vector_stores", READERS, content={"params": {"after": "{vector_store_id}"}},
         generated=True),
    Case("POST", "/v1/vector_stores", READERS, content=body(file_ids=["{file_id}"]), writes=True),
    Case("GET", STORE, READERS, "whale"),
    Case("POST", STORE, READERS, content=body(name="Mine"), writes=True),
    Case("DELETE", STORE, READERS, writes=True),
    Case("POST", f"{STORE}/search", READERS, "whale", body(query="oil")),
    Case("GET", f"{STORE}/files", READERS, "{file_id}"),
    Case("POST", f"{STORE}/files", READERS, content=body(file_id="{file_id}"), writes=True),
    Case("GET", f"{STORE}/files/{{file_id}}", READERS, "completed"),
    Case("POST", f"{STORE}/files/{{file_id}}", READERS, content=body(attributes={}), writes=True),
    Case("DELETE", f"{STORE}/files/{{file_id}}", READERS, writes=True),
    Case("GET", f"{STORE}/files/{{file_id}}/content", READERS, "whale"),
    Case("POST", f"{STORE}/file_batches", READERS, content=body(file_ids=["{file_id}"]),
         writes=True),
    Case("GET", f"{STORE}/file_batches/{{batch_id}}", READERS, '"completed":1'),
    Case("POST", f"{STORE}/file_batches/{{batch_id}}/cancel", READERS, writes=True),
    Case("GET", f"{STORE}/file_batches/{{batch_id}}/files", READERS, "{file_id}"),
    Case("GET", OPEN_STORE, READERS, '"total":2', generated=True),
    Case("POST", f"{OPEN_STORE}/search", READERS, "whale", body(query="oil"), generated=True),
    Case("GET", f"{OPEN_STORE}/files", READERS, "{file_id}", generated=True),
    Case("GET", f"{OPEN_STORE}/files/{{file_id}}", READERS, "completed"),
    Case("POST", f"{OPEN_STORE}/files", OWN, content=body(file_id="{file_id}"), writes=True),
    Case("POST", "/v1/files", [], content=NOTE, generated=True),
    Case("POST", "/mcp", READERS, "whale", tool("search", query="whale oil lamp"), generated=True),
    Case("POST", "/mcp", READERS, "whale", tool("ask", question=QUESTION), generated=True),
    Case("POST", "/mcp", READERS, "whale", tool("fetch", id="{document_id}"), generated=True),
    Case("POST", "/mcp", READERS, "secret.pdf", rpc("resources/list"), generated=True),
    Case("POST", "/mcp", READERS, "whale",
         rpc("resources/read", uri="footnote://documents/{document_id}"), generated=True),
    Case("POST", "/mcp", READERS, "",
         rpc("resources/list", cursor="{document_id}"), generated=True),
    Case("GET", "/.well-known/oauth-protected-resource", []),
    # An administrator's key without a list of scopes provisions; nobody else's does.
    Case("GET", "/scim/v2/Users", []),
    Case("GET", "/scim/v2/Groups", []),
    Case("POST", "/scim/v2/Users", PROVISIONERS, content=body(**SCIM_USER), writes=True),
    Case("POST", "/scim/v2/Groups", PROVISIONERS, content=body(**SCIM_GROUP), writes=True),
    *(
        Case(method, f"/scim/v2/{kind}/{{resource_id}}", [], content=body(**content))
        for kind, content in (("Users", SCIM_USER), ("Groups", SCIM_GROUP))
        for method in ("PUT", "PATCH", "DELETE", "GET")
    ),
    Case("POST", "/scim/v2/.search", [], content=body()),
    *(
        Case("GET", f"/scim/v2/{path}", [])
        for path in (
            "ServiceProviderConfig", "ResourceTypes", "ResourceTypes/{name}", "Schemas",
            "Schemas/{name}",
        )
    ),
    Case("GET", "/auth/options", []),
    Case("GET", "/auth/sign-in", []),
    Case("GET", "/auth/callback", []),
    # Uploads come last: whoever uploads a copy of the text has one of their own from then on.
    # Readers are told that its name looks like the document's; nobody else is.
    Case("POST", "/v1/documents", READERS, content=UPLOAD, generated=True, writes=True),
    Case("POST", "/v1/documents", READERS, content=WIDE, generated=True, writes=True),
    Case("PUT", f"{DOCUMENT}/content", READERS, content=WIDE, writes=True),
    Case("GET", "/livez", []),
    Case("GET", "/healthz", []),
    Case("GET", "/readyz", []),
]  # fmt: skip


class Templates(dict):
    """The names of the parameters in the description; those of the public ones are others."""

    def __missing__(self, name):
        return f"{{{name}}}"


TEMPLATES = Templates(public_collection="{collection_id}", public_store="{vector_store_id}")

NOT_BY_DOCUMENT = {
    ("GET", "/metrics"): "counts the whole service's work; administrators are told so in the docs",
}

OTHER_PROTOCOLS = {
    (case.method, case.path.format_map(TEMPLATES))
    for case in CASES
    if case.path.startswith("/scim/")
} | {
    ("POST", "/mcp"),
    ("GET", "/.well-known/oauth-protected-resource"),
    ("GET", "/auth/options"),
    ("GET", "/auth/sign-in"),
    ("GET", "/auth/callback"),
    ("POST", "/v1/responses/compact"),
}
"""Routes that OpenAPI does not describe."""


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    with two_worlds(tmp_path_factory.mktemp("matrix")) as worlds:
        yield worlds


def test_every_route_has_a_case(worlds):
    described = worlds[0].house.client.get("/openapi.json").json()["paths"]
    routes = {(method.upper(), path) for path, methods in described.items() for method in methods}
    cases = {(case.method, case.path.format_map(TEMPLATES)) for case in CASES}
    assert routes | OTHER_PROTOCOLS == cases | set(NOT_BY_DOCUMENT)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.method} {case.path}")
def test_who_may_see_it_sees_it_and_nobody_else_can_tell_that_it_is_there(worlds, case):
    full, bare = worlds
    for who in EVERYBODY:
        if who in case.sees:
            continue
        hidden = shape(case.send(full, who, full.ids), generated=case.generated)
        missing = shape(case.send(bare, who, full.ids), generated=case.generated)
        assert hidden == missing, who
        assert "whale" not in str(hidden[2]) or case.path == "/v1/documents", who
        if who == "anonymous" and case.path.startswith("/v1/"):
            assert hidden[0] == 401
    for who in case.sees if not case.writes else ():
        shown = case.send(full, who, full.ids)
        assert shown.status_code in {200, 201, 202}, (who, shown.text)
        assert _filled(case.shows, full.ids) in shown.content.decode(errors="replace"), who
    for world in worlds:
        world.settle()


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if "_id}" in case.path or "_id}" in json.dumps(str(case.content))],
    ids=lambda case: f"{case.method} {case.path}",
)
def test_a_hidden_id_and_a_made_up_one_get_the_same_bytes(worlds, case):
    full, _ = worlds
    made_up = {
        name: value
        if name in {"page", "public_collection", "public_store"}
        else f"{value.split('_')[0]}_{MADE_UP}"
        for name, value in full.ids.items()
    }
    for who in EVERYBODY:
        if who not in case.sees:
            hidden = shape(case.send(full, who, full.ids), generated=case.generated)
            missing = shape(case.send(full, who, made_up), generated=case.generated)
            assert hidden == missing, who


def test_a_reviewer_sees_no_word_of_a_document_that_is_hidden_from_the_reviewer(worlds):
    full, _ = worlds
    for who in REVIEWERS:
        for path in ("/v1/reviews", "/v1/reviews/{review_id}"):
            assert "whale" not in full.ask(who, "GET", _filled(path, full.ids)).text
        decided = Case("POST", "/v1/reviews/{review_id}/decide", [], content=body(decision="deny"))
        assert decided.send(full, who, full.ids).status_code == 403


def test_a_reader_who_may_not_change_a_document_is_told_so_and_nothing_changes(worlds):
    full, _ = worlds
    before = full.ask("owner", "GET", _filled(DOCUMENT, full.ids)).json()
    for case in CASES:
        if case.writes and case.path.startswith(DOCUMENT):
            assert case.send(full, "member", full.ids).status_code == 403
            assert case.send(full, "other", full.ids).status_code == 404
    assert full.ask("owner", "GET", _filled(DOCUMENT, full.ids)).json() == before


def test_who_is_allowed_through_a_group_and_denied_by_name_gets_404_for_everything_of_it(worlds):
    full, _ = worlds
    access = full.ask("owner", "GET", _filled(DOCUMENT, full.ids)).json()
    assert (access["allow"], access["deny"]) == (["group:hr/all", "user:ann"], ["user:gina"])
    tried = [case for case in CASES if case.path.startswith(DOCUMENT)]
    assert len(tried) >= 9
    for case in tried:
        assert case.send(full, "denied", full.ids).status_code == 404, case.path
        assert case.send(full, "member", full.ids).status_code in {200, 403}, case.path
    for question in (
        {"query": "whale oil lamp"},
        {"query": "oil", "filters": {"filename": "secret.pdf"}},
    ):
        found = full.ask("denied", "POST", "/v1/search", json=question).json()
        assert full.ids["document_id"] not in json.dumps(found)
    listed = full.ask("denied", "GET", "/v1/documents").json()
    assert full.ids["document_id"] not in json.dumps(listed)


def test_a_revoked_key_opens_nothing(worlds):
    full, _ = worlds
    person = full.house.person("dora", "hr/all")
    full.keys["dora again"] = person.key
    assert Case("GET", DOCUMENT, []).send(full, "dora again", full.ids).status_code == 200
    keys = full.ask("administrator", "GET", "/v1/admin/keys").json()["items"]
    latest = [key for key in keys if key["user"] == "user:dora"][-1]
    full.ask("administrator", "DELETE", f"/v1/admin/keys/{latest['key_id']}")
    for case in CASES:
        if case.path.startswith("/v1/"):
            assert case.send(full, "dora again", full.ids).status_code == 401, case.path


# The command line, in this process.

COMMANDS_THAT_READ = {"search", "ask"}
OTHER_COMMANDS = {
    "serve": "starts the service, whose routes stand above",
    "worker": "reads what it works on, for nobody",
    "mcp": "answers over stdio: tests/api/mcp_server/test_stdio.py",
    "ingest": "writes; it prints what became of the files it was given",
    "documents": "shows what was found to owners and curators (tests/api/test_screening.py), and "
    "look-alikes (tests/ingest/lifecycle/test_look_alikes.py)",
    "collection": "shows the collections that the asker sees, by the same functions as the routes; "
    "counts of what the asker may read (tests/ingest/lifecycle/test_collections.py)",
    "jobs": "shows the asker's own jobs: ids, states and reasons",
    "parse": "reads a file that the user names",
    "chunk": "reads a file that the user names",
    "evaluate": "reads a corpus that the user names, in a store of its own; data sets out of the "
    "store hold what its asker may read (tests/api/test_evaluations.py)",
    "admin": "for operators, who hold the data folder; it shows no content",
    "train": "reads question sets that the user names, never a store",
    "models": "for operators; it shows the models that are configured, no content",
    "policy": "for operators; it shows the guardrails' rules, no content",
    "review": "for reviewers, who see what they may read: tests/api/questions/test_reviews.py",
    "top": "shows what /metrics tells an administrator: counts and times",
    "webhook": "shows the asker's own webhooks and what was sent to them "
    "(tests/api/webhooks/test_webhooks.py)",
    "doctor": "for operators; it shows no content",
    "backup": "for operators, who hold the data folder",
    "verify": "for operators; it names what is damaged and shows no content",
    "restore": "for operators, who hold the data folder",
    "plan": "arithmetic; it reads no store",
}
PEOPLE = {
    "owner": ["--as", "user:ann"],
    "member": ["--as", "user:bob", "--as", "group:hr/all"],
    "other": ["--as", "user:carl", "--as", "group:sea/all"],
    "revoked": ["--as", "user:dora"],
    "denied": ["--as", "user:gina", "--as", "group:hr/all"],
    "anonymous": [],
}


def test_every_command_has_a_case():
    assert set(MODULES) == COMMANDS_THAT_READ | set(OTHER_COMMANDS)


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """Make two data folders, one of which has the secret."""
    folder = tmp_path_factory.mktemp("commands")
    (folder / "secret.txt").write_text(SECRET)
    (folder / "public.txt").write_text("The boat brings oil and lamp glass on Tuesdays.")
    full, bare = ["--data", str(folder / "full")], ["--data", str(folder / "bare")]
    for data in (full, bare):
        assert main(["ingest", str(folder / "public.txt"), "--allow", "tenant:all", *data]) == 0
        assert main(["admin", "group", "add", "hr/all", "user:dora", *data]) == 0
    secret = ["ingest", str(folder / "secret.txt"), "--as", "user:ann", "--deny", "user:gina"]
    assert main([*secret, "--allow", "user:ann", "--allow", "group:hr/all", *full]) == 0
    for data in (full, bare):
        assert main(["admin", "group", "remove", "hr/all", "user:dora", *data]) == 0
    return full, bare


@pytest.mark.parametrize("command", sorted(COMMANDS_THAT_READ))
@pytest.mark.parametrize("who", PEOPLE)
def test_a_command_shows_what_its_asker_may_read_and_else_what_an_emptier_store_would(
    stores, capsys, command, who
):
    def output(data):
        capsys.readouterr()
        assert main([command, QUESTION, "--json", *PEOPLE[who], *data]) == 0
        printed = capsys.readouterr()
        return _without_generated(json.loads(printed.out)), printed.err

    with_secret, without = (output(data) for data in stores)
    if who in READERS:
        assert "whale" in json.dumps(with_secret)
    else:
        assert with_secret == without
        assert "Tuesdays" in json.dumps(with_secret)


def _without_generated(value):
    if isinstance(value, dict):
        dropped = {"document_id", "chunk_id", "snapshot", "timings", "published_at"}
        return {k: _without_generated(v) for k, v in value.items() if k not in dropped}
    if isinstance(value, list):
        return [_without_generated(item) for item in value]
    return value
