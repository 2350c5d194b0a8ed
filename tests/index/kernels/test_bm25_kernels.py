"""BM25 over windows of ranges, and the cut of a ranking, against plain scans of everything."""

import math
from collections import Counter

import numpy as np
import pytest

from index.kernels.bm25_kernels import WINDOW
from index.search.bm25 import K1, B
from index.search.dense import CodeScan
from index.search.search import search_dense, search_lexical
from index.segments.row_ranges import readable_slice
from index.segments.segment import IndexedChunk, Segment, term_digest, tie_of

ROWS = 2 * WINDOW + 600
CLASSES = 40
ASKED = ["a", "b", "c", "d", "d", "rare", "absent"]
CHANCES = {"a": 0.6, "b": 0.3, "c": 0.05, "d": 0.01, "rare": 0.0005}


@pytest.fixture(scope="module")
def corpus():
    """Rows of forty classes in two segments, a tenth of them dead."""
    rng = np.random.default_rng(5)
    segments, terms_of, class_of = [], {}, {}
    for first, count in ((0, ROWS), (ROWS, 700)):
        chunks = []
        for key in range(first, first + count):
            words = [w for w, p in CHANCES.items() for _ in range(rng.binomial(3, p))]
            terms = words + ["filler"] * int(rng.choice([1, 5, 40, 900], p=[0.5, 0.3, 0.19, 0.01]))
            vector = rng.standard_normal(8).astype("<f2").tobytes()
            tie = tie_of(f"{int(rng.integers(3)):064x}", "same name")
            group = int(rng.integers(CLASSES))
            chunks.append(IndexedChunk(key, key, group, tie, key % 2, vector, terms))
            terms_of[key], class_of[key] = terms, (group, tie, key % 2)
        segments.append(Segment.build(chunks, 8))
    alive = [rng.random(segment.rows) < 0.9 for segment in segments]
    return segments, alive, terms_of, class_of


def expected(corpus, classes, limit, rarity=1.0):
    """Score every live readable row by itself, then sort them all."""
    segments, alive, terms_of, class_of = corpus
    live = [key for s, a in zip(segments, alive, strict=True) for key in s.chunk_key[a].tolist()]
    rows = {key: Counter(terms_of[key]) for key in live if class_of[key][0] in classes}
    average = sum(sum(counts.values()) for counts in rows.values()) / len(rows)
    weights = []
    for term, repeats in sorted(Counter(ASKED).items(), key=lambda item: term_digest(item[0])):
        row_count = sum(term in counts for counts in rows.values())
        idf = math.log(1 + (len(rows) - row_count + 0.5) / (row_count + 0.5))
        weights.append((term, repeats * idf**rarity))
    scores = {}
    for key, counts in rows.items():
        norm = K1 * (1.0 - B + B * sum(counts.values()) / average)
        for term, weight in weights:
            if counts[term]:
                part = weight * counts[term] / (counts[term] + norm)
                scores[key] = scores.get(key, 0.0) + part
    order = sorted(scores, key=lambda key: (-scores[key], *class_of[key][1:], key))
    return [(key, scores[key].hex()) for key in order[:limit]]


@pytest.mark.parametrize("limit", [1, 10, 5000])
@pytest.mark.parametrize("classes", [range(CLASSES), range(0, CLASSES, 2), [7], [3, 4, 30]])
def test_windows_of_ranges_score_like_a_scan_of_every_readable_row(corpus, classes, limit):
    """To the bit, with dead rows, two segments, ties at the cut and repeated terms."""
    segments, alive, _, _ = corpus
    keys = np.array(list(classes))
    slices = [readable_slice(s, a, keys) for s, a in zip(segments, alive, strict=True)]
    hits = [(hit.chunk, hit.score.hex()) for hit in search_lexical(slices, ASKED, limit)]
    assert hits == expected(corpus, set(classes), limit)


@pytest.mark.parametrize("rarity", [0.0, 1.4, 2.0])
def test_a_terms_weight_is_a_power_of_its_idf(corpus, rarity):
    segments, alive, _, _ = corpus
    keys = np.arange(CLASSES)
    slices = [readable_slice(s, a, keys) for s, a in zip(segments, alive, strict=True)]
    hits = search_lexical(slices, ASKED, 50, rarity=rarity)
    expected_hits = expected(corpus, set(keys.tolist()), 50, rarity)
    assert [(hit.chunk, hit.score.hex()) for hit in hits] == expected_hits


def test_no_terms_and_no_room_find_nothing(corpus):
    segments, alive, _, _ = corpus
    part = readable_slice(segments[0], alive[0], np.arange(CLASSES))
    assert search_lexical([part], [], 5) == []
    assert search_lexical([part], ["absent"], 5) == []
    assert search_lexical([part], ASKED, 0) == []
    assert search_dense([part], np.ones(8, dtype=np.float32), 0, CodeScan()) == []


def test_thousands_of_equal_rows_are_cut_by_their_ties():
    """More than a search has room for at first, all equal: order is by tie, ordinal and key."""
    rng = np.random.default_rng(9)
    vector = np.full(8, 0.35, dtype="<f2").tobytes()
    ties = [tie_of(f"{int(number):064x}", "x") for number in rng.integers(0, 50, size=9000)]
    chunks = [IndexedChunk(k, k, k % 3, tie, k % 4, vector, ["w"]) for k, tie in enumerate(ties)]
    segment = Segment.build(chunks, 8)
    part = readable_slice(segment, np.ones(9000, dtype=bool), np.array([0, 1]))
    order = sorted((k for k in range(9000) if k % 3 < 2), key=lambda k: (ties[k], k % 4, k))
    query = np.ones(8, dtype=np.float32)
    for scan in (CodeScan(threads=1), CodeScan()):
        assert [hit.chunk for hit in search_dense([part], query, 30, scan)] == order[:30]
    assert [hit.chunk for hit in search_lexical([part], ["w"], 30)] == order[:30]
