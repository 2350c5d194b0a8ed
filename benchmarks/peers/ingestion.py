"""PDFs to a searchable store through Haystack's and LlamaIndex's pipelines, with our embedder.

    .venv-peers/bin/python -m benchmarks.peers.ingestion FOLDER haystack|llamaindex \
        --reader pypdf|pypdfium2 --files 500

Each library is set up as its documentation shows an indexing pipeline: read, split, embed, write
to its in-memory store. The embedder is ours, on a thread for each core, in batches of 256, and
texts are split to about the size of our chunks, so that neither has more to embed. Prints
pieces, tokens embedded, and seconds from the first read until the last piece is in the store;
imports and the loading of the model are not counted.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.measure import tokens_seen
from index.embedding.onnx_embedder import OnnxEmbedder

BATCH = 256
WORDS = 150
"""Words in a piece of Haystack's: with these texts about as many tokens as a chunk of ours."""


@cache
def embedder() -> OnnxEmbedder:
    return OnnxEmbedder.bundled()


class Count:
    """The texts that were embedded."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self._texts += texts
        return [row.tolist() for row in embedder().embed(texts)]

    def tokens(self) -> int:
        """Count what the model saw."""
        return tokens_seen(embedder(), self._texts)


def read_pypdf(file: Path) -> str:
    from pypdf import PdfReader

    return "\f".join(page.extract_text() for page in PdfReader(file).pages)


def read_pypdfium2(file: Path) -> str:
    from pypdfium2 import PdfDocument

    with PdfDocument(file) as document:
        return "\f".join(page.get_textpage().get_text_range() for page in document)


Read = Callable[[Path], str]
READERS: dict[str, Read] = {"pypdf": read_pypdf, "pypdfium2": read_pypdfium2}


def haystack(files: Sequence[Path], reader: Read, count: Count) -> int:
    from haystack import Document, Pipeline, component
    from haystack.components.preprocessors import DocumentCleaner, DocumentSplitter
    from haystack.components.writers import DocumentWriter
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    @component
    class Reader:
        @component.output_types(documents=list[Document])
        def run(self, sources: list[Path]) -> dict[str, Any]:
            return {
                "documents": [
                    Document(content=reader(file), meta={"file": file.name}) for file in sources
                ]
            }

    @component
    class Embedder:
        @component.output_types(documents=list[Document])
        def run(self, documents: list[Document]) -> dict[str, Any]:
            done = []
            for at in range(0, len(documents), BATCH):
                batch = documents[at : at + BATCH]
                rows = count.embed([one.content or "" for one in batch])
                pairs = zip(batch, rows, strict=True)
                done += [replace(one, embedding=row) for one, row in pairs]
            return {"documents": done}

    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    pipeline = Pipeline()
    pipeline.add_component("read", Reader())
    pipeline.add_component("clean", DocumentCleaner())
    pipeline.add_component("split", DocumentSplitter(split_by="word", split_length=WORDS))
    pipeline.add_component("embed", Embedder())
    pipeline.add_component("write", DocumentWriter(store))
    for one, other in (
        ("read", "clean"),
        ("clean", "split"),
        ("split", "embed"),
        ("embed", "write"),
    ):
        pipeline.connect(one, other)
    pipeline.run({"read": {"sources": list(files)}})
    return store.count_documents()


def llamaindex(files: Sequence[Path], reader: Read, count: Count) -> int:
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.node_parser import SentenceSplitter

    class Ours(BaseEmbedding):
        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return count.embed(texts)

        def _get_text_embedding(self, text: str) -> list[float]:
            return count.embed([text])[0]

        def _get_query_embedding(self, query: str) -> list[float]:
            return count.embed([query])[0]

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    splitter = SentenceSplitter(
        chunk_size=embedder().max_tokens - 2,
        chunk_overlap=0,
        tokenizer=lambda text: range(embedder().count_tokens(text)),  # only its length is asked for
    )
    documents = [Document(text=reader(file), metadata={"file": file.name}) for file in files]
    index = VectorStoreIndex.from_documents(
        documents,
        embed_model=Ours(embed_batch_size=BATCH),
        transformations=[splitter],
        insert_batch_size=1 << 20,
    )
    return len(index.docstore.docs)


PIPELINES = {"haystack": haystack, "llamaindex": llamaindex}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("pipeline", choices=PIPELINES)
    parser.add_argument("--reader", choices=READERS, default="pypdfium2")
    parser.add_argument("--files", type=int)
    options = parser.parse_args()
    files = sorted(options.folder.glob("*.pdf"))
    run, reader, count = PIPELINES[options.pipeline], READERS[options.reader], Count()
    run(files[:4], reader, Count())  # imports, compiles
    files = files[: options.files]
    start = time.perf_counter()
    stored = run(files, reader, count)
    seconds = time.perf_counter() - start
    told = {"pieces": stored, "tokens": count.tokens(), "seconds": seconds}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
