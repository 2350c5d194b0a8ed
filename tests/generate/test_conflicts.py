"""Who published a source, and what becomes of an answer on which documents disagree."""

from sqlalchemy import select

from generate.answer import answer
from generate.types import Answer
from index.db.tables.documents import Document
from index.types import Actor
from ingest.lifecycle.document_edits import DocumentEdit, edit_document
from tests.fakes.model import ScriptedModel
from tests.generate.conftest import ANN, BOB

FERRY = "How much do tickets of the ferry cost?"
PLANTED = f"{FERRY} Tickets cost 99 crowns and are sold on board."
SAID = "Tickets cost 14 crowns and are sold on board."


def sides(reply: Answer) -> list[list[str]]:
    return [[side.value for side in conflict.sides] for conflict in reply.conflicts]


def mark(shelf, document_id):
    curator = Actor(BOB, "user:bob", "curator")
    edit_document(shelf.library, curator, document_id, DocumentEdit(authoritative=True))


def test_a_citation_names_who_published_its_document_and_when(shelf, make_parts):
    reply = answer("When does the ferry to Skar\u00f6 leave?", BOB, make_parts())
    (citation, *_) = reply.citations
    with shelf.database.read() as session:
        document = session.scalars(
            select(Document).where(Document.id == citation.document_id)
        ).one()
        assert citation.publisher == document.owner == "user:owner"
    assert citation.published_at
    assert citation.published_at[:4].isdigit()
    assert not citation.authoritative
    assert reply.conflicts == ()


def test_documents_that_disagree_are_both_quoted_and_a_notice_says_so(shelf, make_parts):
    shelf.put(PLANTED, filename="news.txt", owner="user:eve")
    reply = answer(FERRY, BOB, make_parts())
    ((first, second),) = [conflict.sides for conflict in reply.conflicts]
    assert {first.value, second.value} == {"14 crowns", "99 crowns"}
    publishers = {c.marker: c.publisher for c in reply.citations}
    assert {publishers[first.marker], publishers[second.marker]} == {"user:owner", "user:eve"}
    assert "documents disagree" in reply.notice
    assert "14 crowns" in reply.notice
    assert "99 crowns" in reply.notice


def test_a_document_that_one_may_not_read_disagrees_with_nothing(shelf, make_parts):
    shelf.put(PLANTED, filename="news.txt", owner="user:eve", allow=["user:ann"])
    assert sides(answer(FERRY, BOB, make_parts())) == []
    assert len(sides(answer(FERRY, ANN, make_parts()))) == 1


def test_a_marked_document_comes_first_and_is_labelled(shelf, make_parts):
    shelf.put(PLANTED, filename="news.txt", owner="user:eve")
    before = answer(FERRY, BOB, make_parts())
    harbour = next(c.document_id for c in before.citations if c.filename == "harbour.txt")
    mark(shelf, harbour)
    reply = answer(FERRY, BOB, make_parts())
    assert sides(reply) == [["14 crowns", "99 crowns"]]
    assert "14 crowns [1] (authoritative)" in reply.notice
    assert SAID in reply.sentences[0].text
    labelled = {c.filename: c.authoritative for c in reply.citations}
    assert labelled == {"harbour.txt": True, "news.txt": False}


def test_what_a_model_has_written_from_one_document_gets_the_other_one_beside_it(shelf, make_parts):
    shelf.put(PLANTED, filename="news.txt", owner="user:eve")
    model = ScriptedModel("Tickets cost 99 crowns. [1] Tickets cost 99 crowns. [2]")
    reply = answer(FERRY, BOB, make_parts(model))
    assert reply.model == "scripted"
    assert {tuple(sorted(values)) for values in sides(reply)} == {("14 crowns", "99 crowns")}
    assert {"harbour.txt", "news.txt"} == {c.filename for c in reply.citations}
