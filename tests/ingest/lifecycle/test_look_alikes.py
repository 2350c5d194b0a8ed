"""Names that look like those of another publisher are flagged, to those who may read both."""

import pytest

from index.errors import NotFoundError
from index.text.look_alike_names import name_key
from index.types import Actor, Scope
from ingest.lifecycle.look_alikes import look_alike_warnings, look_alikes
from ingest.upload import Upload, accept
from tests.fakes.store import Shelf

HR = "group:hr/all"


def actor(name="ann", *groups, role="reader"):
    return Actor(Scope.of("default", [f"user:{name}", *groups]), f"user:{name}", role)


@pytest.fixture
def shelf(tmp_path):
    shelf = Shelf(tmp_path)
    yield shelf
    shelf.database.engine.dispose()


def publish(shelf, who, filename, *allow, title=None):
    upload = Upload(filename, [f"{who.owner} {filename}".encode()], allow, title=title)
    return accept(shelf.library, who, upload, limit_bytes=100, publishing="open").document_id


@pytest.mark.parametrize(
    "name",
    [
        "staff handbook.pdf", "STAFF-HANDBOOK.docx", "Staff Handbook v2.pdf",
        "Staff_Handbook (1).pdf", "St\u0430ff H\u0430ndb\u043eok", "Staff\u200b Handbook",
        "Staff handb00k",        "staff handbook final.txt", "Staff handbook 2.0",
    ],
)  # fmt: skip
def test_names_that_a_person_takes_for_the_same_have_one_key(name):
    assert name_key(name) == name_key("Staff Handbook")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Annual report 2024", "Annual report 2025"), ("invoice_4471.pdf", "invoice_4472.pdf"),
        ("Staff handbook", "Stuff handbook"), ("log.txt", "lag.txt"),
    ],
)  # fmt: skip
def test_other_years_numbers_and_words_are_other_names(one, other):
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize("name", ["", "a.txt", "v2", "(1)", "\u200b"])
def test_a_name_that_says_too_little_looks_like_nothing(name):
    assert name_key(name) == ""


def test_a_look_alike_is_flagged_at_the_upload_and_on_both_documents(shelf):
    bob, eve = actor("bob"), actor("eve")
    real = publish(shelf, bob, "handbook.pdf", "tenant:all", title="Staff Handbook")
    fake = publish(shelf, eve, "Staff_Handbook_v2.docx", "tenant:all")
    (warning,) = look_alike_warnings(shelf.database, eve, fake)
    assert "Staff Handbook" in warning
    assert "bob" in warning
    assert real in warning
    assert [one.document_id for one in look_alikes(shelf.database, eve, fake)] == [real]
    assert [one.publisher for one in look_alikes(shelf.database, bob, real)] == ["user:eve"]


def test_the_same_publisher_may_use_a_name_again(shelf):
    publish(shelf, actor("bob"), "handbook.pdf", "tenant:all")
    again = publish(shelf, actor("bob"), "handbook v2.pdf", "tenant:all")
    assert look_alike_warnings(shelf.database, actor("bob"), again) == []


def test_an_uploader_is_told_nothing_of_what_they_may_not_read(shelf):
    publish(shelf, actor("bob"), "handbook.pdf", HR)
    fake = publish(shelf, actor("eve"), "handbook.pdf")
    assert look_alike_warnings(shelf.database, actor("eve"), fake) == []
    assert look_alikes(shelf.database, actor("eve"), fake) == []
    member = actor("eve", HR)
    assert len(look_alike_warnings(shelf.database, member, fake)) == 1


def test_a_curator_learns_that_there_is_one_and_whom_to_ask_and_no_more(shelf):
    real = publish(shelf, actor("bob"), "handbook.pdf", HR, title="Secret handbook of pay")
    fake = publish(shelf, actor("eve"), "handbook.pdf", "tenant:all")
    (hidden,) = look_alikes(shelf.database, actor("cora", role="curator"), fake)
    assert (hidden.publisher, hidden.document_id) == ("user:bob", None)
    assert (hidden.title, hidden.filename) == (None, None)
    assert look_alike_warnings(shelf.database, actor("cora", role="curator"), fake) == []
    with pytest.raises(NotFoundError):
        look_alikes(shelf.database, actor("cora", role="curator"), real)


def test_another_tenant_has_no_look_alikes_here(shelf):
    publish(shelf, actor("bob"), "handbook.pdf", "tenant:all")
    elsewhere = Actor(Scope.of("elsewhere", ["user:eve"]), "user:eve", "curator")
    fake = publish(shelf, elsewhere, "handbook.pdf", "tenant:all")
    assert look_alikes(shelf.database, elsewhere, fake) == []
