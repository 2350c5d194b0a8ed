"""Haystack's and LlamaIndex's hybrid retrieval over pieces of text and vectors that they are given.

    .venv-peers/bin/python -m benchmarks.peers.pipelines FOLDER haystack|llamaindex

FOLDER has pieces.jsonl (``document``, ``text``), vectors.npy, questions.jsonl (``id``, ``text``)
and asked.npy. Prints for each of the pipeline's ways to join its two legs the documents found for
each question, best first. Each library is set up as its documentation shows a hybrid retriever,
with its own BM25 and its defaults, over its in-memory store.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

DEPTH = 200
"""Pieces that each leg finds, of which the documents are ranked by their best piece."""

Search = Callable[[str, Any], Sequence[int]]


def haystack_ways(
    pieces: Sequence[dict[str, str]], vectors: np.ndarray
) -> Iterator[tuple[str, Search]]:
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
    for way in ("reciprocal_rank_fusion", "distribution_based_rank_fusion"):
        pipeline = Pipeline()
        pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=DEPTH))
        pipeline.add_component("vectors", InMemoryEmbeddingRetriever(store, top_k=DEPTH))
        pipeline.add_component("join", DocumentJoiner(join_mode=way))
        pipeline.connect("words", "join")
        pipeline.connect("vectors", "join")

        def search(text: str, vector: Any, pipeline: Any = pipeline) -> Sequence[int]:
            given = {"words": {"query": text}, "vectors": {"query_embedding": vector.tolist()}}
            return [int(one.id) for one in pipeline.run(given)["join"]["documents"]]

        yield way, search


def llamaindex_ways(
    pieces: Sequence[dict[str, str]], vectors: np.ndarray
) -> Iterator[tuple[str, Search]]:
    from llama_index.core import VectorStoreIndex
    from llama_index.core.embeddings import MockEmbedding
    from llama_index.core.llms import MockLLM
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.core.schema import QueryBundle, TextNode
    from llama_index.retrievers.bm25 import BM25Retriever

    nodes = [
        TextNode(id_=str(number), text=piece["text"], embedding=vector.tolist())
        for number, (piece, vector) in enumerate(zip(pieces, vectors, strict=True))
    ]
    never_asked = MockEmbedding(embed_dim=vectors.shape[1])  # every vector is given
    index = VectorStoreIndex(nodes, embed_model=never_asked)
    legs = [
        index.as_retriever(similarity_top_k=DEPTH),
        BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=DEPTH),
    ]
    for way in ("reciprocal_rerank", "relative_score", "dist_based_score"):
        fusion = QueryFusionRetriever(
            legs, llm=MockLLM(), mode=way, num_queries=1, similarity_top_k=DEPTH, use_async=False
        )

        def search(text: str, vector: Any, fusion: Any = fusion) -> Sequence[int]:
            asked = QueryBundle(query_str=text, embedding=vector.tolist())
            return [int(found.node.node_id) for found in fusion.retrieve(asked)]

        yield way, search


def main() -> None:
    folder, name = Path(sys.argv[1]), sys.argv[2]
    pieces = [json.loads(line) for line in (folder / "pieces.jsonl").open()]
    questions = [json.loads(line) for line in (folder / "questions.jsonl").open()]
    vectors, asked = np.load(folder / "vectors.npy"), np.load(folder / "asked.npy")
    ways = {"haystack": haystack_ways, "llamaindex": llamaindex_ways}[name]
    found: dict[str, dict[str, list[str]]] = {}
    for way, search in ways(pieces, vectors):
        found[way] = {}
        for question, vector in zip(questions, asked, strict=True):
            places = search(question["text"], vector)
            found[way][question["id"]] = list(dict.fromkeys(pieces[p]["document"] for p in places))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
