"""LangChain's own interface returns what the key's person may read."""

import asyncio

from langchain_core.runnables import RunnableLambda

from footnote_client import AsyncFootnote, Footnote
from footnote_integrations.langchain import FootnoteRetriever

QUERY = "What does the keeper of the lamp earn?"


def names(documents):
    return {document.metadata["filename"] for document in documents}


def test_a_chain_gets_the_passages_of_its_person_alone(service):
    found = {}
    for person in ("ann", "bob"):
        with Footnote(service.url, getattr(service, person)) as client:
            chain = FootnoteRetriever(client=client, top_k=3) | RunnableLambda(names)
            found[person] = chain.invoke(QUERY)
    assert found == {"ann": {"salaries.txt", "handbook.txt"}, "bob": {"handbook.txt"}}


def test_a_document_has_its_text_and_where_it_stands(service):
    with Footnote(service.url, service.ann) as client:
        best = FootnoteRetriever(client=client, top_k=1).invoke(QUERY)[0]
        text = client.documents.text(best.metadata["document_id"])
    assert text[best.metadata["start"] : best.metadata["end"]] == best.page_content
    assert "900 crowns" in best.page_content
    assert best.id.startswith("chk_")
    assert 0 < best.metadata["score"] <= 1


def test_an_event_loop_may_have_a_client_of_its_own(service):
    async def ask():
        async with AsyncFootnote(service.url, service.bob) as client:
            with Footnote(service.url, service.bob) as other:
                retriever = FootnoteRetriever(client=other, async_client=client)
                return names(await retriever.ainvoke(QUERY))

    assert asyncio.run(ask()) == {"handbook.txt"}
