"""Access lists to classes: who may read is decided by these functions and nowhere else."""

import secrets

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from index.access.classes import (
    READABLE,
    ScopeCache,
    access_list_of,
    add_member,
    ensure_tenant,
    groups_of,
    intern_class,
    readable,
    readable_classes,
    remove_member,
    scope_values,
)
from index.db.database import Database, head_value
from index.db.tables.access import AccessClass, ClassPrincipal, Tenant
from index.db.tables.documents import Document
from index.errors import InvalidAccessListError, InvalidPrincipalError
from index.types import EVERYONE, AccessList, Scope
from tests.fakes.database import new_database

ANN = "user:ann"
CREW = "group:crew/all"
NIGHT = "group:crew/night"
PRINCIPALS = [ANN, "user:bob", CREW, NIGHT, EVERYONE]


@pytest.fixture
def database(tmp_path):
    yield from open_database(tmp_path)


@pytest.fixture(scope="module")
def shared_database(tmp_path_factory):
    """Open a store for tests that use a tenant of their own."""
    yield from open_database(tmp_path_factory.mktemp("shared"))


def open_database(folder):
    new_database(folder)
    database = Database.in_folder(folder)
    yield database
    database.engine.dispose()


def make_class(database, allow, deny=(), tenant="north"):
    with database.write() as session:
        return intern_class(session, tenant, AccessList.of(allow, deny))


def make_document(database, class_key, name, tenant="north"):
    with database.write() as session:
        session.add(
            Document(
                id=f"doc_{name}", tenant=tenant, owner=ANN, class_key=class_key,
                filename=name, title=name, attributes={}, version=1,
            )
        )  # fmt: skip


def classes_of(database, *principals, tenant="north"):
    with database.read() as session:
        return set(readable_classes(session, Scope.of(tenant, principals)))


def documents_of(database, scope):
    """Return the names of readable documents, by both forms of the SQL condition."""
    with database.read() as session:
        names = select(Document.filename)
        by_scope = set(session.scalars(names.where(readable(scope))))
        by_values = set(session.scalars(names.where(READABLE), scope_values(scope)))
    assert by_scope == by_values
    return by_scope


def count(database, table):
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table))


# Who may read.


def test_one_allowed_principal_is_enough(database):
    key = make_class(database, [ANN, CREW])
    assert classes_of(database, ANN) == {key}
    assert classes_of(database, CREW, "user:bob") == {key}


def test_somebody_without_an_allowed_principal_reads_nothing(database):
    make_class(database, [ANN])
    assert classes_of(database, "user:bob", CREW) == set()


def test_everyone_in_allow_admits_every_member_of_the_tenant(database):
    key = make_class(database, [EVERYONE])
    assert classes_of(database) == {key}


@pytest.mark.parametrize(
    ("allow", "deny"),
    [([CREW], [ANN]), ([ANN], [CREW]), ([ANN], [ANN]), ([EVERYONE], [ANN]), ([ANN], [EVERYONE])],
    ids=["group-name", "name-group", "same", "everyone-name", "name-everyone"],
)
def test_deny_wins_over_every_way_to_be_allowed(database, allow, deny):
    key = make_class(database, allow, deny)
    make_document(database, key, "log")
    scope = Scope.of("north", [ANN, CREW])
    assert classes_of(database, ANN, CREW) == set()
    assert documents_of(database, scope) == set()


def test_a_denied_principal_takes_nothing_from_those_who_do_not_hold_it(database):
    key = make_class(database, [CREW], [ANN])
    make_document(database, key, "log")
    assert classes_of(database, CREW, "user:bob") == {key}
    assert documents_of(database, Scope.of("north", [CREW])) == {"log"}


def test_being_denied_one_class_leaves_the_others(database):
    denied_class, allowed_class = make_class(database, [CREW], [ANN]), make_class(database, [CREW])
    assert classes_of(database, ANN, CREW) == {allowed_class}
    assert denied_class != allowed_class


def test_tenants_are_walls_whatever_principals_are_held(database):
    north = make_class(database, [ANN, EVERYONE])
    south = make_class(database, [ANN, EVERYONE], tenant="south")
    make_document(database, north, "north")
    make_document(database, south, "south", tenant="south")
    assert classes_of(database, ANN) == {north}
    assert classes_of(database, ANN, tenant="south") == {south}
    assert classes_of(database, ANN, tenant="nowhere") == set()
    assert documents_of(database, Scope.of("south", [ANN])) == {"south"}


def test_a_document_whose_class_is_another_tenants_is_read_by_nobody(database):
    """Should a row ever be wrong, the wall stands twice: in the class and in the document."""
    make_document(database, make_class(database, [EVERYONE]), "astray", tenant="north")
    with database.write() as session:
        ensure_tenant(session, "south")
        session.query(Document).update({"tenant": "south"})
    assert documents_of(database, Scope.of("north", [ANN])) == set()
    assert documents_of(database, Scope.of("south", [ANN])) == set()


principal_sets = st.sets(st.sampled_from(PRINCIPALS))


@settings(max_examples=30)
@given(
    lists=st.lists(st.tuples(principal_sets.filter(bool), principal_sets), min_size=1, max_size=6),
    principals=principal_sets,
)
def test_every_resolution_agrees_with_the_sets_themselves(shared_database, lists, principals):
    tenant = f"t{secrets.token_hex(8)}"
    scope = Scope.of(tenant, principals)
    expected_classes, expected_documents = set(), set()
    for allow, deny in lists:
        key = make_class(shared_database, sorted(allow), sorted(deny), tenant)
        name = f"{secrets.token_hex(8)}"
        make_document(shared_database, key, name, tenant)
        if allow & scope.principals and not deny & scope.principals:
            expected_classes.add(key)
            expected_documents.add(name)
    assert classes_of(shared_database, *principals, tenant=tenant) == expected_classes
    assert documents_of(shared_database, scope) == expected_documents


# Access lists are interned.


def test_equal_lists_share_one_class_in_any_order(database):
    first = make_class(database, [ANN, CREW], [NIGHT, "user:bob"])
    second = make_class(database, [CREW, ANN, ANN], ["user:bob", NIGHT])
    assert first == second
    assert count(database, AccessClass) == 1
    assert count(database, ClassPrincipal) == 4


@pytest.mark.parametrize(
    ("allow", "deny", "tenant"),
    [
        ([ANN], [], "north"),
        ([ANN, CREW], [], "north"),
        ([ANN], [CREW], "south"),
        ([ANN], [NIGHT], "north"),
        ([CREW], [ANN], "north"),
    ],
)
def test_any_difference_makes_another_class(database, allow, deny, tenant):
    assert make_class(database, [ANN], [CREW]) != make_class(database, allow, deny, tenant)


def test_a_class_gives_back_its_two_sets(database):
    key = make_class(database, [ANN, CREW], [NIGHT])
    with database.read() as session:
        assert access_list_of(session, key) == AccessList.of([ANN, CREW], [NIGHT])


def test_an_access_list_that_admits_nobody_is_refused():
    with pytest.raises(InvalidAccessListError):
        AccessList.of([])
    with pytest.raises(InvalidAccessListError):
        AccessList.of([], [ANN])


def test_a_tenant_is_made_once_beside_the_default_one(database):
    for _ in range(2):
        with database.write() as session:
            ensure_tenant(session, "north")
    with database.read() as session:
        assert sorted(session.scalars(select(Tenant.id))) == ["default", "north"]


# The access epoch counts the classes ever made.


def epoch_of(database):
    with database.read() as session:
        return head_value(session, "access")


def test_a_new_class_moves_the_access_epoch_and_a_known_one_does_not(database):
    make_class(database, [ANN])
    before = epoch_of(database)
    make_class(database, [ANN])
    assert epoch_of(database) == before
    make_class(database, [CREW])
    assert epoch_of(database) == before + 1


def cached(cache, database, *principals):
    with database.read() as session:
        return cache.readable_classes(session, Scope.of("north", principals))


def test_the_cache_returns_sorted_keys_and_the_same_array_again(database):
    keys = [make_class(database, [ANN, f"user:{name}"]) for name in "cba"]
    cache = ScopeCache()
    first = cached(cache, database, ANN)
    assert first.dtype == np.int64
    assert first.tolist() == sorted(keys)
    assert cached(cache, database, ANN) is first


def test_the_cache_forgets_when_a_class_is_added(database):
    old = make_class(database, [ANN])
    cache = ScopeCache()
    assert cached(cache, database, ANN).tolist() == [old]
    new = make_class(database, [EVERYONE])
    assert cached(cache, database, ANN).tolist() == [old, new]


def test_the_cache_keeps_scopes_apart(database):
    own, crew = make_class(database, [ANN]), make_class(database, [CREW])
    cache = ScopeCache()
    for _ in range(2):
        assert cached(cache, database, ANN).tolist() == [own]
        assert cached(cache, database, CREW).tolist() == [crew]
        assert cached(cache, database).tolist() == []


def test_a_reader_of_an_earlier_moment_neither_reads_nor_writes_the_newer_cache(database):
    old = make_class(database, [ANN])
    cache = ScopeCache()
    scope = Scope.of("north", [ANN])
    with database.read() as earlier:
        assert head_value(earlier, "access") == epoch_of(database)  # the moment is taken here
        new = make_class(database, [ANN, CREW])
        newest = cached(cache, database, ANN)
        assert newest.tolist() == [old, new]
        assert cache.readable_classes(earlier, scope).tolist() == [old]
    assert cached(cache, database, ANN) is newest


def test_the_cache_never_holds_more_scopes_than_its_limit(database):
    make_class(database, [ANN])
    cache = ScopeCache(limit=3)
    for number in range(10):
        assert len(cached(cache, database, ANN, f"user:{number}")) == 1
        assert len(cache._classes) == number % 3 + 1


# Groups.


def test_groups_are_found_through_groups_and_circles_end(database):
    with database.write() as session:
        add_member(session, "north", ANN, NIGHT)
        add_member(session, "north", NIGHT, CREW)
        add_member(session, "north", CREW, NIGHT)
        add_member(session, "south", ANN, "group:south/all")
    with database.read() as session:
        assert groups_of(session, "north", ANN) == {NIGHT, CREW}
        assert groups_of(session, "north", "user:bob") == set()
        assert groups_of(session, "south", ANN) == {"group:south/all"}
        assert groups_of(session, "north", "user:bob", ANN) == {NIGHT, CREW}


def test_a_member_is_added_once_and_removed_at_once(database):
    for _ in range(2):
        with database.write() as session:
            add_member(session, "north", ANN, CREW)
            add_member(session, "north", ANN, NIGHT)
            add_member(session, "north", "user:bob", CREW)
            add_member(session, "south", ANN, CREW)
    with database.write() as session:
        remove_member(session, "north", ANN, CREW)
        remove_member(session, "north", ANN, "group:crew/unknown")
    with database.read() as session:
        assert groups_of(session, "north", ANN) == {NIGHT}
        assert groups_of(session, "north", "user:bob") == {CREW}
        assert groups_of(session, "south", ANN) == {CREW}


@pytest.mark.parametrize(("member", "group"), [("ann", CREW), (ANN, "crew")])
def test_a_malformed_member_or_group_is_refused(database, member, group):
    with database.write() as session, pytest.raises(InvalidPrincipalError):
        add_member(session, "north", member, group)
