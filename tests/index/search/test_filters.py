"""Attribute filters: every operator, nested, against a plain reading of the same filter."""

import random

import pytest

from index.errors import InvalidFilterError
from index.types import Scope
from tests.fakes.store import Shelf
from tests.proofs.seed import SEED

FILTERS = 150
DOCUMENTS = [
    {"year": 1990, "kind": "memo"},
    {"year": 2020, "kind": "memo", "open": True},
    {"year": 2020.5, "kind": "ledger", "open": False},
    {"year": "2020", "kind": ""},
    {"kind": "letter", "open": 1},
    {"year": True},
    {"year": -3, "kind": None},
    {},
]
OPERANDS = [1990, 2020, 2020.5, "2020", True, False, 1, 0, "", "memo", "ledger", -3, None]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    shelf = Shelf(tmp_path_factory.mktemp("filters"))
    for number, attributes in enumerate(DOCUMENTS):
        shelf.put(f"lamp number {number}", filename=f"{number}.txt", attributes=attributes)
    shelf.put("lamp hidden", allow=["user:bob"], filename="h.txt", attributes=DOCUMENTS[1])
    return shelf


def hit_names(shelf, filters):
    """Return the names that a search by words and one by vector find; they must agree."""
    with shelf.library.read(Scope.of("default", ["user:ann"]), filters) as reader:
        hits = reader.lexical(["lamp"], 50)
        near = reader.dense(shelf.vector("lamp"), 50)
        assert sorted(hit.chunk for hit in hits) == sorted(hit.chunk for hit in near)
        return sorted(chunk.filename for chunk in reader.chunks([hit.chunk for hit in hits]))


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ({"eq": 2020}, "1"),
        (2020, "1"),
        ({"ne": 2020}, "0234567"),
        ({"gt": 2020}, "2"),
        ({"gte": 2020}, "12"),
        ({"lt": 2020}, "06"),
        ({"lte": 2020}, "016"),
        ({"gte": 1990, "lt": 2020.5}, "01"),
        ({"in": [1990, "2020"]}, "03"),
        ({"in": []}, ""),
        ({"nin": [1990, 2020, True]}, "23467"),
        ({"gt": "1"}, "3"),
        ({"eq": 1}, ""),
        ({"eq": True}, "5"),
    ],
)
def test_each_operator_finds_what_it_says(shelf, condition, names):
    assert hit_names(shelf, {"attributes.year": condition}) == [f"{one}.txt" for one in names]


def holds(filters, fields):
    """Read a filter in the plainest way."""
    for name, value in filters.items():
        if name == "and" and not all(holds(one, fields) for one in value):
            return False
        if name == "or" and not any(holds(one, fields) for one in value):
            return False
        if name not in {"and", "or"} and not all(
            compare(op, fields.get(name), operand) for op, operand in value.items()
        ):
            return False
    return True


def compare(op, left, right):
    def equal(one, other):
        return one == other and (one is True or one is False) == (other is True or other is False)

    def order(one):
        return str if type(one) is str else float if type(one) in {int, float} else None

    if op == "eq":
        return equal(left, right)
    if op == "ne":
        return not equal(left, right)
    if op == "in":
        return any(equal(left, one) for one in right)
    if op == "nin":
        return not any(equal(left, one) for one in right)
    if order(left) is None or order(left) is not order(right):
        return False
    return {"gt": left > right, "gte": left >= right, "lt": left < right, "lte": left <= right}[op]


def some_filter(rng, depth):
    results = {}
    for _ in range(rng.randint(1, 2)):
        if depth and rng.random() < 0.6:
            results[rng.choice(["and", "or"])] = [
                some_filter(rng, depth - 1) for _ in range(rng.randint(1, 3))
            ]
            continue
        op = rng.choice(["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"])
        operand = rng.choice(OPERANDS)
        if op in {"in", "nin"}:
            operand = rng.sample(OPERANDS, rng.randint(0, 4))
        elif op not in {"eq", "ne"} and (operand is None or isinstance(operand, bool)):
            operand = 2000
        results[f"attributes.{rng.choice(['year', 'kind', 'open'])}"] = {op: operand}
    return results


def test_nested_filters_find_what_a_plain_reading_of_them_finds(shelf):
    rng = random.Random(SEED)
    sizes = set()
    for _ in range(FILTERS):
        filters = some_filter(rng, 3)
        expected = [
            f"{number}.txt"
            for number, attributes in enumerate(DOCUMENTS)
            if holds(filters, {f"attributes.{name}": one for name, one in attributes.items()})
        ]
        assert hit_names(shelf, filters) == expected, filters
        sizes.add(len(expected))
    assert {0, len(DOCUMENTS)} < sizes  # neither all empty nor all whole


def test_a_filter_is_no_deeper_and_no_wider_than_it_may_be(shelf):
    deep = {"attributes.year": 2020}
    for _ in range(8):
        deep = {"and": [deep]}
    assert hit_names(shelf, deep) == ["1.txt"]
    wide = {"or": [{"attributes.year": 2020}] * 65}
    for wrong in ({"and": [deep]}, wide, {"size": 3}, {"title": {"like": "x"}}, {"or": []}):
        with pytest.raises(InvalidFilterError):
            hit_names(shelf, wrong)
