"""One publishes to oneself and one's groups; to more, as a contributor or a curator."""

import pytest

from index.documents import get_document
from index.errors import ForbiddenError, NotFoundError
from index.types import Actor, Scope
from ingest.errors import InvalidAudienceError, PublishingError
from ingest.lifecycle.document_edits import DocumentEdit, edit_document
from ingest.lifecycle.publishing import (
    add_contributor,
    list_contributors,
    publishing_rights,
    remove_contributor,
    set_publishing,
)
from ingest.upload import Upload, accept
from tests.fakes.store import Shelf

HR, SEA = "group:hr/all", "group:sea/all"


def actor(name="ann", *groups, role="reader"):
    return Actor(Scope.of("default", [f"user:{name}", *groups]), f"user:{name}", role)


@pytest.fixture
def shelf(tmp_path):
    shelf = Shelf(tmp_path)
    yield shelf
    shelf.database.engine.dispose()


def publish(shelf, who, *allow, deny=(), document_id=None, text=b"It is lit at dusk.", **options):
    upload = Upload("lamp.txt", [text], allow, deny, document_id=document_id)
    return accept(shelf.library, who, upload, limit_bytes=100, **options).document_id


def edit(shelf, who, document_id, **fields):
    edit_document(shelf.library, who, document_id, DocumentEdit(**fields))


@pytest.mark.parametrize("allow", [[], ["user:ann"], [HR], [HR, "user:ann"]])
def test_one_publishes_to_oneself_and_to_groups_that_one_is_in(shelf, allow):
    ann = actor("ann", HR)
    document_id = publish(shelf, ann, *allow)
    view = get_document(shelf.library, ann.scope, document_id)
    assert view.allow == sorted(allow or ["user:ann"])


@pytest.mark.parametrize("allow", [["tenant:all"], [SEA], ["user:bob"], [HR, SEA]])
def test_a_reader_who_publishes_further_is_refused_and_told_what_to_do(shelf, allow):
    with pytest.raises(PublishingError, match="Ask a curator"):
        publish(shelf, actor("ann", HR), *allow)
    assert not list(shelf.library.blobs.names())


@pytest.mark.parametrize("role", ["curator", "admin"])
def test_curators_and_administrators_publish_to_anybody(shelf, role):
    assert publish(shelf, actor("cora", role=role), "tenant:all", SEA, "user:bob")


def test_a_tenants_own_rule_goes_before_the_installations(shelf):
    set_publishing(shelf.database, "default", "open")
    assert publish(shelf, actor(), "tenant:all", publishing="own")
    assert publishing_rights(shelf.database, actor(), "own").everyone
    set_publishing(shelf.database, "default", "own")
    with pytest.raises(PublishingError):
        publish(shelf, actor(), "tenant:all", publishing="open")
    set_publishing(shelf.database, "default", None)
    assert publish(shelf, actor(), "tenant:all", publishing="open", text=b"It is lit at dawn.")


def test_where_the_setting_is_open_everybody_publishes_to_anybody(shelf):
    assert publish(shelf, actor(), "tenant:all", publishing="open")


def test_a_contributor_publishes_to_the_audience_and_no_further(shelf):
    add_contributor(shelf.database, "default", "user:ann", SEA)
    assert publish(shelf, actor(), SEA)
    for allow in (HR, "tenant:all"):
        with pytest.raises(PublishingError):
            publish(shelf, actor(), allow)
    with pytest.raises(PublishingError):
        publish(shelf, actor("bob"), SEA)
    remove_contributor(shelf.database, "default", "user:ann", SEA)
    with pytest.raises(PublishingError):
        publish(shelf, actor(), SEA, text=b"Another one.")


def test_a_group_of_contributors_to_everybody_publishes_to_every_group_too(shelf):
    add_contributor(shelf.database, "default", HR, "tenant:all")
    assert publish(shelf, actor("ann", HR), "tenant:all")
    assert publish(shelf, actor("ann", HR), SEA)
    assert [view.member for view in list_contributors(shelf.database, "default")] == [HR]
    assert list_contributors(shelf.database, "elsewhere") == []


def test_a_contributor_of_another_tenant_is_none_here(shelf):
    add_contributor(shelf.database, "elsewhere", "user:ann", SEA)
    with pytest.raises(PublishingError):
        publish(shelf, actor(), SEA)


@pytest.mark.parametrize(("member", "audience"), [("tenant:all", HR), ("user:ann", "user:bob")])
def test_everybody_is_no_contributor_and_one_person_no_audience(shelf, member, audience):
    with pytest.raises(InvalidAudienceError):
        add_contributor(shelf.database, "default", member, audience)


@pytest.mark.parametrize(
    "fields",
    [
        {"allow": ["tenant:all"]},
        {"allow": ["user:ann", SEA]},
        {"deny": []},
        {"title": "Pay scales"},
    ],
)
def test_an_owner_does_not_widen_what_a_curator_has_narrowed_nor_renames_it_for_others(
    shelf, fields
):
    document_id = publish(shelf, actor())
    edit(shelf, actor(), document_id, title="Lamps")
    curator = actor("cora", "user:ann", role="curator")
    edit(shelf, curator, document_id, allow=[HR, "user:ann"], deny=["user:bob"])
    with pytest.raises(PublishingError):
        edit(shelf, actor(), document_id, **fields)
    view = get_document(shelf.library, actor().scope, document_id)
    assert (view.allow, view.deny, view.title) == ([HR, "user:ann"], ["user:bob"], "Lamps")


@pytest.mark.parametrize(
    "fields", [{"allow": ["user:ann"]}, {"deny": ["user:bob", SEA]}, {"attributes": {"year": 1}}]
)
def test_an_owner_narrows_what_a_curator_has_widened(shelf, fields):
    document_id = publish(shelf, actor())
    curator = actor("cora", "user:ann", role="curator")
    edit(shelf, curator, document_id, allow=[HR, "user:ann"], deny=["user:bob"])
    edit(shelf, actor(), document_id, **fields)


def test_a_new_version_is_published_to_whoever_reads_the_document(shelf):
    document_id = publish(shelf, actor())
    edit(shelf, actor("cora", "user:ann", role="curator"), document_id, allow=["tenant:all"])
    with pytest.raises(PublishingError):
        publish(shelf, actor(), document_id=document_id, text=b"It is never lit.")
    assert publish(shelf, actor(), document_id=document_id, text=b"At six.", publishing="open")


def test_who_may_not_change_a_document_is_told_that_first(shelf):
    document_id = publish(shelf, actor("ann", HR), HR)
    with pytest.raises(ForbiddenError):
        edit(shelf, actor("bob", HR), document_id, allow=["tenant:all"])
    with pytest.raises(NotFoundError):
        edit(shelf, actor("carl"), document_id, allow=["tenant:all"])
    with pytest.raises(NotFoundError):
        publish(shelf, actor("carl"), "tenant:all", document_id=document_id)
