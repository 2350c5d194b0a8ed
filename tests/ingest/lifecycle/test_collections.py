"""A collection groups documents and never widens what one may read."""

import threading
from dataclasses import replace

import pytest

from index.access.classes import access_list_of
from index.collections import (
    Narrowing,
    get_collection,
    list_collected,
    list_collections,
)
from index.db.tables.documents import Document
from index.documents import get_document
from index.entity_tags import Precondition, entity_tag
from index.errors import (
    ForbiddenError,
    InvalidFilterError,
    InvalidPrincipalError,
    NotFoundError,
    PreconditionFailedError,
    QueueFullError,
)
from index.queue_caps import QueueCaps
from index.types import Actor, Scope
from ingest.errors import CollectionTreeError, PublishingError, QuotaError
from ingest.lifecycle.collection_documents import (
    CollectionPlacement,
    add_documents,
    remove_document,
)
from ingest.lifecycle.collection_edits import (
    ROOT,
    CollectionEdit,
    CollectionSpec,
    create_collection,
    delete_collection,
    edit_collection,
)
from ingest.lifecycle.document_edits import DocumentEdit, edit_document
from ingest.lifecycle.management import delete_document
from tests.fakes.store import Shelf

INHERITED = CollectionPlacement(inherit=True)
HR = "group:hr/all"


def person(name, *groups, role="reader", tenant="default"):
    return Actor(Scope.of(tenant, [f"user:{name}", *groups]), f"user:{name}", role)


ANN, BOB, CARL = person("ann", HR), person("bob", HR), person("carl")
CURATOR = person("cora", HR, role="curator")


@pytest.fixture(params=["sqlite", "postgresql"])
def shelf(request, tmp_path):
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    shelf = Shelf(tmp_path, url=url)
    yield shelf
    shelf.database.engine.dispose()


@pytest.fixture
def make(shelf):
    """Make a collection and return its id."""

    def make(actor=ANN, name="Rules", **fields):
        return create_collection(
            shelf.database, actor, CollectionSpec(name, **fields)
        ).collection_id

    return make


def put(shelf, text, owner="user:ann", allow=("user:ann",), **fields):
    return shelf.put(text, owner=owner, allow=allow, **fields)


def allowed(shelf, document_id):
    with shelf.database.read() as session:
        row = session.query(Document).filter(Document.id == document_id).one()
        access = access_list_of(session, row.class_key)
    return sorted(access.allow), sorted(access.deny)


def found(shelf, actor, *collections, word="lamp"):
    """Return which documents a search in some collections finds."""
    filters = Narrowing(None, None, list(collections)).resolve(shelf.database, actor.scope)
    with shelf.library.read(actor.scope, filters) as reader:
        chunks = reader.chunks([hit.chunk for hit in reader.lexical([word], 10)])
    return {chunk.document_id for chunk in chunks}


def seen(shelf, actor, collection):
    return get_collection(shelf.database, actor.scope, collection)


def test_a_new_collection_is_its_owners_alone(shelf, make):
    collection = make(labels=["a", "b", "a"], description="of the harbour", attributes={"n": 1})
    view = seen(shelf, ANN, collection)
    assert (view.owner, view.allow, view.labels) == ("user:ann", ["user:ann"], ["a", "b"])
    assert (view.description, view.attributes, view.parent_id) == ("of the harbour", {"n": 1}, None)
    for other in (BOB, CURATOR, person("ann", HR, tenant="elsewhere")):
        with pytest.raises(NotFoundError):
            seen(shelf, other, collection)
        with pytest.raises(NotFoundError):
            edit_collection(shelf.database, other, collection, CollectionEdit(name="Mine"))
        assert list_collections(shelf.database, other.scope).items == []


def test_a_search_in_a_collection_finds_what_is_in_it_and_readable(shelf, make):
    own, hidden = put(shelf, "lamp of ann"), put(shelf, "lamp of bob", "user:bob", ["user:bob"])
    put(shelf, "another lamp of ann")
    shared = put(shelf, "lamp of all", allow=["tenant:all"])
    collection = make(allow=[HR])
    add_documents(shelf.database, ANN, collection, [own, shared], CollectionPlacement())
    with pytest.raises(NotFoundError):
        add_documents(shelf.database, ANN, collection, [own, hidden], CollectionPlacement())
    add_documents(
        shelf.database, replace(BOB, role="curator"), collection, [hidden], CollectionPlacement()
    )
    assert found(shelf, ANN, collection) == {own, shared}
    assert found(shelf, BOB, collection) == {hidden, shared}
    for reader, ids in ((ANN, {own, shared}), (BOB, {hidden, shared})):
        page = list_collected(shelf.database, reader.scope, collection)
        assert {item.document.document_id for item in page.items} == ids
        assert seen(shelf, reader, collection).documents == 2
    with pytest.raises(NotFoundError):
        found(shelf, CARL, collection)


def test_an_empty_collection_finds_nothing(shelf, make):
    put(shelf, "lamp")
    assert found(shelf, ANN, make()) == set()


def test_documents_and_collections_add_up(shelf, make):
    first, second, _ = (put(shelf, f"lamp {n}") for n in range(3))
    collection = make()
    add_documents(shelf.database, ANN, collection, [first], CollectionPlacement())
    chosen = Narrowing(None, [second], [collection])
    assert chosen.document_ids(shelf.database, ANN.scope) == sorted([first, second])


def test_a_search_scores_as_in_a_store_that_has_the_collection_alone(shelf, make, tmp_path):
    texts = ["lamp oil lamp", "lamp glass", "oil of the boat", "the boat and the lamp"]
    ids = [put(shelf, text) for text in texts]
    collection = make()
    add_documents(shelf.database, ANN, collection, ids[:2], CollectionPlacement())
    alone = Shelf(tmp_path / "alone")
    for text in texts[:2]:
        put(alone, text)
    filters = Narrowing(None, None, [collection]).resolve(shelf.database, ANN.scope)
    outcomes = []
    for library, narrowing in ((shelf.library, filters), (alone.library, None)):
        with library.read(ANN.scope, narrowing) as reader:
            hits = reader.lexical(["lamp", "oil"], 10)
            texts_found = [chunk.text for chunk in reader.chunks([hit.chunk for hit in hits])]
            outcomes.append(list(zip(texts_found, [hit.score for hit in hits], strict=True)))
    assert outcomes[0] == outcomes[1] != []


def test_a_search_in_a_collection_goes_down_the_tree_that_the_asker_sees(shelf, make):
    top, middle, leaf = make(allow=[HR]), make(allow=["user:ann"]), make(allow=[HR])
    for child, parent in ((middle, top), (leaf, middle)):
        edit_collection(shelf.database, ANN, child, CollectionEdit(parent_id=parent))
    note = put(shelf, "lamp", allow=[HR])
    add_documents(shelf.database, ANN, leaf, [note], CollectionPlacement())
    assert found(shelf, ANN, top) == {note}
    assert found(shelf, BOB, top) == set()  # nothing tells BOB of the collection in between
    assert found(shelf, BOB, leaf) == {note}
    assert seen(shelf, ANN, leaf).parent_id == middle
    assert seen(shelf, BOB, leaf).parent_id is None
    below = list_collections(shelf.database, ANN.scope, parent=top)
    assert [item.collection_id for item in below.items] == [middle]
    delete_collection(shelf.database, ANN, middle)
    assert seen(shelf, BOB, leaf).parent_id == top


def test_no_collection_stands_in_itself_or_too_deep(shelf, make):
    chain = [make()]
    for _ in range(7):
        chain.append(make(parent_id=chain[-1]))
    with pytest.raises(CollectionTreeError):
        make(parent_id=chain[-1])
    single, pair = make(), make()
    edit_collection(shelf.database, ANN, single, CollectionEdit(parent_id=pair))
    with pytest.raises(CollectionTreeError):
        edit_collection(shelf.database, ANN, pair, CollectionEdit(parent_id=chain[6]))
    for parent in (chain[0], chain[3]):
        with pytest.raises(CollectionTreeError):
            edit_collection(shelf.database, ANN, chain[0], CollectionEdit(parent_id=parent))
    edit_collection(shelf.database, ANN, chain[3], CollectionEdit(parent_id=ROOT))
    assert seen(shelf, ANN, chain[3]).parent_id is None


def test_a_hidden_collection_in_between_refuses_nothing(shelf, make):
    """Bob sees two roots; that Ann's hidden one joins them must not show."""
    upper, lower = make(BOB, "upper", allow=[HR]), make(BOB, "lower", allow=[HR])
    ann = replace(ANN, role="curator")
    hidden = make(ann, "hidden", parent_id=upper)
    edit_collection(shelf.database, ann, lower, CollectionEdit(parent_id=hidden))
    assert seen(shelf, BOB, lower).parent_id is None
    edit_collection(shelf.database, BOB, upper, CollectionEdit(parent_id=lower))
    assert seen(shelf, BOB, upper).parent_id == lower
    assert seen(shelf, ann, lower).parent_id is None  # no circle is left


def test_who_sees_a_collection_and_may_not_change_it_is_told_so(shelf, make):
    collection, note = make(allow=[HR]), put(shelf, "lamp", "user:bob", ["user:bob"])
    for change in (
        lambda: edit_collection(shelf.database, BOB, collection, CollectionEdit(name="Mine")),
        lambda: delete_collection(shelf.database, BOB, collection),
        lambda: add_documents(shelf.database, BOB, collection, [note], CollectionPlacement()),
        lambda: create_collection(shelf.database, BOB, CollectionSpec("x", parent_id=collection)),
    ):
        with pytest.raises(ForbiddenError):
            change()
    edit_collection(shelf.database, CURATOR, collection, CollectionEdit(name="Ours"))
    assert seen(shelf, BOB, collection).name == "Ours"


def test_a_document_keeps_its_own_list_unless_it_inherits(shelf, make):
    collection = make(allow=[HR], deny=["user:dora"])
    own, taken = put(shelf, "lamp of ann"), put(shelf, "lamp for hr")
    add_documents(shelf.database, ANN, collection, [own], CollectionPlacement())
    add_documents(shelf.database, ANN, collection, [taken], INHERITED)
    assert allowed(shelf, own) == (["user:ann"], [])
    assert allowed(shelf, taken) == ([HR], ["user:dora"])
    assert found(shelf, BOB, collection) == {taken}


def test_an_edited_list_moves_with_the_documents_that_inherit_in_one_moment(shelf, make):
    collection = make(allow=[HR, "user:ann"])
    documents = [put(shelf, f"lamp {n}") for n in range(3)]
    add_documents(shelf.database, ANN, collection, documents, INHERITED)
    assert found(shelf, BOB, collection) == set(documents)
    with pytest.raises(PublishingError):
        edit_collection(shelf.database, ANN, collection, CollectionEdit(allow=["tenant:all"]))
    assert found(shelf, BOB, collection) == set(documents)
    edit_collection(shelf.database, ANN, collection, CollectionEdit(allow=["user:ann"]))
    assert [allowed(shelf, each) for each in documents] == [(["user:ann"], [])] * 3
    with pytest.raises(NotFoundError):
        seen(shelf, BOB, collection)
    with shelf.library.read(BOB.scope) as reader:
        assert reader.lexical(["lamp"], 10) == []


def test_to_inherit_needs_the_right_to_change_the_document_and_to_publish(shelf, make):
    theirs = put(shelf, "lamp of bob", "user:bob", [HR])
    with pytest.raises(ForbiddenError):
        add_documents(shelf.database, ANN, make(), [theirs], INHERITED)
    wide = make(CURATOR, allow=["tenant:all", HR])
    note = put(shelf, "lamp of cora", "user:cora", ["user:cora"])
    add_documents(shelf.database, CURATOR, wide, [note], INHERITED)
    assert allowed(shelf, note) == ([HR, "tenant:all"], [])
    narrow = person("cora", HR)  # no longer a curator
    mine = put(shelf, "another lamp of cora", "user:cora", ["user:cora"])
    with pytest.raises(PublishingError):
        add_documents(shelf.database, narrow, wide, [mine], INHERITED)
    assert allowed(shelf, mine) == (["user:cora"], [])


def test_a_hidden_document_beside_one_that_is_not_ones_own_is_as_if_it_did_not_exist(shelf, make):
    hidden = put(shelf, "lamp of bob", "user:bob", ["user:bob"])
    theirs = put(shelf, "lamp for hr", "user:bob", [HR])
    for beside in (hidden, "doc_0123456789abcdef"):
        with pytest.raises(NotFoundError):
            add_documents(shelf.database, ANN, make(), [theirs, beside], INHERITED)


def test_an_owner_without_the_right_narrows_what_others_put_in_and_never_widens_it(shelf, make):
    collection = make(CARL, allow=["user:carl"])
    admin = person("root", role="admin")
    edit_collection(shelf.database, CARL, collection, CollectionEdit(allow=["user:carl"]))
    everyone = CollectionEdit(allow=[HR, "user:root", "user:ann"])
    edit_collection(
        shelf.database, replace(CARL, role="curator"), collection, everyone, publishing="open"
    )
    secret = put(shelf, "lamp of root", "user:root", ["user:root"])
    add_documents(shelf.database, admin, collection, [secret], INHERITED)
    assert allowed(shelf, secret) == ([HR, "user:ann", "user:root"], [])
    change = CollectionEdit(allow=[HR, "user:carl"])
    edit_collection(shelf.database, CARL, collection, change, publishing="open")
    assert allowed(shelf, secret) == ([HR], [])
    page = list_collected(shelf.database, ANN.scope, collection)
    assert [item.inherits for item in page.items] == [False]


def test_a_list_set_by_hand_ends_the_inheritance(shelf, make):
    collection, note = make(allow=[HR, "user:ann"]), put(shelf, "lamp")
    add_documents(shelf.database, ANN, collection, [note], INHERITED)
    edit_document(shelf.library, ANN, note, DocumentEdit(allow=["user:ann"]))
    edit_collection(shelf.database, ANN, collection, CollectionEdit(deny=["user:dora"]))
    assert allowed(shelf, note) == (["user:ann"], [])
    assert found(shelf, ANN, collection) == {note}


def test_a_document_inherits_from_the_last_collection_that_it_was_put_into(shelf, make):
    first, second, note = make(allow=[HR]), make(allow=["user:ann"]), put(shelf, "lamp")
    add_documents(shelf.database, ANN, first, [note], INHERITED)
    add_documents(shelf.database, ANN, second, [note], INHERITED)
    edit_collection(shelf.database, ANN, first, CollectionEdit(deny=["user:dora"]))
    assert allowed(shelf, note) == (["user:ann"], [])
    edit_collection(shelf.database, ANN, second, CollectionEdit(deny=["user:emil"]))
    assert allowed(shelf, note) == (["user:ann"], ["user:emil"])
    remove_document(shelf.database, ANN, second, note)
    assert allowed(shelf, note) == (["user:ann"], ["user:emil"])
    with pytest.raises(NotFoundError):
        remove_document(shelf.database, ANN, second, note)


def test_what_is_hidden_changes_nothing_that_a_reader_sees_of_a_collection(shelf, make):
    collection = make(allow=[HR])
    add_documents(
        shelf.database, ANN, collection, [put(shelf, "lamp", allow=[HR])], CollectionPlacement()
    )
    before = seen(shelf, BOB, collection)
    hidden = put(shelf, "lamp of ann")
    add_documents(shelf.database, ANN, collection, [hidden], CollectionPlacement())
    make(parent_id=collection)
    root = make()
    edit_collection(shelf.database, ANN, collection, CollectionEdit(parent_id=root))
    assert seen(shelf, BOB, collection) == before
    assert seen(shelf, ANN, collection).documents == 2
    remove_document(shelf.database, ANN, collection, hidden)
    assert seen(shelf, BOB, collection) == before


def test_quotas_of_documents_and_bytes_are_kept(shelf, make):
    notes = [put(shelf, text) for text in ("lamp", "lamps", "lantern")]
    few, small = make(document_quota=2), make(byte_quota=9)
    for collection in (few, small):
        add_documents(shelf.database, ANN, collection, notes[:2], CollectionPlacement())
        add_documents(shelf.database, ANN, collection, notes[:2], CollectionPlacement())
        with pytest.raises(QuotaError):
            add_documents(shelf.database, ANN, collection, notes[2:], CollectionPlacement())
        assert found(shelf, ANN, collection, word="lantern") == set()
    edit_collection(shelf.database, ANN, few, CollectionEdit(document_quota=0))
    add_documents(shelf.database, ANN, few, notes[2:], CollectionPlacement())


def test_a_deleted_document_leaves_its_collections(shelf, make):
    collection, note = make(), put(shelf, "lamp")
    add_documents(shelf.database, ANN, collection, [note], CollectionPlacement())
    delete_document(shelf.library, ANN, note)
    assert seen(shelf, ANN, collection).documents == 0


def test_a_deleted_collection_leaves_its_documents(shelf, make):
    collection, note = make(allow=[HR, "user:ann"]), put(shelf, "lamp")
    add_documents(shelf.database, ANN, collection, [note], INHERITED)
    delete_collection(shelf.database, ANN, collection)
    assert get_document(shelf.library, BOB.scope, note).allow == [HR, "user:ann"]
    with pytest.raises(NotFoundError):
        seen(shelf, ANN, collection)


def test_a_change_meant_for_another_state_is_refused(shelf, make):
    collection = make()
    tag = entity_tag(seen(shelf, ANN, collection))
    precondition = Precondition.of(tag)
    edit_collection(
        shelf.database, ANN, collection, CollectionEdit(name="New"), precondition=precondition
    )
    for change in (
        lambda: edit_collection(
            shelf.database, ANN, collection, CollectionEdit(name="Old"), precondition=precondition
        ),
        lambda: delete_collection(shelf.database, ANN, collection, precondition=precondition),
    ):
        with pytest.raises(PreconditionFailedError):
            change()


def test_a_list_that_is_not_usable_changes_nothing(shelf, make):
    collection = make()
    with pytest.raises(InvalidPrincipalError):
        edit_collection(shelf.database, ANN, collection, CollectionEdit(name="x", allow=["nobody"]))
    assert seen(shelf, ANN, collection).name == "Rules"


def test_lists_page_and_filter_by_label(shelf, make):
    names = [make(name=str(n), labels=["odd"] if n % 2 else []) for n in range(5)][::-1]
    first = list_collections(shelf.database, ANN.scope, limit=2)
    rest = list_collections(shelf.database, ANN.scope, limit=10, after=first.next)
    assert [item.collection_id for item in first.items + rest.items] == names
    odd = list_collections(shelf.database, ANN.scope, label="odd", limit=1)
    assert ([item.name for item in odd.items], odd.next) == (["3"], names[1])
    collection = make()
    notes = [put(shelf, f"lamp {n}") for n in range(3)][::-1]
    add_documents(shelf.database, ANN, collection, notes, CollectionPlacement(attributes={"n": 1}))
    page = list_collected(shelf.database, ANN.scope, collection, limit=2)
    after = list_collected(shelf.database, ANN.scope, collection, after=page.next)
    assert [item.document.document_id for item in page.items + after.items] == notes
    assert page.items[0].attributes == {"n": 1}


def test_a_person_has_a_limited_number_of_collections(shelf):
    caps = QueueCaps(person=1)
    create_collection(shelf.database, ANN, CollectionSpec("x"), caps=caps)
    with pytest.raises(QueueFullError):
        create_collection(shelf.database, ANN, CollectionSpec("y"), caps=caps)
    create_collection(shelf.database, BOB, CollectionSpec("y"), caps=caps)


def test_edits_of_a_collection_and_of_its_documents_at_once_all_end(shelf, make):
    """Locks are taken in one order: no two wait for each other."""
    collection = make(allow=[HR, "user:ann"])
    documents = [put(shelf, f"lamp {n}") for n in range(4)]
    add_documents(shelf.database, ANN, collection, documents, INHERITED)
    errors = []

    def edit(number):
        try:
            for turn in range(5):
                deny = [f"user:x{number}-{turn}"]
                if number % 2:
                    edit_collection(shelf.database, ANN, collection, CollectionEdit(deny=deny))
                else:
                    order = documents if number else documents[::-1]
                    for document in order:
                        edit_document(shelf.library, ANN, document, DocumentEdit(deny=deny))
                    add_documents(shelf.database, ANN, collection, order, INHERITED)
        except Exception as error:  # noqa: BLE001 - a thread's error is the outcome
            errors.append(error)

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    lists = {tuple(allowed(shelf, each)[1]) for each in documents}
    assert all(len(deny) == 1 for deny in lists)


def test_a_filter_sees_the_attributes_that_a_document_has_in_the_collection(shelf, make):
    first = put(shelf, "lamp", attributes={"year": 2020, "kind": "rule"})
    second = put(shelf, "another lamp", attributes={"year": 2026})
    collection = make()
    add_documents(
        shelf.database, ANN, collection, [first], CollectionPlacement(attributes={"year": 2026})
    )
    add_documents(
        shelf.database, ANN, collection, [second], CollectionPlacement(attributes={"year": 1})
    )

    def fitting(filters, documents=None):
        chosen = Narrowing(filters, documents, [collection])
        with shelf.library.read(ANN.scope, chosen.resolve(shelf.database, ANN.scope)) as reader:
            chunks = reader.chunks([hit.chunk for hit in reader.lexical(["lamp"], 10)])
        return {chunk.document_id for chunk in chunks}

    assert fitting({"attributes.year": 2026}) == {first}
    assert fitting({"attributes.year": 2026, "attributes.kind": "rule"}) == {first}
    assert fitting({"attributes.year": 2026}, [second]) == {first, second}
    assert fitting({"attributes.year": 2020}) == set()
    with pytest.raises(InvalidFilterError):
        fitting({"attributes.year": {"is": 1}})
