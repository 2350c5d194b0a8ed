"""Requests that the command line sends to a running service."""

import json

import httpx
import pytest

from api.cli.ask import SearchedPart
from api.cli.http_client import Remote


@pytest.mark.parametrize("documents", [(), ("doc_a", "doc_b")])
def test_only_the_chosen_documents_are_asked_for(documents):
    bodies = []

    def answer(request):
        bodies.append(json.loads(request.content))
        return httpx.Response(200, json={})

    remote = Remote("http://127.0.0.1:1", "key", httpx.MockTransport(answer))
    fields = SearchedPart(documents, documents).fields
    remote.ask("Who?", "json", fields)
    remote.search("who", 3, fields)
    for name in ("documents", "collections"):
        assert [body.get(name, []) for body in bodies] == [list(documents)] * 2
