"""A search finds the same thing written otherwise, and puts it before its neighbours."""

import pytest

from index.types import Scope
from retrieve.retrieve import RetrievalDependencies, retrieve
from tests.fakes.store import Shelf

ANN = Scope.of("default", ["user:ann"])
TEXTS = (
    "KLT-4410: seal for the galley tap.",
    "KLT-4419: seal for the shower.",
    "Bolt M12x60 holds the davit.",
    "Bolt M10x60 holds the rail.",
    "On 4 September 2027 the regatta was called off.",
    "On 4 October 2027 the regatta was held.",
    "A loan of 7,430 euro went to the sail loft.",
    "A loan of 743 euro went to the bakery.",
    "The night boat leaves at 16:45 from pier two.",
    "The day boat leaves at 4:15 from pier two.",
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    shelf = Shelf(tmp_path_factory.mktemp("shelf"))
    for number, text in enumerate(TEXTS):
        shelf.put(text, filename=f"{number}.txt")
    return shelf


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("KLT4410", "KLT-4410"),
        ("klt 4410", "KLT-4410"),
        ("M12 x 60", "M12x60"),
        ("2027-09-04", "4 September 2027"),
        ("04.09.2027", "4 September 2027"),
        ("4. Oktober 2027", "4 October 2027"),
        ("7430 euro loan", "7,430"),
        ("\u20ac7.430 loan", "7,430"),
        ("4.45 pm boat", "16:45"),
    ],
)
def test_the_exact_thing_comes_first(shelf, question, first):
    dependencies = RetrievalDependencies(shelf.library, shelf.embedder)
    passages = retrieve(question, ANN, dependencies, top_k=5).passages
    assert first in passages[0].text
