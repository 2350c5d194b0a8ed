"""The keys of representative bodies, in order: a model that is declared adds and drops none."""

import json
from pathlib import Path

SHAPES = json.loads((Path(__file__).parent / "bodies.json").read_text())

TEXT = "The lamp is lit at dusk. The keeper writes the log in black ink."
QUESTION = {"question": "When is the lamp lit?"}


def shape(value):
    """Return a body with its keys alone: what is no object or list is left out."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return None


def bodies(house):
    """Yield the name and the body of representative calls."""
    ann, root = house.person("ann"), house.person("root", role="admin")
    accepted = ann.upload(TEXT).json()
    job = ann.job(accepted["job_id"])
    document = f"/v1/documents/{accepted['document_id']}"
    talk = ann.post("/v1/conversations", json={"title": "Lamps"}).json()
    answer = ann.post("/v1/ask", json=QUESTION | {"conversation_id": talk["conversation_id"]})
    opinion = {"answer_id": answer.json()["answer_id"], "rating": 1}
    key = root.post("/v1/admin/keys", json={"user": "bob"}).json()
    folder = {"kind": "folder", "location": "/srv/rules"}
    yield "upload", accepted
    yield "job", job
    yield "answer", answer.json()
    yield "new key", key
    for name, body in {"markdown": QUESTION | {"format": "markdown"}}.items():
        yield name, ann.post("/v1/ask", json=body).json()
    yield "no evidence", ann.post("/v1/ask", json={"question": "Who wrote Hamlet?"}).json()
    yield "search", ann.post("/v1/search", json={"query": "lamp"}).json()
    yield "conversation", talk
    yield "turns", ann.get(f"/v1/conversations/{talk['conversation_id']}").json()
    yield "feedback", ann.post("/v1/feedback", json=opinion).json()
    yield "source", root.post("/v1/sources", json=folder).json()
    yield "patched", ann.request("PATCH", document, json={"title": "Lamps"}).json()
    for path in (
        "/v1/jobs", "/v1/documents", document, f"{document}/findings", "/v1/conversations",
        "/v1/feedback", "/v1/evaluations", "/v1/evaluations/live",
    ):  # fmt: skip
        yield path.replace(accepted["document_id"], "ID"), ann.get(path).json()
    yield "run", ann.post("/v1/evaluations", json={"dataset": "generated", "limit": 1}).json()
    for path in (
        "/v1/admin/keys", "/v1/admin/members", "/v1/admin/usage", "/v1/admin/queue",
        "/v1/admin/queue/failed", "/v1/admin/policy", "/v1/admin/screening", "/v1/quarantine",
        "/v1/reviews", "/v1/sources", "/healthz", "/livez", "/readyz",
    ):  # fmt: skip
        yield path, root.get(path).json()
    explained = {"document_id": accepted["document_id"], "principal": "user:ann"}
    yield "access", root.get("/v1/admin/access", params=explained).json()
    yield "deleted", ann.request("DELETE", document).json()
    yield "receipt", root.get(f"/v1/admin/receipts/{accepted['document_id']}").json()
    yield "not found", ann.get(document).json()
    yield "invalid", ann.post("/v1/search", json={}).json()


def test_no_key_comes_goes_or_moves(house):
    found = {name: shape(body) for name, body in bodies(house)}
    assert json.dumps(found, indent=1) == json.dumps(SHAPES, indent=1)
