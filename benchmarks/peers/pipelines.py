"""Haystack's and LlamaIndex's hybrid retrieval over pieces of text and vectors that they are given.

    .venv-peers/bin/python -m benchmarks.peers.pipelines FOLDER haystack|llamaindex

FOLDER has pieces.jsonl (``document``, ``text``), vectors.npy, questions.jsonl (``id``, ``text``)
and asked.npy. Prints for each of the pipeline's ways to join its two legs the documents found for
each question, best first. Each library is set up as its documentation shows a hybrid retriever,
with its own BM25 and its defaults, over its in-memory store.
"""

import json
import sys
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np

DEPTH = 200
"""Pieces that each leg finds, of which the documents are ranked by their best piece."""

Search = Callable[[str, Any], dict[str, list[int]]]
"""Takes a question and its vector, returns the pieces found, best first, by way to join."""


def haystack_ways(pieces: Sequence[dict[str, str]], vectors: np.ndarray) -> Search:
    from haystack import Document, Pipeline
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import (
        InMemoryBM25Retriever,
        InMemoryEmbeddingRetriever,
    )
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    store.write_documents(
        [
            Document(id=str(number), content=piece["text"], embedding=vector.tolist())
            for number, (piece, vector) in enumerate(zip(pieces, vectors, strict=True))
        ]
    )
    pipeline = Pipeline()
    pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=DEPTH))
    pipeline.add_component("vectors", InMemoryEmbeddingRetriever(store, top_k=DEPTH))
    ways = ("reciprocal_rank_fusion", "distribution_based_rank_fusion")
    joiners = {way: DocumentJoiner(join_mode=way) for way in ways}

    def search(text: str, vector: Any) -> dict[str, list[int]]:
        given = {"words": {"query": text}, "vectors": {"query_embedding": vector.tolist()}}
        found = pipeline.run(given)
        legs = [found[leg]["documents"] for leg in ("words", "vectors")]
        return {  # copies, since a joiner may write its scores into what it is given
            way: [int(one.id) for one in joiner.run(documents=deepcopy(legs))["documents"]]
            for way, joiner in joiners.items()
        }

    return search


def llamaindex_ways(pieces: Sequence[dict[str, str]], vectors: np.ndarray) -> Search:
    from llama_index.core import VectorStoreIndex
    from llama_index.core.embeddings import MockEmbedding
    from llama_index.core.llms import MockLLM
    from llama_index.core.retrievers import BaseRetriever, QueryFusionRetriever
    from llama_index.core.schema import QueryBundle, TextNode
    from llama_index.retrievers.bm25 import BM25Retriever

    class Once(BaseRetriever):
        """A leg that searches once for a question, however many ways ask for it."""

        def __init__(self, inner: Any) -> None:
            super().__init__()
            self._inner, self._asked, self._found = inner, "", []

        def _retrieve(self, query_bundle: Any) -> Any:
            if query_bundle.query_str != self._asked:
                self._found = self._inner.retrieve(query_bundle)
                self._asked = query_bundle.query_str
            return [one.model_copy() for one in self._found]  # fusion writes its scores into them

    nodes = [
        TextNode(id_=str(number), text=piece["text"], embedding=vector.tolist())
        for number, (piece, vector) in enumerate(zip(pieces, vectors, strict=True))
    ]
    never_asked = MockEmbedding(embed_dim=vectors.shape[1])  # every vector is given
    index = VectorStoreIndex(nodes, embed_model=never_asked)
    legs = [
        Once(index.as_retriever(similarity_top_k=DEPTH)),
        Once(BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=DEPTH)),
    ]
    fusions = {
        way: QueryFusionRetriever(
            legs, llm=MockLLM(), mode=way, num_queries=1, similarity_top_k=DEPTH, use_async=False
        )
        for way in ("reciprocal_rerank", "relative_score", "dist_based_score")
    }

    def search(text: str, vector: Any) -> dict[str, list[int]]:
        asked = QueryBundle(query_str=text, embedding=vector.tolist())
        return {
            way: [int(one.node.node_id) for one in fusion.retrieve(asked)]
            for way, fusion in fusions.items()
        }

    return search


def main() -> None:
    folder, name = Path(sys.argv[1]), sys.argv[2]
    pieces = [json.loads(line) for line in (folder / "pieces.jsonl").open()]
    questions = [json.loads(line) for line in (folder / "questions.jsonl").open()]
    vectors, asked = np.load(folder / "vectors.npy"), np.load(folder / "asked.npy")
    ways = {"haystack": haystack_ways, "llamaindex": llamaindex_ways}[name]
    search = ways(pieces, vectors)
    found: dict[str, dict[str, list[str]]] = {}
    for question, vector in zip(questions, asked, strict=True):
        for way, places in search(question["text"], vector).items():
            documents = list(dict.fromkeys(pieces[place]["document"] for place in places))
            found.setdefault(way, {})[question["id"]] = documents
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
