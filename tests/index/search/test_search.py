"""Exact, access-controlled search against oracles that filter first and scan."""

import math
import random
from types import SimpleNamespace

import numpy as np
import pytest
from rank_bm25 import BM25Okapi

from index.kernels.dot_products import dot_rows
from index.search.bm25 import K1, B
from index.search.dense import CodeScan, score_rows
from index.search.faiss_scan import FaissScan, live_rows
from index.segments.row_ranges import Slice
from index.text.analyzer import analyse
from index.types import Scope
from tests.fakes.store import Shelf

WORDS = [
    "lamp",
    "oil",
    "tide",
    "fog",
    "bell",
    "keeper",
    "harbour",
    "storm",
    "glass",
    "brass",
    "rope",
    "signal",
    "watch",
    "night",
    "rock",
]
GROUPS = ["group:hr/all", "group:ops/all", "group:sea/all", "user:ann", "user:bob"]
NOMINATORS = {"codes": CodeScan, "faiss": FaissScan}


@pytest.fixture(params=NOMINATORS)
def shelf(request, tmp_path):
    return Shelf(tmp_path, nominator=NOMINATORS[request.param]())


def fill(shelf, *, count=60, seed=7):
    """Put random documents on the shelf; return (texts, allow, deny) for each."""
    rng = random.Random(seed)
    documents = []
    for number in range(count):
        texts = [
            " ".join(rng.choices(WORDS, k=rng.randint(3, 20))) for _ in range(rng.randint(1, 4))
        ]
        allow = rng.sample(GROUPS, rng.randint(1, 2))
        deny = rng.sample(GROUPS, rng.choice([0, 0, 1]))
        key = shelf.put(*texts, filename=f"{number}.txt", allow=allow, deny=deny)
        documents.append((key, texts, set(allow), set(deny)))
    return documents


def visible(documents, scope):
    return [
        text
        for _, texts, allow, deny in documents
        for text in texts
        if allow & scope.principals and not deny & scope.principals
    ]


class Oracle(BM25Okapi):
    """rank_bm25 with Lucene's idf, which never goes below zero."""

    def _calc_idf(self, nd):
        for word, freq in nd.items():
            self.idf[word] = math.log(1 + (self.corpus_size - freq + 0.5) / (freq + 0.5))


SCOPES = [
    Scope.of("default", ["user:ann"]),
    Scope.of("default", ["user:bob", "group:ops/all"]),
    Scope.of("default", ["group:hr/all", "group:sea/all"]),
]


@pytest.mark.parametrize("scope", SCOPES, ids=["ann", "bob-ops", "hr-sea"])
def test_dense_search_equals_a_scan_of_what_the_scope_may_read(shelf, scope):
    documents = fill(shelf)
    query = shelf.vector("storm bell at night")
    texts = visible(documents, scope)
    stored_vectors = shelf.embedder.embed(texts).astype(np.float16).astype(np.float64)
    expected = sorted(stored_vectors @ query.astype(np.float64), reverse=True)[:10]
    with shelf.library.read(scope) as reader:
        hits = reader.dense(query, 10)
        hit_texts = {chunk.text for chunk in reader.chunks([hit.chunk for hit in hits])}
    assert len(hits) == 10
    np.testing.assert_allclose([hit.score for hit in hits], expected, atol=1e-6)
    assert hit_texts <= set(texts)


@pytest.mark.parametrize("scope", SCOPES, ids=["ann", "bob-ops", "hr-sea"])
def test_lexical_search_equals_rank_bm25_on_what_the_scope_may_read(shelf, scope):
    documents = fill(shelf)
    texts = visible(documents, scope)
    oracle = Oracle([analyse(text) for text in texts], k1=K1, b=B)
    terms = analyse("storm bell bell keeper")
    expected = sorted(oracle.get_scores(terms) / (K1 + 1), reverse=True)
    with shelf.library.read(scope) as reader:
        hits = reader.lexical(terms, len(texts))
    positive = [score for score in expected if score > 0]
    np.testing.assert_allclose([hit.score for hit in hits], positive, atol=1e-6)


@pytest.mark.parametrize("rarity", [1.4, 2.0])
def test_rarity_is_the_power_of_each_terms_idf(shelf, rarity):
    documents = fill(shelf, count=30)
    texts = visible(documents, SCOPES[0])
    oracle = Oracle([analyse(text) for text in texts], k1=K1, b=B)
    oracle.idf = {word: idf**rarity for word, idf in oracle.idf.items()}
    terms = analyse("storm bell keeper")
    expected = [s for s in sorted(oracle.get_scores(terms) / (K1 + 1), reverse=True) if s > 0]
    with shelf.library.read(SCOPES[0]) as reader:
        hits = reader.lexical(terms, len(texts), rarity=rarity)
    np.testing.assert_allclose([hit.score for hit in hits], expected, atol=1e-6)


def test_nothing_hidden_changes_a_score(tmp_path):
    full, smaller = Shelf(tmp_path / "full"), Shelf(tmp_path / "alone")
    scope = Scope.of("default", ["user:ann"])
    documents = fill(full)
    for _, texts, allow, deny in documents:
        if allow & scope.principals and not deny & scope.principals:
            number = next(i for i, m in enumerate(documents) if m[1] is texts)
            smaller.put(*texts, filename=f"{number}.txt", allow=sorted(allow), deny=sorted(deny))
    query, terms = full.vector("fog signal"), analyse("fog signal rock")
    results = []
    for shelf in (full, smaller):
        with shelf.library.read(scope) as reader:
            hits = reader.dense(query, 20) + reader.lexical(terms, 20)
            chunks = reader.chunks([hit.chunk for hit in hits])
        results.append([(c.text, c.filename, h.score) for c, h in zip(chunks, hits, strict=True)])
    assert results[0] == results[1]
    assert results[0]


def test_a_moved_document_is_seen_by_its_new_readers_only(shelf):
    key = shelf.put("the lamp oil ledger", allow=["user:ann"])
    ann, bob = (Scope.of("default", [f"user:{name}"]) for name in ("ann", "bob"))
    shelf.move(key, allow=["user:bob"])
    with shelf.library.read(ann) as reader:
        assert reader.lexical(["lamp"], 5) == []
    with shelf.library.read(bob) as reader:
        assert len(reader.lexical(["lamp"], 5)) == 1


def test_a_deleted_document_is_gone_from_the_next_search(shelf):
    key = shelf.put("the lamp oil ledger")
    everyone = Scope.of("default", [])
    with shelf.library.read(everyone) as reader:
        assert len(reader.dense(shelf.vector("lamp"), 5)) == 1
    shelf.remove(key)
    with shelf.library.read(everyone) as reader:
        assert reader.dense(shelf.vector("lamp"), 5) == []
        assert reader.lexical(["lamp"], 5) == []


def test_tenants_are_a_wall(shelf):
    shelf.put("the lamp oil ledger", tenant="north")
    with shelf.library.read(Scope.of("south", ["user:owner"])) as reader:
        assert reader.lexical(["lamp"], 5) == []
    with shelf.library.read(Scope.of("north", [])) as reader:
        assert len(reader.lexical(["lamp"], 5)) == 1


def test_filters_narrow_before_scoring(shelf):
    shelf.put("lamp", filename="old.txt", attributes={"year": 1990})
    shelf.put("lamp", filename="new.txt", attributes={"year": 2020})
    filters = {"attributes.year": {"gte": 2000}, "or": [{"filename": "new.txt"}, {"title": "x"}]}
    with shelf.library.read(Scope.of("default", []), filters) as reader:
        hits = reader.lexical(["lamp"], 5)
        assert [c.filename for c in reader.chunks([h.chunk for h in hits])] == ["new.txt"]


def test_ties_break_by_bytes_and_name_not_by_arrival(tmp_path):
    orders = []
    for number, names in enumerate((["a", "b", "c", "d"], ["d", "b", "a", "c"])):
        shelf = Shelf(tmp_path / str(number))
        for name in names:
            shelf.put("lamp oil", filename=name)
        with shelf.library.read(Scope.of("default", [])) as reader:
            hits = reader.lexical(["lamp"], 3)
            orders.append([c.filename for c in reader.chunks([h.chunk for h in hits])])
    assert orders[0] == orders[1]


def test_a_snapshot_name_tells_nothing_of_hidden_documents(shelf):
    shelf.put("lamp", allow=["user:ann"])
    ann = Scope.of("default", ["user:ann"])
    with shelf.library.read(ann) as reader:
        before = reader.snapshot
    shelf.put("fog", allow=["user:bob"])
    with shelf.library.read(ann) as reader:
        assert reader.snapshot == before
    shelf.put("rock", allow=["user:ann"])
    with shelf.library.read(ann) as reader:
        assert reader.snapshot != before


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8, 13])
def test_scores_from_float16_bits_are_those_of_the_published_kernel(count):
    rng = np.random.default_rng(count)
    vectors = rng.normal(size=(40, 384)).astype(np.float16)
    query = rng.normal(size=384).astype(np.float32)
    rows = rng.integers(0, 40, size=count)
    part = SimpleNamespace(segment=SimpleNamespace(vectors=vectors))
    expected = dot_rows(vectors[rows].astype(np.float32), query)
    assert score_rows(part, rows, query).tobytes() == expected.tobytes()


@pytest.mark.parametrize("ranges", [[(0, 9)], [(0, 1), (3, 8)], [(2, 3), (5, 6), (8, 9)], [(1, 3)]])
def test_the_halves_of_a_slice_are_the_slice(ranges):
    starts, ends = (np.array(side) for side in zip(*ranges, strict=True))
    part = Slice(None, np.ones(10, dtype=bool), starts, ends)
    halves = [live_rows(half).tolist() for half in part.halves()]
    assert halves[0] + halves[1] == live_rows(part).tolist()
    assert abs(len(halves[0]) - len(halves[1])) <= 1


def test_a_scope_of_very_many_classes_still_has_a_snapshot_name(tmp_path):
    shelf = Shelf(tmp_path)
    shelf.put("lamp", allow=["user:ann"])
    scope = Scope.of("default", ["user:ann"])
    with shelf.library.read(scope) as reader:
        name = reader.snapshot
        reader._classes = np.r_[reader._classes, np.arange(10**6, 10**6 + 40_000)]
        assert reader.snapshot == name
