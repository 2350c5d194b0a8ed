"""The claims of an issuer's tokens, and an issuer that does not answer."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import pytest
from sqlalchemy import event

from api.auth.claims import ClaimRules, read_claims
from api.auth.identities import (
    admit_identity,
    find_identity,
    find_token_holder,
    map_identity,
    note_claims,
    unmap_identity,
)
from api.auth.issuer import Issuer
from api.errors import IssuerUnavailableError, SignInError, UnauthorizedError
from api.settings import Settings
from index.db.database import Database
from tests.fakes.database import new_database

ISSUER = "https://login.example.org"


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    folder = tmp_path_factory.mktemp("claims")
    new_database(folder)
    database = Database.in_folder(folder)
    yield database
    database.engine.dispose()


def test_an_older_token_gives_no_group_back_where_times_have_fractions(database):
    now, rules = 1_700_000_000.25, ClaimRules(groups="groups")
    map_identity(database, "default", issuer=ISSUER, subject="83", user="fay")

    def groups_after(groups, issued_at):
        claims = {"iss": ISSUER, "sub": "83", "iat": issued_at, "groups": groups}
        note_claims(database, read_claims(claims, rules), rules)
        return find_identity(database, ISSUER, "83").actor.scope.principals

    assert "group:oidc/hr" in groups_after(["hr"], now)
    assert "group:oidc/hr" not in groups_after([], now + 1.5)
    assert "group:oidc/hr" not in groups_after(["hr"], now + 0.5)


def test_a_client_that_leaves_the_groups_out_of_its_token_does_not_leave_them(database):
    rules = ClaimRules(groups="groups")
    map_identity(database, "default", issuer=ISSUER, subject="88", user="hal")
    claims = {"iss": ISSUER, "sub": "88", "iat": 1}
    note_claims(database, read_claims(claims | {"groups": ["guests"]}, rules), rules)
    with pytest.raises(UnauthorizedError):
        note_claims(database, read_claims(claims | {"iat": 2}, rules), rules)
    principals = find_identity(database, ISSUER, "88").actor.scope.principals
    assert "group:oidc/guests" in principals
    note_claims(database, read_claims(claims | {"iat": 3, "groups": []}, rules), rules)
    note_claims(database, read_claims(claims | {"iat": 4}, rules), rules)


def test_a_token_that_says_nothing_new_costs_one_read(database):
    rules = ClaimRules(groups="groups")
    map_identity(database, "default", issuer=ISSUER, subject="90", user="ivy")
    identity = read_claims({"iss": ISSUER, "sub": "90", "iat": 1, "groups": ["hr"]}, rules)
    transactions = []
    event.listen(database.engine, "begin", transactions.append)
    assert find_token_holder(database, identity, rules).actor.owner == "user:ivy"
    assert len(transactions) > 1  # its claims were new
    transactions.clear()
    principals = find_token_holder(database, identity, rules).actor.scope.principals
    assert (len(transactions), "group:oidc/hr" in principals) == (1, True)


def test_a_tenant_comes_from_a_claim_by_a_list_alone_and_everybody_else_is_refused(database):
    rules = ClaimRules(
        groups="groups", roles="groups", role_of={"boss": "admin"}, tenant_claim="org.id",
        tenant_of={"o1": "acme", "o2": "bell", "o3": "acme"},
    )  # fmt: skip
    assert [rules.signs_in_to(name) for name in ("acme", "bell", "default", "o1")] == [
        True, True, False, False,
    ]  # fmt: skip

    def claimed(subject, value, issued_at=1):
        claims = {"iss": ISSUER, "sub": subject, "iat": issued_at, "groups": ["boss"]}
        return read_claims(claims | {"org": {"id": value}}, rules)

    for value, tenant in (("o1", "acme"), (["o1", "o3", "o9"], "acme"), ("o2", "bell")):
        assert claimed("t0", value).tenant == tenant
    for value in (None, "", "acme", "O1", "o9", [], ["o1", "o2"], {"o1": 1}, 7):
        with pytest.raises(UnauthorizedError):
            claimed("t0", value)
    with pytest.raises(UnauthorizedError):
        read_claims({"iss": ISSUER, "sub": "t0", "org": "o1"}, rules)

    with database.write() as session:
        row = admit_identity(session, claimed("t1", "o2"), rules, may_register=True)
        assert (row.tenant, row.role, row.groups) == ("bell", "admin", ["group:oidc/boss"])
    assert find_token_holder(database, claimed("t1", "o2", 2), rules).actor.scope.tenant == "bell"
    moved = claimed("t1", "o1", 3)
    with pytest.raises(UnauthorizedError, match="another tenant"):
        find_token_holder(database, moved, rules)
    with pytest.raises(SignInError, match="another tenant"), database.write() as session:
        admit_identity(session, moved, rules, may_register=True)
    unmap_identity(database, "bell", issuer=ISSUER, subject="t1")
    with database.write() as session:
        assert admit_identity(session, moved, rules, may_register=True).tenant == "acme"


@pytest.mark.parametrize("subject", ["a\x00b", "a\ud800"])
def test_a_subject_that_no_database_compares_is_refused(subject):
    with pytest.raises(UnauthorizedError):
        read_claims({"iss": ISSUER, "sub": subject}, ClaimRules())


def test_an_issuer_that_does_not_answer_is_asked_once_and_then_left_alone(tmp_path):
    requests = []

    def refuse(request):
        requests.append(request)
        raise httpx.ConnectTimeout("nobody answers")

    connect = partial(httpx.Client, transport=httpx.MockTransport(refuse))
    issuer = Issuer(Settings(data=tmp_path, oidc_issuer=ISSUER, oidc_client_id="footnote"), connect)
    with ThreadPoolExecutor(4) as threads:
        for outcome in [threads.submit(issuer.metadata) for _ in range(8)]:
            with pytest.raises(IssuerUnavailableError):
                outcome.result()
    assert len(requests) == 1
