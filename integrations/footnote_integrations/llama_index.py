"""Footnote as a retriever of LlamaIndex."""

from collections.abc import Mapping, Sequence
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from footnote_client import AsyncFootnote, Footnote, Passage
from footnote_integrations.search_options import SearchOptions, facts_of


class FootnoteRetriever(BaseRetriever):
    """Returns the passages that the client's person may read and that fit a query best.

    For an event loop, give ``async_client`` too; without it ``aretrieve`` blocks the loop.
    """

    def __init__(
        self,
        client: Footnote,
        *,
        async_client: AsyncFootnote | None = None,
        top_k: int = 10,
        filters: Mapping[str, Any] | None = None,
        documents: Sequence[str] | None = None,
        collections: Sequence[str] | None = None,
        **settings: Any,
    ) -> None:
        """Take a client and the options of its search; ``settings`` are LlamaIndex's own."""
        super().__init__(**settings)
        self._client = client
        self._async_client = async_client
        self._options: SearchOptions = {
            "top_k": top_k,
            "filters": filters,
            "documents": documents,
            "collections": collections,
        }

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        response = self._client.search(query_bundle.query_str, **self._options)
        return [as_node(passage) for passage in response.passages]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        if self._async_client is None:
            return self._retrieve(query_bundle)
        response = await self._async_client.search(query_bundle.query_str, **self._options)
        return [as_node(passage) for passage in response.passages]


def as_node(passage: Passage) -> NodeWithScore:
    """Return a passage as a node of LlamaIndex with its score."""
    facts = facts_of(passage)
    node = TextNode(
        id_=passage.chunk_id,
        text=passage.text,
        metadata=facts,
        excluded_embed_metadata_keys=list(facts),
        excluded_llm_metadata_keys=[name for name in facts if name not in {"title", "page"}],
        start_char_idx=passage.start,
        end_char_idx=passage.end,
    )
    return NodeWithScore(node=node, score=passage.score)
