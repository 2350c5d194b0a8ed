"""The lead sentences of its sections summarise a document."""

from generate.answer import answer
from generate.quoting.summary import asks_for_summary
from index.search.filters import within_documents
from tests.generate.conftest import BOB

GUIDE = (
    "Mooring\n\nMembers moor at the inner quay. They pay by the night.",
    "Fuel\n\nDiesel is sold from six to nine. Cans are filled at the shed.",
    "Storms\n\nIn a storm every boat takes a second line. The office calls the owners.",
)


def test_requests_for_a_summary_are_told_from_questions():
    for request in ("Summarise the mooring guide", "What is this about?", "Give me an overview."):
        assert asks_for_summary(request)
    for question in ("What is the fuel price about to become?", "Who is the guide?"):
        assert not asks_for_summary(question)


def test_the_lead_sentences_of_the_named_document_are_quoted_in_order(shelf, make_parts):
    shelf.put(*GUIDE, filename="quay guide.txt")
    reply = answer("Summarise the quay guide", BOB, make_parts())
    assert reply.status == "answered"
    assert [sentence.text for sentence in reply.sentences] == [
        "Members moor at the inner quay.",
        "Diesel is sold from six to nine.",
        "In a storm every boat takes a second line.",
    ]


def test_what_has_changed_is_what_the_document_says_of_changes(shelf, make_parts):
    shelf.put(
        "The pier opens at six. The fee was raised to 9 crowns in May.",
        "The lift no longer runs at night. Boats moor at the quay.",
        filename="harbour news.txt",
    )
    shelf.put(*GUIDE, filename="quay guide.txt")
    reply = answer("What has changed in the harbour news?", BOB, make_parts())
    assert [sentence.text for sentence in reply.sentences] == [
        "The fee was raised to 9 crowns in May.",
        "The lift no longer runs at night.",
    ]
    silent = answer("What changed in the quay guide?", BOB, make_parts())
    assert silent.status == "no_evidence"


def test_what_changed_something_is_a_question_like_any_other(shelf, make_parts):
    note = shelf.put("The storm of 1911 changed the coast. A dam was added.", filename="note.txt")
    filters = within_documents(None, [note])
    reply = answer("What changed the coast?", BOB, make_parts(), filters=filters)
    assert "The storm of 1911 changed the coast." in reply.text


def test_only_the_chosen_documents_are_read(shelf, make_parts):
    guide = shelf.put(*GUIDE, filename="quay guide.txt")
    filters = within_documents(None, [guide])
    reply = answer("What is this about?", BOB, make_parts(), filters=filters)
    assert {citation.document_id for citation in reply.citations} == {guide}


def test_a_chosen_document_that_one_may_not_read_is_one_that_is_not_there(shelf, make_parts):
    hidden = shelf.put("Ann keeps bees.", filename="bees.txt", allow=["user:ann"])
    for document in (hidden, "doc_unknown"):
        filters = within_documents(None, [document])
        reply = answer("What is this about?", BOB, make_parts(), filters=filters)
        assert (reply.status, reply.nearest, reply.searched) == ("no_evidence", (), ())
