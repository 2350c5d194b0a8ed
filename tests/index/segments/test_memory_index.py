"""The index in memory: merges change nothing that anybody can see."""

import random
import threading

import numpy as np

from index.segments.memory_index import Index
from index.segments.merge_policy import (
    GROWTH,
    due_for_merge,
    join_tail,
    mark_dead,
    segments_to_compact,
    swap_segments,
)
from index.segments.segment import IndexedChunk, Segment, tie_of
from index.text.analyzer import analyse
from index.types import Scope
from tests.fakes.store import Shelf

EVERYONE = Scope.of("default", ["user:ann"])
WORDS = ["lamp", "oil", "tide", "fog", "bell", "keeper", "storm", "glass"]
CLASSES = [["tenant:all"], ["user:ann"], ["user:bob"]]


def segment_of(documents, *, rows=1):
    """Make a segment; document n is in class n % 3."""
    half = np.ones(4, dtype="<f2").tobytes()
    chunks = [
        IndexedChunk(document * 100 + row, document, document % 3, tie_of("ab" * 32, "a"), row,
                     half, ["lamp"])
        for document in documents for row in range(rows)
    ]  # fmt: skip
    return Segment.build(chunks, 4)


def live_segment(documents, *, rows=1):
    segment = segment_of(documents, rows=rows)
    return segment, np.ones(segment.rows, dtype=np.bool_)


def live_documents(segments):
    return sorted(int(d) for s, alive in segments for d in s.document_key[s.document[alive]])


def results(library, shelf):
    """Everything a search shows, to the bit."""
    hits_by_query = []
    for text in ("lamp fog", "storm bell oil", "keeper"):
        with library.read(EVERYONE) as reader:
            for hits in (reader.dense(shelf.vector(text), 7), reader.lexical(analyse(text), 7)):
                chunks = reader.chunks([hit.chunk for hit in hits])
                pairs = zip(chunks, hits, strict=True)
                hits_by_query.append([(c.filename, c.ordinal, h.score.hex()) for c, h in pairs])
    return hits_by_query


def scribble(shelf, rng, document_ids, *, rounds):
    """Upload, delete and move documents, reading in between so that each turn is replayed."""
    for turn in range(rounds):
        if document_ids and rng.random() < 0.3:
            shelf.remove(document_ids.pop(rng.randrange(len(document_ids))))
        elif document_ids and rng.random() < 0.3:
            shelf.move(rng.choice(document_ids), allow=rng.choice(CLASSES))
        else:
            texts = [" ".join(rng.choices(WORDS, k=5)) for _ in range(rng.randint(1, 3))]
            name = f"{rng.random()}-{turn}.txt"
            document_ids.append(shelf.put(*texts, filename=name, allow=rng.choice(CLASSES)))
        shelf.library.follow()


def test_compaction_leaves_one_segment_and_the_same_results_to_the_bit(tmp_path):
    shelf = Shelf(tmp_path)
    scribble(shelf, random.Random(3), [], rounds=60)
    before = results(shelf.library, shelf)
    assert all(before)
    assert shelf.library.compact()
    [(segment, alive)] = shelf.library.index.newest.segments
    assert alive.all()
    assert np.all(np.diff(segment.class_key) > 0)
    assert results(shelf.library, shelf) == before
    assert results(shelf.open(), shelf) == before
    assert shelf.library.index.merge(whole=True) is False


def test_changes_during_merges_are_kept(tmp_path):
    shelf = Shelf(tmp_path)
    rng, document_ids, stop = random.Random(11), [], threading.Event()
    scribble(shelf, rng, document_ids, rounds=10)

    def merge():
        while not stop.is_set():
            shelf.library.index.merge(whole=True)

    thread = threading.Thread(target=merge)
    thread.start()
    try:
        scribble(shelf, rng, document_ids, rounds=80)
    finally:
        stop.set()
        thread.join()
    rebuilt = shelf.open()
    assert results(shelf.library, shelf) == results(rebuilt, shelf)
    assert shelf.library.index.newest.rows == rebuilt.index.newest.rows


def test_documents_that_die_during_a_merge_are_dead_in_its_result():
    segments = (live_segment(range(10), rows=2), live_segment(range(10, 14)))
    merged_segment = Segment.merge(segments)
    deleted_keys = np.array([3, 11])
    now = (*(mark_dead(one, deleted_keys) for one in segments), live_segment([20, 21]))
    after = swap_segments(now, segments, merged_segment)
    assert [segment.rows for segment, _ in after] == [24, 2]
    assert live_documents(after) == live_documents(now)


def test_a_segment_being_merged_is_not_merged_by_a_replay():
    segments = (live_segment(range(6)), live_segment([7]))
    assert len(join_tail((*segments, live_segment([8])), segments)) == 3
    assert len(join_tail((*segments, live_segment([8])), ())) == 1


def test_a_replay_leaves_large_segments_to_the_background():
    large = [live_segment(range(900), rows=2), live_segment(range(1000, 1900), rows=2)]
    assert len(join_tail(large, ())) == 2
    assert len(due_for_merge(large)) == 2


def test_segments_that_caught_up_with_their_elder_are_due_together():
    eldest, elder, younger = (
        live_segment(range(100)),
        live_segment(range(100, 108)),
        live_segment(range(200, 202)),
    )
    assert due_for_merge([eldest, elder, younger]) == (elder, younger)
    assert (
        due_for_merge([eldest, live_segment(range(100, 100 + 100 // GROWTH)), younger])[0] is eldest
    )
    assert due_for_merge([eldest, elder, live_segment([200])]) == ()


def test_a_segment_with_many_dead_rows_is_due_and_is_gone_when_all_are_dead():
    eldest = live_segment(range(100))
    assert due_for_merge([mark_dead(eldest, np.arange(20))]) == ()
    worn = mark_dead(eldest, np.arange(21))
    assert due_for_merge([worn]) == (worn,)
    assert segments_to_compact([worn]) == (worn,)
    dead = mark_dead(eldest, np.arange(100))
    assert swap_segments((dead,), (dead,), Segment.merge([dead])) == ()


def test_a_large_store_is_built_in_batches(tmp_path):
    shelf = Shelf(tmp_path)
    scribble(shelf, random.Random(5), [], rounds=40)
    before = results(shelf.library, shelf)
    rebuilt = shelf.open()
    rebuilt.index = Index(rebuilt.model, shelf.embedder.dimension, rows=4)
    with shelf.database.read() as session:
        sizes = [segment.rows for segment in rebuilt.index._load_segments(session, range(1000))]
    assert len(sizes) > 4
    assert max(sizes) <= 6
    assert results(rebuilt, shelf) == before
