"""The sample documents and the keys that come with them."""

import json
from pathlib import Path

import pytest

from api.auth.api_keys import find_caller, list_keys, revoke_key
from api.operations.demo import (
    OWNER,
    demo_keys,
    load_samples,
    people,
    start_questions,
    welcome,
)
from api.tenants.life_cycle import create_tenant
from index.db.database import Database
from index.db.tables.documents import Document
from index.library import Library
from index.storage.blob_store import FolderBlobs
from index.types import DEFAULT_TENANT, AccessList, Scope

pytestmark = pytest.mark.own_service

SAMPLES = Path(__file__).parents[3] / "samples"
MANIFEST = json.loads((SAMPLES / "manifest.json").read_text())


@pytest.fixture
def library(tmp_path):
    database = Database.in_folder(tmp_path)
    database.create()
    blobs = FolderBlobs(tmp_path / "blobs")
    yield Library(database, blobs, tmp_path / "index", model="fake", dimension=4)
    database.engine.dispose()


def test_loading_twice_duplicates_nothing(library):
    first = load_samples(library, SAMPLES)
    assert load_samples(library, SAMPLES) == first
    with library.database.read() as session:
        assert session.query(Document).count() == len(MANIFEST["documents"])
        assert {row.owner for row in session.query(Document)} == {OWNER}


def test_the_keys_stay_the_same_and_work(library, tmp_path):
    keys = demo_keys(library.database, tmp_path, SAMPLES)
    assert demo_keys(library.database, tmp_path, SAMPLES) == keys
    for person, key in keys.items():
        assert find_caller(library.database, key).actor.owner == f"user:{person.user}"
    assert (tmp_path / "demo-keys.json").stat().st_mode & 0o777 == 0o600


def test_a_revoked_key_is_replaced(library, tmp_path):
    keys = demo_keys(library.database, tmp_path, SAMPLES)
    for view in list_keys(library.database, DEFAULT_TENANT):
        revoke_key(library.database, DEFAULT_TENANT, view.key_id)
    again = demo_keys(library.database, tmp_path, SAMPLES)
    assert not set(again.values()) & set(keys.values())
    assert all(find_caller(library.database, key) for key in again.values())


def test_the_welcome_has_a_link_for_each_person_and_a_way_to_ask(library, tmp_path):
    keys = demo_keys(library.database, tmp_path, SAMPLES)
    text = welcome("http://127.0.0.1:8000", keys)
    assert "curl -s http://127.0.0.1:8000/v1/ask" in text
    assert all(f"http://127.0.0.1:8000/#key={key}" in text for key in keys.values())


@pytest.mark.parametrize("entry", MANIFEST["questions"], ids=lambda entry: entry["question"])
def test_each_sample_question_is_answerable_for_whom_the_manifest_says(entry):
    person = next(person for person in people(SAMPLES) if person.user == entry["as"])
    scope = Scope.of(DEFAULT_TENANT, [f"user:{person.user}", *person.groups])
    readable = {
        document["file"]
        for document in MANIFEST["documents"]
        if AccessList.of(document["allow"], document.get("deny", ())).admits(scope)
    }
    if entry["file"] is None:
        assert entry["refused"] not in readable
    else:
        assert entry["file"] in readable


def test_each_person_begins_with_three_questions_and_one_of_them_is_refused():
    refused = {(q["as"], q["question"]) for q in MANIFEST["questions"] if q["file"] is None}
    questions = start_questions(SAMPLES)
    assert set(questions) == {f"user:{person.user}" for person in people(SAMPLES)}
    for user, own in questions.items():
        name = user.removeprefix("user:")
        assert len(own) == 3
        assert sum((name, each.question) in refused for each in own) == 1
        assert own[-1].shows.startswith("No answer: ")


def test_every_file_of_the_manifest_is_there_and_small():
    for document in MANIFEST["documents"]:
        assert 0 < (SAMPLES / document["file"]).stat().st_size < 50_000


def test_the_page_learns_the_questions_of_the_samples_people_and_of_nobody_else(house):
    assert house.person("ingrid").get("/v1/me").json()["start_questions"] == []
    house.service.start_questions.update(start_questions(SAMPLES))
    create_tenant(house.service.database, "else")
    ingrid, bob = house.person("ingrid"), house.person("bob")
    own = ingrid.get("/v1/me").json()["start_questions"]
    assert own[0] == {"question": "When is the lamp lit?", "shows": own[0]["shows"]}
    assert bob.get("/v1/me").json()["start_questions"] == []
    namesake = house.person("ingrid", tenant="else")
    assert namesake.get("/v1/me").json()["start_questions"] == []
