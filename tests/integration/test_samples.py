"""The sample documents, taken in and asked about through the real pipelines."""

import json

import pytest

from api.composition.ingestion import build_sandbox
from api.composition.llm import load_registry
from api.composition.pipelines import pipelines_builder
from api.composition.replacements import Replacements
from api.composition.store import open_store
from api.operations.demo import load_samples, people
from api.settings import Settings
from generate.answer import answer
from index.documents import list_documents
from index.types import DEFAULT_TENANT, Scope
from tests.house.sources import ROOT

pytestmark = pytest.mark.integration

SAMPLES = ROOT / "samples"
MANIFEST = json.loads((SAMPLES / "manifest.json").read_text())
PEOPLE = {
    person.user: Scope.of(DEFAULT_TENANT, [f"user:{person.user}", *person.groups])
    for person in people(SAMPLES)
}


@pytest.fixture(scope="module")
def pipelines(tmp_path_factory):
    settings = Settings(data=tmp_path_factory.mktemp("samples"))
    with open_store(settings) as store, build_sandbox(settings) as parser:
        registry = load_registry(settings)
        pipelines = pipelines_builder(settings, store, registry, parser, Replacements())()
        load_samples(pipelines.library, SAMPLES)
        pipelines.ingestion.worker().run_until_idle()
        yield pipelines


def test_every_sample_is_searchable_and_each_person_sees_what_the_manifest_allows(pipelines):
    seen = {
        user: {item.filename for item in list_documents(pipelines.library, scope).items}
        for user, scope in PEOPLE.items()
    }
    assert "pay-scales.docx" in seen["hana"]
    assert "pay-scales.docx" not in seen["ingrid"] | seen["vera"]
    assert "ingrid-notes.txt" in seen["ingrid"]
    assert "ingrid-notes.txt" not in seen["hana"] | seen["vera"]
    assert "fog-signal.txt" not in seen["vera"], "the deny set wins over tenant:all"
    for scope in PEOPLE.values():
        assert all(item.state == "ready" for item in list_documents(pipelines.library, scope).items)


@pytest.mark.parametrize(
    "entry", MANIFEST["questions"], ids=lambda entry: f"{entry['as']}: {entry['question']}"
)
def test_each_sample_question_gets_the_answer_that_its_asker_may_have(pipelines, entry):
    reply = answer(entry["question"], PEOPLE[entry["as"]], pipelines.answering)
    if entry["file"] is None:
        assert reply.status == "no_evidence"
        assert "crowns" not in reply.text
        assert entry["refused"] not in {citation.filename for citation in reply.citations}
        return
    assert reply.status == "answered"
    quotes = {(c.filename, c.quote) for c in reply.citations}
    assert any(file == entry["file"] and entry["quote"] in quote for file, quote in quotes)
