"""Lists of documents are narrowed and sorted within what one may read."""

from typing import get_args

import pytest

from index.db.database import Database
from index.document_choice import DocumentChoice, Sort, State
from index.documents import list_documents
from index.library import Library
from index.storage.blob_store import FolderBlobs
from index.types import Scope
from tests.api.conftest import House

OF_ANN = {
    "Übersicht 2026.txt": ("Übersicht 2026", "A"),
    "lamp_100%.txt": ("The Lamp", "The lamp is lit at dusk."),
    "tide.csv": ("tide tables", "hour,height\n1,2\n2,3\n"),
}
WHOLE = ["Übersicht 2026", "The Lamp", "tide tables", "A lamp for all", "Bad"]


@pytest.fixture(scope="module")
def titles(tmp_path_factory):
    """Return a function that lists the titles that Ann gets; one is Bob's, and one is hidden."""
    with House(tmp_path_factory.mktemp("choice") / "data") as house:
        ann, bob = house.person("ann"), house.person("bob")
        for filename, (title, text) in OF_ANN.items():
            ann.add(text, filename=filename, title=title)
        bob.add("The lamp of Bob is lit.", title="A lamp for all", allow=["tenant:all"])
        bob.add("The lamp of Bob is hidden.", title="Hidden lamp")
        bad = bob.upload(b"%PDF-1.7 no PDF", filename="bad.pdf", title="Bad", allow=["user:ann"])
        bob.job(bad.json()["job_id"])

        def titles(**choice):
            answer = ann.get("/v1/documents", params=choice)
            assert answer.status_code == 200, answer.text
            return [item["title"] for item in answer.json()["items"]]

        titles.ask = lambda choice: ann.get("/v1/documents", params=choice)
        yield titles


def test_a_list_is_narrowed_and_sorted_within_what_one_may_read(titles):
    cases = [
        ({"query": "LAMP"}, ["A lamp for all", "The Lamp"]),
        ({"query": "übersicht"}, ["Übersicht 2026"]),
        ({"query": "lamp_100%"}, ["The Lamp"]),
        ({"query": "l%mp"}, []),
        ({"query": "the lamp"}, ["The Lamp"]),
        ({"query": ".csv"}, ["tide tables"]),
        ({"kind": "sheet"}, ["tide tables"]),
        ({"owner": "user:bob"}, ["Bad", "A lamp for all"]),
        ({"owner": "user:mallory"}, []),
        ({"state": "ready", "kind": "text"}, ["A lamp for all", "The Lamp", "Übersicht 2026"]),
        ({"state": "failed"}, ["Bad"]),
        ({"state": "processing"}, []),
        ({"sort": "oldest"}, WHOLE),
        ({"sort": "largest", "owner": "user:ann"}, ["The Lamp", "tide tables", "Übersicht 2026"]),
    ]
    for choice, expected in cases:
        assert titles(**choice) == expected, choice
    for wrong in ({"sort": "random"}, {"state": "lost"}, {"kind": "stone"}, {"query": "\x00"}):
        assert titles.ask(wrong).status_code == 422, wrong


@pytest.mark.parametrize("sort", ["newest", "oldest", "title", "largest"])
def test_pages_of_every_order_make_the_whole_list(titles, sort):
    whole, after, pages = titles(sort=sort), None, []
    while True:
        page = titles.ask({"sort": sort, "limit": 1, "after": after}).json()
        pages += [item["title"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert pages == whole
    assert sorted(whole) == sorted(WHOLE)


def test_postgresql_takes_every_choice_too(postgres_url, tmp_path):
    database = Database(postgres_url)
    library = Library(database, FolderBlobs(tmp_path), tmp_path, model="fake", dimension=4)
    scope = Scope.of("default", ["user:ann"])
    for sort, state in zip(get_args(Sort), get_args(State), strict=True):
        choice = DocumentChoice("lamp 100%", state, "user:ann", "pdf", sort)
        assert list_documents(library, scope, choice=choice, after="doc_1").items == []
    database.engine.dispose()
