"""Filters, chosen documents, or both narrow a search."""

import pytest

from api.questions.schemas import AskRequest, SearchRequest


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
    assert AskRequest(question="Who?", **fields).narrowing == narrowing
    assert SearchRequest(query="who", **fields).narrowing == narrowing


def test_no_documents_at_all_is_a_mistake():
    with pytest.raises(ValueError, match="at least 1"):
        AskRequest(question="Who?", documents=[])
