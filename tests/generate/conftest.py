"""A small library about a harbour, and the parts that answer from it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from generate.config import AnswerConfig
from generate.dependencies import AnswerDependencies
from generate.llm.port import Model
from generate.quoting.quoter import Quoter
from generate.verification.verifier import AlignmentVerifier
from index.types import Scope
from retrieve.retrieve import RetrievalDependencies
from tests.fakes.store import Shelf

ANN = Scope.of("default", ["user:ann"])
BOB = Scope.of("default", ["user:bob"])

HARBOUR = [
    (
        "The harbour of Varnholm has three piers. The ferry to Skarö leaves the north pier at nine "
        "every morning. Tickets cost 14 crowns and are sold on board."
    ),
    (
        "Dogs travel free of charge on the ferry. Bicycles cost 5 crowns. In winter the ferry does "
        "not run on Sundays."
    ),
]
SECRET = ("The harbour master plans to close the ferry to Skarö in March because of the ice.",)

MakeParts = Callable[..., AnswerDependencies]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path)
    shelf.put(*HARBOUR, filename="harbour.txt")
    shelf.put(*SECRET, filename="plans.txt", allow=["user:ann"])
    return shelf


@pytest.fixture
def make_parts(shelf: Shelf) -> MakeParts:
    def make(model: Model | None = None, **config) -> AnswerDependencies:
        retrieval = RetrievalDependencies(shelf.library, shelf.embedder)
        verifier = AlignmentVerifier(shelf.embedder)
        settings = AnswerConfig(**config)
        quoter = Quoter(shelf.embedder, settings.quoting)
        return AnswerDependencies(retrieval, model, verifier, quoter, settings)

    return make
