"""LlamaIndex's own interface returns what the key's person may read."""

import asyncio

from llama_index.core.schema import MetadataMode

from footnote_client import AsyncFootnote, Footnote
from footnote_integrations.llama_index import FootnoteRetriever

QUERY = "What does the keeper of the lamp earn?"


def names(nodes):
    return {node.node.metadata["filename"] for node in nodes}


def test_a_retriever_gets_the_passages_of_its_person_alone(service):
    found = {}
    for person in ("ann", "bob"):
        with Footnote(service.url, getattr(service, person)) as client:
            found[person] = names(FootnoteRetriever(client, top_k=3).retrieve(QUERY))
    assert found == {"ann": {"salaries.txt", "handbook.txt"}, "bob": {"handbook.txt"}}


def test_a_node_has_its_text_its_score_and_its_title_for_the_model(service):
    with Footnote(service.url, service.ann) as client:
        best = FootnoteRetriever(client, top_k=1).retrieve(QUERY)[0]
    assert "900 crowns" in best.text
    assert 0 < best.score <= 1
    shown = best.node.get_content(metadata_mode=MetadataMode.LLM)
    assert "title: " in shown
    assert "publisher" not in shown


def test_an_event_loop_may_have_a_client_of_its_own(service):
    async def ask():
        async with AsyncFootnote(service.url, service.bob) as client:
            with Footnote(service.url, service.bob) as other:
                retriever = FootnoteRetriever(other, async_client=client)
                return names(await retriever.aretrieve(QUERY))

    assert asyncio.run(ask()) == {"handbook.txt"}
