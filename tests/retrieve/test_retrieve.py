"""A question's way to evidence, over a real library."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import delete, select

from index.db.tables.documents import ChunkRow, Vector
from index.errors import InvalidFilterError, StaleViewError
from index.types import Scope
from retrieve.config import RetrievalConfig
from retrieve.errors import InvalidQuestionError, InvalidRerankerError
from retrieve.retrieve import RetrievalDependencies, retrieve
from tests.fakes.reranker import ConstantReranker, OverlapReranker
from tests.fakes.store import Shelf

ANN = Scope.of("default", ["user:ann"])
PLAIN = RetrievalConfig(reach=0, feedback_passages=0)


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path)


def dependencies_of(shelf, config=PLAIN, **changes):
    return RetrievalDependencies(shelf.library, shelf.embedder, replace(config, **changes))


def ask(shelf, question="When is the lamp lit?", top_k=5, **changes):
    return retrieve(question, ANN, dependencies_of(shelf, **changes), top_k=top_k).passages


def ids_and_texts(passages):
    """Return everything but generated ids and keys."""
    return [(p.chunk.tie, p.text, p.start, p.end, p.score, p.similarity, p.page) for p in passages]


def test_the_passage_that_answers_comes_first(shelf):
    shelf.put("Gulls nest on the north cliff.", filename="birds.txt")
    shelf.put("The lamp is lit at dusk by the keeper.", filename="lamp.txt")
    first, second = ask(shelf)
    assert first.text == "The lamp is lit at dusk by the keeper."
    assert (first.start, first.end) == (0, len(first.text))
    assert 0.0 <= second.score < first.score <= 1.0
    assert -1.0 <= second.similarity < first.similarity <= 1.0


def test_rarity_lets_one_rare_word_outweigh_two_common_ones(shelf):
    shelf.put("The lamp and the oil.", filename="common.txt")
    shelf.put("A halyard.", filename="rare.txt")
    for number in range(8):
        shelf.put(f"The lamp needs oil, {number}.", filename=f"{number}.txt")

    def first(rarity):
        passages = ask(shelf, "lamp oil halyard", dense_weight=0.0, rarity=rarity)
        return passages[0].chunk.filename

    assert first(0.0) != "rare.txt"
    assert first(2.0) == "rare.txt"


def test_an_empty_store_has_no_evidence(shelf):
    retrieved = retrieve("Anything?", ANN, dependencies_of(shelf), top_k=3)
    assert retrieved.passages == ()
    assert retrieved.snapshot
    assert set(retrieved.timings) == {"embed", "search", "rerank", "expand"}


def test_no_more_than_top_k_passages_come_back_and_fewer_are_a_prefix_of_more(shelf):
    for number in range(12):
        shelf.put(f"Lamp {number} is lit at {number} o'clock.", filename=f"{number}.txt")
    longest = ids_and_texts(ask(shelf, top_k=12))
    assert len(longest) == 12
    for top_k in (1, 3, 7):
        assert ids_and_texts(ask(shelf, top_k=top_k)) == longest[:top_k]


def test_what_one_may_not_read_is_not_found_and_changes_nothing(shelf, tmp_path):
    smaller_shelf = Shelf(tmp_path / "alone")
    for where in (shelf, smaller_shelf):
        where.put("The lamp is lit at dusk.", "Oil is stored below.", filename="a.txt")
        where.put("Lamps need oil.", filename="b.txt", allow=["user:ann"])
    for number in range(20):
        text = f"The lamp is lit at dusk, says secret {number}."
        shelf.put(text, filename=f"s{number}.txt", allow=["user:bob"])
        shelf.put(text, filename=f"d{number}.txt", deny=["user:ann"])
        shelf.put(text, filename=f"t{number}.txt", tenant="other")
    config = RetrievalConfig()
    first, second = (
        retrieve("When is the lamp lit?", ANN, dependencies_of(where, config), top_k=5).passages
        for where in (shelf, smaller_shelf)
    )
    assert ids_and_texts(first) == ids_and_texts(second)


def test_the_order_of_arrival_changes_nothing(tmp_path):
    texts = [f"The lamp is lit at dusk in house {name}." for name in "abcdef"]
    results = []
    for folder, order in (("one", texts), ("two", texts[::-1])):
        shelf = Shelf(tmp_path / folder)
        for text in order:
            shelf.put(text, filename="same.txt")
        results.append(ids_and_texts(ask(shelf, top_k=4, feedback_passages=2, near_duplicate=2.0)))
    assert results[0] == results[1]


def test_ties_at_the_cut_break_by_the_documents_and_not_by_their_keys(tmp_path):
    names = ["c.txt", "a.txt", "b.txt"]
    for folder, order in (("one", names), ("two", names[::-1])):
        shelf = Shelf(tmp_path / folder)
        for name in order:
            shelf.put("The lamp is lit at dusk.", filename=name)
        passages = ask(shelf, top_k=2, near_duplicate=2.0)
        assert [passage.chunk.filename for passage in passages] == ["a.txt", "b.txt"]
        (copy,) = ask(shelf, top_k=2)
        assert copy.chunk.filename == "a.txt"


def test_a_reranker_that_ties_leaves_the_order_to_the_documents(shelf):
    for name in ("c.txt", "a.txt", "b.txt"):
        shelf.put(f"The lamp is lit, says {name[0] * 3}.", filename=name)
    with_reranker = replace(dependencies_of(shelf), reranker=ConstantReranker())
    passages = retrieve("lamp", ANN, with_reranker, top_k=3).passages
    assert [p.chunk.tie for p in passages] == sorted(p.chunk.tie for p in passages)
    assert {p.score for p in passages} == {0.5}


def test_a_reranker_changes_the_order_and_the_score(shelf):
    shelf.put("lamp lamp lamp lamp lamp lamp", filename="shout.txt")
    shelf.put("At dusk the keeper comes, and then the lamp is lit.", filename="answer.txt")
    with_reranker = replace(dependencies_of(shelf), reranker=OverlapReranker())
    passages = retrieve("when is the lamp lit at dusk", ANN, with_reranker, top_k=2).passages
    assert [passage.chunk.filename for passage in passages] == ["answer.txt", "shout.txt"]
    assert passages[0].score > passages[1].score == pytest.approx(1 / 7)


def test_a_broken_reranker_is_an_error_and_not_an_empty_answer(shelf):
    shelf.put("The lamp is lit at dusk.")
    dependencies = replace(dependencies_of(shelf), reranker=ConstantReranker(float("nan")))
    with pytest.raises(InvalidRerankerError):
        retrieve("lamp", ANN, dependencies, top_k=2)


def test_copies_make_room_for_what_ranks_below_them(shelf):
    for number in range(30):
        shelf.put("The lamp is lit at dusk.", filename=f"copy{number}.txt")
    shelf.put("The lamp needs oil.", filename="oil.txt")
    shelf.put("Gulls nest on the cliff.", filename="gulls.txt")
    passages = ask(shelf, top_k=3)
    assert [passage.text for passage in passages] == [
        "The lamp is lit at dusk.", "The lamp needs oil.", "Gulls nest on the cliff.",
    ]  # fmt: skip


def test_a_copy_that_one_may_not_read_hides_nothing(shelf):
    shelf.put("The lamp is lit at dusk.", filename="a.txt", allow=["user:bob"])
    shelf.put("The lamp is lit at dusk.", filename="b.txt")
    (passage,) = ask(shelf)
    assert passage.chunk.filename == "b.txt"


def test_filters_narrow_what_is_searched_and_what_is_counted(shelf, tmp_path):
    smaller_shelf = Shelf(tmp_path / "alone")
    for where in (shelf, smaller_shelf):
        where.put("The lamp is lit at dusk.", filename="new.txt", attributes={"year": 2024})
    shelf.put("The lamp was lit by hand.", filename="old.txt", attributes={"year": 1890})
    recent = {"attributes.year": {"gte": 2000}}
    passages = retrieve("lamp lit", ANN, dependencies_of(shelf), top_k=5, filters=recent).passages
    assert [passage.chunk.filename for passage in passages] == ["new.txt"]
    assert ids_and_texts(passages) == ids_and_texts(ask(smaller_shelf, "lamp lit"))


def test_a_filter_that_does_not_parse_is_refused(shelf):
    with pytest.raises(InvalidFilterError):
        retrieve("lamp", ANN, dependencies_of(shelf), top_k=5, filters={"colour": "red"})


def test_feedback_finds_what_shares_words_with_the_best_passage_alone(shelf):
    shelf.put("The lamp is lit at dusk; paraffin burns with a wick.", filename="lamp.txt")
    shelf.put("Paraffin burns with a wick.", filename="paraffin.txt")
    shelf.put("Gulls and terns nest on ledges.", filename="birds.txt")
    before, after = (
        {p.chunk.filename: p.score for p in ask(shelf, feedback_passages=n)} for n in (0, 1)
    )
    assert after["paraffin.txt"] > before["paraffin.txt"]


def test_similarity_is_to_the_question_that_was_asked(shelf):
    shelf.put("The lamp is lit at dusk.", filename="a.txt")
    shelf.put("The lamp needs oil.", filename="b.txt")
    before, after = (
        {p.chunk.filename: p.similarity for p in ask(shelf, feedback_passages=n)} for n in (0, 2)
    )
    assert before == after


def test_a_short_passage_is_widened_to_one_span_of_the_document(shelf):
    texts = ["Chapter one.", "The lamp is lit at dusk.", "It burns until dawn.", "Gulls nest here."]
    shelf.put(*texts, filename="book.txt")
    first = ask(shelf, reach=1)[0]
    assert first.text == "\n\n".join(texts)[first.start : first.end]
    assert first.text == "Chapter one.\n\nThe lamp is lit at dusk.\n\nIt burns until dawn."
    assert first.chunk.text == texts[1]


def test_a_question_without_words_or_passages_to_return_is_refused(shelf):
    with pytest.raises(InvalidQuestionError):
        retrieve("  ", ANN, dependencies_of(shelf), top_k=3)
    with pytest.raises(InvalidQuestionError):
        retrieve("lamp", ANN, dependencies_of(shelf), top_k=0)


class Unsteady:
    """A library whose first reads meet a store that moved on."""

    def __init__(self, library, failures):
        self.library = library
        self.failures = failures
        self.reads = 0

    @contextmanager
    def read(self, scope, filters=None):
        self.reads += 1
        if self.reads <= self.failures:
            raise StaleViewError("moved on")
        with self.library.read(scope, filters) as reader:
            yield reader


def test_a_store_that_moved_on_is_read_again_and_nothing_is_missing(shelf):
    shelf.put("The lamp is lit at dusk.")
    unsteady = Unsteady(shelf.library, failures=2)
    result = retrieve("lamp", ANN, replace(dependencies_of(shelf), library=unsteady), top_k=3)
    assert len(result.passages) == 1
    assert unsteady.reads == 3


def test_a_store_that_keeps_moving_is_an_error_after_a_few_reads(shelf):
    unsteady = Unsteady(shelf.library, failures=99)
    with pytest.raises(StaleViewError):
        retrieve("lamp", ANN, replace(dependencies_of(shelf), library=unsteady), top_k=3)
    assert unsteady.reads == PLAIN.attempts


def test_a_hit_that_the_store_does_not_confirm_never_shortens_the_answer(shelf):
    shelf.put("The lamp is lit at dusk.", filename="a.txt")
    shelf.put("The lamp needs oil.", filename="b.txt")
    shelf.library.follow()
    with shelf.database.write() as session:  # behind the change log's back
        lost_key = session.scalars(select(ChunkRow.key)).first()
        session.execute(delete(Vector).where(Vector.chunk_key == lost_key))
        session.execute(delete(ChunkRow).where(ChunkRow.key == lost_key))
    with pytest.raises(StaleViewError):
        ask(shelf, "lamp")


def test_the_page_of_a_widened_passage_is_that_of_its_first_character(shelf):
    shelf.put("The relief boat.", "The lamp is lit at dusk.", filename="book.pdf")
    with shelf.database.write() as session:
        for row in session.scalars(select(ChunkRow)):
            row.page = row.ordinal + 7
    (passage,) = ask(shelf, "When is the lamp lit at dusk?", reach=1)
    assert (passage.page, passage.chunk.page) == (7, 8)
