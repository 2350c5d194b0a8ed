"""tantivy: an index in memory, the class an indexed number, the filter a boolean clause."""

from collections.abc import Sequence
from typing import Any

import tantivy

from benchmarks.synthetic import Keys


class Tantivy:
    """BM25 over the whole corpus's statistics, cut to the readable classes by a must clause."""

    name = "tantivy + class filter"
    kind = "library"

    def build(self, chunks: Sequence[list[str]], classes: Keys) -> None:
        made = tantivy.SchemaBuilder()
        made.add_text_field("body", tokenizer_name="whitespace", index_option="freq")
        made.add_integer_field("class", stored=False, indexed=True, fast=True)
        made.add_integer_field("key", stored=False, indexed=False, fast=True)
        self.schema = made.build()
        self.index = tantivy.Index(self.schema)
        self.writer = self.index.writer(heap_size=500_000_000, num_threads=1)
        for key, (terms, group) in enumerate(zip(chunks, classes.tolist(), strict=True)):
            self.add(key, terms, group)
        self.writer.commit()
        self.writer.wait_merging_threads()
        self.writer = None
        self.refresh()
        self.everything = int(classes.max()) + 1

    def add(self, key: int, terms: Sequence[str], group: int) -> None:
        document = tantivy.Document()
        document.add_text("body", " ".join(terms))
        document.add_integer("class", group)
        document.add_integer("key", key)
        self.writer.add_document(document)

    def refresh(self) -> None:
        self.index.reload()
        self.searcher = self.index.searcher()

    def prepare(self, readable: Keys) -> Any:
        if len(readable) == self.everything:
            return None
        return tantivy.Query.term_set_query(self.schema, "class", readable.tolist())

    def search(self, terms: Sequence[str], prepared: Any, limit: int) -> list[Any]:
        query = tantivy.Query.boolean_query([
            (tantivy.Occur.Should, tantivy.Query.term_query(self.schema, "body", term))
            for term in terms
        ])  # fmt: skip
        if prepared is not None:
            must, quiet = tantivy.Occur.Must, tantivy.Query.const_score_query(prepared, 0.0)
            query = tantivy.Query.boolean_query([(must, query), (must, quiet)])
        return self.searcher.search(query, limit, count=False).hits


def peers() -> list[Tantivy]:
    return [Tantivy()]
