"""Footnote as a retriever of LangChain."""

from collections.abc import Sequence
from typing import Any

from langchain_core.callbacks import (
    AsyncCallbackManagerForRetrieverRun,
    CallbackManagerForRetrieverRun,
)
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from footnote_client import AsyncFootnote, Footnote, Passage
from footnote_integrations.search_options import SearchOptions, facts_of


class FootnoteRetriever(BaseRetriever):
    """Returns the passages that the client's person may read and that fit a query best.

    ``FootnoteRetriever(client=Footnote())`` reads address and key from the environment. For an
    event loop, give ``async_client`` too; without it LangChain runs the other in a thread.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    client: Footnote
    async_client: AsyncFootnote | None = None
    top_k: int = 10
    filters: dict[str, Any] | None = None
    documents: Sequence[str] | None = None
    """Ids; only these are searched."""
    collections: Sequence[str] | None = None
    """Ids; only documents in them are searched."""

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        response = self.client.search(query, **self._options())
        return [as_document(passage) for passage in response.passages]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        if self.async_client is None:
            return await super()._aget_relevant_documents(query, run_manager=run_manager)
        response = await self.async_client.search(query, **self._options())
        return [as_document(passage) for passage in response.passages]

    def _options(self) -> SearchOptions:
        return {
            "top_k": self.top_k,
            "filters": self.filters,
            "documents": self.documents,
            "collections": self.collections,
        }


def as_document(passage: Passage) -> Document:
    """Return a passage as a document of LangChain; its id is that of the passage's chunk."""
    return Document(
        id=passage.chunk_id,
        page_content=passage.text,
        metadata={**facts_of(passage), "score": passage.score},
    )
