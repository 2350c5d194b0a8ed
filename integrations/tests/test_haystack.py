"""A pipeline of Haystack returns what the key's person may read, also one that was saved."""

from haystack import Pipeline
from haystack.utils import Secret

from footnote_integrations.haystack import FootnoteRetriever

QUERY = "What does the keeper of the lamp earn?"


def run(pipeline, **inputs):
    documents = pipeline.run({"retriever": {"query": QUERY, **inputs}})["retriever"]["documents"]
    return {document.meta["filename"]: document for document in documents}


def pipeline_with(component):
    pipeline = Pipeline()
    pipeline.add_component("retriever", component)
    return pipeline


def test_a_pipeline_gets_the_passages_of_its_person_alone(service):
    found = {
        person: run(pipeline_with(FootnoteRetriever(service.url, Secret.from_token(key))))
        for person, key in (("ann", service.ann), ("bob", service.bob))
    }
    assert set(found["ann"]) == {"salaries.txt", "handbook.txt"}
    assert set(found["bob"]) == {"handbook.txt"}
    assert "900 crowns" in found["ann"]["salaries.txt"].content
    assert found["ann"]["salaries.txt"].score > 0


def test_a_saved_pipeline_has_no_key_in_it_and_works_again(service, monkeypatch):
    monkeypatch.setenv("FOOTNOTE_KEY", service.bob)
    saved = pipeline_with(FootnoteRetriever(service.url, top_k=1)).dumps()
    assert service.bob not in saved
    trusted = ["footnote_integrations.haystack"]
    restored = Pipeline.loads(saved, allowed_modules=trusted)
    assert set(run(restored)) == {"handbook.txt"}


def test_the_query_may_bring_filters_and_a_number(service):
    pipeline = pipeline_with(FootnoteRetriever(service.url, Secret.from_token(service.ann)))
    filters = {"filename": "handbook.txt"}
    assert set(run(pipeline, filters=filters)) == {"handbook.txt"}
    assert len(run(pipeline, top_k=1)) == 1
