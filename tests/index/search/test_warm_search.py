"""After the warm-up no question waits for a compiler."""

import pytest

import index.kernels.bm25_kernels
import index.kernels.dot_products
import index.kernels.vector_kernels
from index.search.dense import CodeScan
from index.search.warm_search import warm_search
from index.types import Scope
from retrieve.retrieve import RetrievalDependencies, retrieve
from tests.fakes.store import Shelf

MODULES = (
    index.kernels.bm25_kernels, index.kernels.dot_products, index.kernels.vector_kernels,
)  # fmt: skip


@pytest.mark.parametrize("dimension", [8, 384])
def test_both_searches_run_over_rows_that_tie(dimension):
    warm_search(CodeScan(), dimension)


def test_a_search_of_a_mapped_index_compiles_nothing_more(tmp_path):
    shelf = Shelf(tmp_path)
    for number in range(6):
        shelf.put(f"The lamp {number} is lit at dusk.", "Oil comes monthly.")
    shelf.library.save()
    warm_search(CodeScan(), shelf.embedder.dimension)
    before = signatures()
    needs = RetrievalDependencies(shelf.open(), shelf.embedder)
    assert retrieve("When is the lamp lit?", Scope.of("default", []), needs, top_k=3).passages
    assert signatures() == before


def signatures():
    """Return how many versions of each loop there are in this process."""
    return {
        name: len(loop.signatures)
        for module in MODULES
        for name, loop in vars(module).items()
        if hasattr(loop, "signatures")
    }
