"""Holds for every retriever: scope, order, cuts, filters and ties, over a real library."""

from itertools import permutations

import pytest

from index.types import Scope
from retrieve.config import RetrievalConfig
from retrieve.retrieve import RetrievalDependencies, retrieve
from retrieve.retrievers import RETRIEVERS
from tests.fakes.store import Shelf

ANN = Scope.of("default", ["user:ann"])
PLAIN = RetrievalConfig(reach=0)
NOTES = {
    "lamp.txt": "The lamp is lit at dusk by the keeper.",
    "oil.txt": "Oil for the lamp comes by boat.",
    "birds.txt": "Gulls nest on the north cliff.",
    "log.txt": "The keeper writes the log in black ink.",
}


@pytest.fixture(params=sorted(RETRIEVERS))
def retriever(request):
    return RETRIEVERS[request.param]


def shelf_of(folder, notes=NOTES, **options):
    folder.mkdir()
    shelf = Shelf(folder)
    for filename, text in dict(notes).items():
        shelf.put(text, filename=filename, **options)
    return shelf


def search(shelf, retriever, question="When is the lamp lit?", top_k=10, scope=ANN, filters=None):
    dependencies = RetrievalDependencies(shelf.library, shelf.embedder, PLAIN, retriever=retriever)
    return retrieve(question, scope, dependencies, top_k=top_k, filters=filters).passages


def ranking(passages):
    """Return everything but generated ids and keys."""
    return [(p.chunk.filename, p.text, p.score, p.similarity) for p in passages]


def test_the_names_are_those_of_the_command_line():
    assert {name: retriever.name for name, retriever in RETRIEVERS.items()} == {
        name: name for name in ("dense", "bm25", "rrf", "hybrid")
    }


def test_the_passage_with_the_questions_words_comes_first(tmp_path, retriever):
    passages = search(shelf_of(tmp_path / "store"), retriever)
    assert passages[0].chunk.filename == "lamp.txt"
    scores = [passage.score for passage in passages]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 <= score <= 1.0 for score in scores)


def test_an_empty_store_has_no_result(tmp_path, retriever):
    assert search(shelf_of(tmp_path / "store", {}), retriever) == ()


def test_what_one_may_not_read_is_not_found_and_changes_no_bit(tmp_path, retriever):
    lone_shelf = shelf_of(tmp_path / "alone")
    beside = shelf_of(tmp_path / "beside")
    for number in range(20):
        secret = f"The lamp is lit when? The lamp, the lamp, lit {number} times."
        beside.put(secret, filename=f"{number}.txt", allow=["user:bob"])
    beside.put("The lamp is lit.", filename="denied.txt", deny=["user:ann"])
    assert ranking(search(beside, retriever)) == ranking(search(lone_shelf, retriever))
    bob = Scope.of("default", ["user:bob"])
    assert len(search(beside, retriever, top_k=100, scope=bob)) > len(search(lone_shelf, retriever))
    stranger = Scope.of("elsewhere", ["user:ann"])
    assert search(beside, retriever, scope=stranger) == ()


def test_the_order_of_arrival_changes_no_bit(tmp_path, retriever):
    rankings = [
        ranking(search(shelf_of(tmp_path / str(number), order), retriever))
        for number, order in enumerate(list(permutations(NOTES.items()))[::8])
    ]
    assert all(each == rankings[0] for each in rankings)
    assert rankings[0]


def test_fewer_passages_are_a_prefix_of_more(tmp_path, retriever):
    notes = {f"{n}.txt": f"Lamp {n} is lit at {n} o'clock by keeper {n}." for n in range(12)}
    shelf = shelf_of(tmp_path / "store", notes)
    longest = ranking(search(shelf, retriever, top_k=12))
    assert len(longest) == 12
    for top_k in (1, 5, 11):
        assert ranking(search(shelf, retriever, top_k=top_k)) == longest[:top_k]


def test_ties_break_by_the_documents_and_never_by_arrival(tmp_path, retriever):
    text = "The lamp is lit at dusk."
    names = ["c.txt", "a.txt", "b.txt"]
    orders = []
    for number, order in enumerate(permutations(names)):
        shelf = shelf_of(tmp_path / str(number), {})
        for name in order:
            shelf.put(text, filename=name)
        dependencies = RetrievalDependencies(
            shelf.library,
            shelf.embedder,
            RetrievalConfig(reach=0, near_duplicate=2.0),
            retriever=retriever,
        )
        passages = retrieve("When is the lamp lit?", ANN, dependencies, top_k=3).passages
        assert len({passage.score for passage in passages}) == 1
        orders.append([passage.chunk.filename for passage in passages])
    assert orders == [sorted(names)] * len(orders)


def test_a_filter_leaves_only_what_it_names(tmp_path, retriever):
    shelf = shelf_of(tmp_path / "store", attributes={"year": 1931})
    shelf.put("The lamp is lit when the lamp is lit.", filename="new.txt", attributes={"year": 2})
    filtered = search(shelf, retriever, filters={"attributes.year": 1931})
    assert filtered
    assert "new.txt" not in {passage.chunk.filename for passage in filtered}
    assert search(shelf, retriever, filters={"attributes.year": 1800}) == ()


def test_a_question_without_a_shared_word_is_found_by_vectors_alone(tmp_path, retriever):
    passages = search(shelf_of(tmp_path / "store"), retriever, question="zzz")
    assert bool(passages) == (retriever.name != "bm25")
