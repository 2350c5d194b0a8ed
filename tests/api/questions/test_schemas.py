"""Filters, chosen documents, or both narrow a search."""

import pytest

from api.questions.schemas import AskRequest, SearchRequest
from index.db.database import Database
from index.types import Scope

UNREAD = Database("sqlite://")
"""Without collections, no database is read."""


@pytest.mark.parametrize(
    ("fields", "narrowing"),
    [
        ({}, None),
        ({"filters": {"title": "Fees"}}, {"title": "Fees"}),
        ({"documents": ["doc_a"]}, {"document_id": {"in": ["doc_a"]}}),
        (
            {"documents": ["doc_a", "doc_b"], "filters": {"title": "Fees"}},
            {"and": [{"document_id": {"in": ["doc_a", "doc_b"]}}, {"title": "Fees"}]},
        ),
    ],
)
def test_documents_narrow_as_a_filter_does(fields, narrowing):
    for body in (AskRequest(question="Who?", **fields), SearchRequest(query="who", **fields)):
        assert body.narrowing.resolve(UNREAD, Scope.of("default", [])) == narrowing


def test_no_documents_at_all_is_a_mistake():
    with pytest.raises(ValueError, match="at least 1"):
        AskRequest(question="Who?", documents=[])
