"""Short chunks join their neighbours, and no text is shown twice."""

import pytest

from index.types import Scope
from retrieve.expansion import expand
from tests.fakes.store import Shelf

ANN = Scope.of("default", ["user:ann"])
TEXTS = [f"Sentence number {number}." for number in range(6)]


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path)


def spans(shelf, *ordinals, limit=10, reach=1, span=1000):
    """Return the ordinals of each span, asking for the chunks of one document in this order."""
    with shelf.library.read(ANN) as reader:
        hits = reader.dense(shelf.vector("Sentence"), 100)
        chunks_by_ordinal = {
            chunk.ordinal: chunk for chunk in reader.chunks([hit.chunk for hit in hits])
        }
        best_chunks = (chunks_by_ordinal[ordinal] for ordinal in ordinals)
        runs = expand(reader, best_chunks, limit=limit, reach=reach, span=span)
        return [(s.chunk.ordinal, [c.ordinal for c in s.run]) for s in runs]


def test_a_chunk_takes_a_neighbour_on_each_side(shelf):
    shelf.put(*TEXTS)
    assert spans(shelf, 3) == [(3, [2, 3, 4])]


def test_the_first_and_the_last_chunk_have_one_neighbour(shelf):
    shelf.put(*TEXTS)
    assert spans(shelf, 0, 5) == [(0, [0, 1]), (5, [4, 5])]


def test_a_chunk_inside_a_better_span_is_left_out(shelf):
    shelf.put(*TEXTS)
    assert spans(shelf, 2, 3, 5) == [(2, [1, 2, 3]), (5, [4, 5])]


def test_a_span_ends_where_another_begins(shelf):
    shelf.put(*TEXTS)
    assert spans(shelf, 1, 3) == [(1, [0, 1, 2]), (3, [3, 4])]


def test_what_follows_is_taken_first_where_there_is_room_for_one(shelf):
    shelf.put(*TEXTS)
    two = 2 * len(TEXTS[0]) + 2
    assert spans(shelf, 3, span=two) == [(3, [3, 4])]


def test_a_chunk_that_is_long_enough_stays_alone(shelf):
    shelf.put(*TEXTS)
    assert spans(shelf, 3, span=len(TEXTS[0])) == [(3, [3])]


def test_a_long_neighbour_is_not_jumped_over(shelf):
    shelf.put("Short one.", "Long " * 100, "Short two.", "Short three.", filename="long.txt")
    assert spans(shelf, 2, reach=2, span=100) == [(2, [2, 3])]


def test_a_reach_of_zero_changes_nothing(shelf):
    shelf.put(*TEXTS)
    assert spans(shelf, 3, 4, reach=0) == [(3, [3]), (4, [4])]


def test_no_more_spans_than_the_limit_are_made_and_no_more_chunks_are_asked_for(shelf):
    shelf.put(*TEXTS)
    assert spans(shelf, 0, 3, 99, limit=2) == [(0, [0, 1]), (3, [2, 3, 4])]


def test_documents_do_not_share_neighbours(shelf):
    shelf.put(*TEXTS, filename="mine.txt")
    shelf.put("Apart.", filename="other.txt", allow=["user:bob"])
    assert spans(shelf, 5, reach=3) == [(5, [2, 3, 4, 5])]
