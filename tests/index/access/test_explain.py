"""An explanation decides exactly as a search does."""

import pytest

from index.access.classes import add_member, groups_of
from index.access.explain import explain_access
from index.db.tables.access import ApiKey
from index.db.tables.base import utc_now
from index.errors import NotFoundError
from index.types import Scope
from tests.fakes.store import Shelf


@pytest.fixture
def shelf(tmp_path):
    shelf = Shelf(tmp_path)
    with shelf.database.write() as session:
        add_member(session, "default", "user:ann", "group:crew/night")
        add_member(session, "default", "group:crew/night", "group:crew/all")
    return shelf


@pytest.mark.parametrize(
    ("allow", "deny", "readable", "names"),
    [
        (["user:ann"], [], True, "user:ann"),
        (["group:crew/all"], [], True, "group:crew/all"),
        (["tenant:all"], ["group:crew/night"], False, "group:crew/night"),
        (["user:bob"], [], False, "nothing it holds"),
    ],
)
def test_an_explanation_agrees_with_a_search(shelf, allow, deny, readable, names):
    key = shelf.put("lamp", allow=allow, deny=deny)
    with shelf.database.read() as session:
        explanation = explain_access(session, "default", key, "user:ann")
        scope = Scope.of("default", ["user:ann", *groups_of(session, "default", "user:ann")])
    with shelf.library.read(scope) as reader:
        assert bool(reader.lexical(["lamp"], 1)) is explanation.readable is readable
    assert names in explanation.reason


def test_a_document_of_another_tenant_does_not_exist(shelf):
    key = shelf.put("lamp", tenant="north")
    with shelf.database.read() as session, pytest.raises(NotFoundError):
        explain_access(session, "south", key, "user:ann")


def give_key(session, number, groups, revoked_at=None):
    session.add(
        ApiKey(
            id=f"key_{number}", hash=str(number), tenant="default", user="user:bob",
            groups=groups, role="reader", revoked_at=revoked_at,
        )
    )  # fmt: skip


def test_a_group_that_only_a_valid_key_names_counts_with_that_key(shelf):
    opened_document = shelf.put("lamp", allow=["group:crew/all"])
    refused_document = shelf.put("oil", allow=["group:crew/all"], deny=["group:crew/night"])
    withdrawn = shelf.put("fog", allow=["group:port/all"])
    with shelf.database.write() as session:
        give_key(session, 1, ["group:crew/night"])
        give_key(session, 2, ["group:port/all"], revoked_at=utc_now())
    with shelf.database.read() as session:
        explanations = [
            explain_access(session, "default", key, "user:bob")
            for key in (opened_document, refused_document, withdrawn)
        ]
    assert [one.readable for one in explanations] == [True, False, False]
    assert explanations[0].allowed_by == ["group:crew/all"]
    assert explanations[1].denied_by == ["group:crew/night"]


def test_what_one_key_denies_another_key_may_open(shelf):
    key = shelf.put("lamp", allow=["group:port/all"], deny=["group:crew/night"])
    with shelf.database.write() as session:
        give_key(session, 1, ["group:crew/night", "group:port/all"])
        give_key(session, 2, ["group:port/all"])
    with shelf.database.read() as session:
        assert explain_access(session, "default", key, "user:bob").readable
