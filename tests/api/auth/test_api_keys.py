"""Keys: shown once, kept as hashes, useless once they are revoked."""

import pytest
from sqlalchemy import text

from api.auth.api_keys import create_key, find_caller, list_keys, revoke_key
from api.auth.groups import join_group, leave_group
from api.errors import InvalidRequestError
from index.db.database import Database
from index.errors import InvalidPrincipalError, NotFoundError


@pytest.fixture
def database(tmp_path):
    database = Database.in_folder(tmp_path)
    database.create()
    yield database
    database.engine.dispose()


def scope_of(database, key):
    return find_caller(database, key).actor.scope


def test_a_key_brings_its_user_its_groups_and_everybody(database):
    key, _ = create_key(database, "default", "ann", groups=["hr/all"])
    assert scope_of(database, key).principals == {"user:ann", "group:hr/all", "tenant:all"}


def test_both_spellings_of_a_user_and_a_group_are_the_same(database):
    key, _ = create_key(database, "default", "user:ann", groups=["group:hr/all"])
    assert scope_of(database, key).principals == {"user:ann", "group:hr/all", "tenant:all"}


def test_the_database_holds_no_key(database):
    key, _ = create_key(database, "default", "ann")
    with database.read() as session:
        row = session.execute(text("select * from api_keys")).one()
    assert not any(key in str(value) or key[3:] in str(value) for value in row)


def test_a_revoked_key_is_refused_by_the_next_request(database):
    key, view = create_key(database, "default", "ann")
    assert find_caller(database, key) is not None
    revoke_key(database, "default", view.key_id)
    assert find_caller(database, key) is None


def test_a_key_of_another_tenant_cannot_be_revoked(database):
    _, view = create_key(database, "other", "ann")
    with pytest.raises(NotFoundError):
        revoke_key(database, "default", view.key_id)
    assert list_keys(database, "default") == []


def test_group_changes_are_seen_at_once_and_nested_groups_count(database):
    key, _ = create_key(database, "default", "ann", groups=["hr/leads"])
    join_group(database, "default", "group:hr/leads", "hr/all")
    assert "group:hr/all" in scope_of(database, key).principals
    leave_group(database, "default", "group:hr/leads", "hr/all")
    assert "group:hr/all" not in scope_of(database, key).principals


def test_groups_of_another_tenant_do_not_count(database):
    key, _ = create_key(database, "default", "ann")
    join_group(database, "other", "user:ann", "hr/all")
    assert "group:hr/all" not in scope_of(database, key).principals


def test_a_malformed_user_or_role_is_refused(database):
    with pytest.raises(InvalidPrincipalError):
        create_key(database, "default", "ann smith")
    with pytest.raises(InvalidRequestError):
        create_key(database, "default", "ann", role="god")
