"""Signing in to the page: the way there, and everything that must not work."""

import logging
import re
import time
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi.testclient import TestClient
from oidc_provider_mock import User, run_server_in_thread
from sqlalchemy import update

from api.auth.authenticator import Authenticator, Credentials
from api.auth.identities import map_identity, unmap_identity
from api.auth.people import resume_person, suspend_person
from api.auth.sign_in_attempt import SignInAttempt, own_path
from api.errors import UnauthorizedError
from api.tenants.life_cycle import create_tenant, resume_tenant, suspend_tenant
from index.db.tables.base import utc_now
from index.db.tables.people import SessionRow
from tests.api.conftest import House
from tests.fakes.oidc_issuer import CLIENT, SECRET, running_issuer

PUBLIC = "https://footnote.example.org"
ORIGIN = {"Origin": "http://localhost"}


@pytest.fixture(scope="module")
def issuer():
    with running_issuer() as running:
        yield running


def settings(url, **changes):
    return {
        "oidc_issuer": url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET,
        "oidc_new_people": "register", "oidc_groups_claim": "groups", "oidc_roles_claim": "groups",
        "oidc_roles": {"admins": "admin", "editors": "curator"},
        "allowed_hosts": ["footnote.example.org"], **changes,
    }  # fmt: skip


@pytest.fixture(scope="module")
def house(issuer, tmp_path_factory):
    with House(tmp_path_factory.mktemp("sign-in"), **settings(issuer.url)) as house:
        yield house


class Browser:
    """A browser with a jar of cookies of its own."""

    def __init__(self, house, issuer, origin="http://localhost"):
        self.issuer = issuer
        self.origin = origin
        self.client = TestClient(house.app, base_url=origin, follow_redirects=False)

    def begin(self, **params):
        return self.client.get("/auth/sign-in", params=params).headers["location"]

    def finish(self, answer):
        return self.client.get("/auth/callback", params=answer)

    def sign_in(self, subject="42", **claims):
        answer = self.issuer.approve(self.begin(), sub=subject, **claims)
        return self.finish(answer)

    def send(self, method, path, **options):
        token = self.client.get("/v1/me/session").json()["csrf_token"]
        headers = {"Origin": self.origin, "X-CSRF-Token": token} | options.pop("headers", {})
        return self.client.request(method, path, headers=headers, **options)

    @property
    def status(self):
        return self.client.get("/v1/me").status_code


@pytest.fixture
def browser(house, issuer):
    return Browser(house, issuer)


def refusal(reply):
    """Return the reason that the page is told; no session was opened."""
    assert reply.status_code == 303
    assert "fs_" not in str(reply.headers)
    target = urlsplit(reply.headers["location"])
    assert (target.netloc, target.path) == ("", "/")
    return dict(parse_qsl(target.query))["sign-in"]


# The way in.


def test_who_signs_in_is_known_by_a_cookie_that_scripts_cannot_read(browser):
    reply = browser.sign_in(name="Ann Ahl", groups=["/hr/all", "no principal!", "editors"])
    assert (reply.status_code, reply.headers["location"]) == (303, "/")
    cookie = next(c for c in reply.headers.get_list("set-cookie") if c.startswith("footnote="))
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    me = browser.client.get("/v1/me").json()
    assert (me["user"], me["name"], me["role"]) == ("user:42", "Ann Ahl", "curator")
    assert me["groups"] == ["group:oidc/editors", "group:oidc/hr/all"]
    assert me["credential"].startswith("ses_")
    assert "scim" not in me["scopes"]


def test_away_from_loopback_the_cookie_is_secure_and_of_this_host_alone(house, issuer):
    browser = Browser(house, issuer, PUBLIC)
    address = browser.begin()
    assert f"{PUBLIC}/auth/callback" == dict(parse_qsl(urlsplit(address).query))["redirect_uri"]
    reply = browser.finish(issuer.approve(address))
    cookies = reply.headers.get_list("set-cookie")
    assert all(each.startswith("__Host-footnote") for each in cookies)
    assert all("; Secure" in each and "Domain" not in each for each in cookies)
    assert browser.status == 200
    planted = TestClient(house.app, base_url=PUBLIC)
    value = browser.client.cookies["__Host-footnote"]
    assert planted.get("/v1/me", headers={"Cookie": f"footnote={value}"}).status_code == 401


def test_a_real_issuer_signs_in_and_takes_each_code_once(tmp_path, monkeypatch):
    people = [User(sub="8f2c", claims={"name": "Bob Berg", "preferred_username": "bob"})]
    with run_server_in_thread(user_claims=people) as server:
        url = f"http://localhost:{server.server_port}"
        with House(tmp_path / "data", **settings(url)) as house:
            browser = Browser(house, None)
            answer = approve_at(browser.begin(), "8f2c")
            cookie = browser.client.cookies["footnote-sign-in"]
            assert browser.finish(answer).headers["location"] == "/"
            me = browser.client.get("/v1/me").json()
            assert (me["user"], me["name"]) == ("user:bob", "Bob Berg")
            replay = Browser(house, None)
            replay.client.cookies.set("footnote-sign-in", cookie)
            assert refusal(replay.finish(answer)) == "refused"


def approve_at(address, subject):
    """Press the button of oidc-provider-mock's form; return what it sends the browser back with."""
    import httpx

    reply = httpx.post(address, data={"sub": subject})
    return dict(parse_qsl(urlsplit(reply.headers["location"]).query))


def test_the_client_proves_itself_and_the_verifier_never_goes_by_the_browser(browser, issuer):
    address = browser.begin()
    browser.finish(issuer.approve(address))
    form = issuer.forms[-1]
    assert form["authorization"].startswith("Basic ")
    assert "client_secret" not in form
    attempt = SignInAttempt.parse("x" * 43 + ".%2F")
    assert form["code_verifier"] not in address
    assert len(form["code_verifier"]) == len(attempt.verifier) == 43


# Answers of the issuer that are not for this browser.


def test_an_answer_with_another_state_is_refused(browser, issuer, house):
    answer = issuer.approve(browser.begin())
    assert refusal(browser.finish(answer | {"state": "guessed"})) == "expired"
    answer = issuer.approve(Browser(house, issuer).begin())
    browser.begin()
    assert refusal(browser.finish(answer)) == "expired"


def test_an_answer_without_the_cookie_of_the_attempt_is_refused(browser, issuer, house):
    answer = issuer.approve(browser.begin())
    assert refusal(Browser(house, issuer).finish(answer)) == "expired"


def test_an_answer_opens_one_session(browser, issuer):
    answer = issuer.approve(browser.begin())
    cookie = browser.client.cookies["footnote-sign-in"]
    assert browser.finish(answer).headers["location"] == "/"
    assert refusal(browser.finish(answer)) == "expired"
    browser.client.cookies.set("footnote-sign-in", cookie)
    assert refusal(browser.finish(answer)) == "refused"


def test_a_code_of_another_browser_is_refused_since_its_verifier_does_not_fit(
    browser, issuer, house
):
    stolen = issuer.approve(Browser(house, issuer).begin())["code"]
    state = dict(parse_qsl(urlsplit(browser.begin()).query))["state"]
    assert refusal(browser.finish({"code": stolen, "state": state})) == "refused"


STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.example.org"},
        {"aud": "another"},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"exp": int(time.time()) - 3600},
        {"sub": None},
        {"sub": ""},
        {"key": STRANGER},
        {"key": "", "algorithm": "none"},
        {"key": "a-shared-secret-of-32-characters", "algorithm": "HS256"},
        {"_claim_names": {"groups": "src1"}},
        {"groups": [f"g{number}" for number in range(201)]},
    ],
    ids=lambda spoilt: next(iter(spoilt)),
)
def test_a_token_that_is_not_for_this_sign_in_opens_nothing(browser, issuer, spoilt):
    answer = issuer.approve(browser.begin(), **spoilt)
    assert refusal(browser.finish(answer)) == "refused"
    assert browser.status == 401


def test_an_answer_that_names_another_issuer_is_refused(browser, issuer):
    answer = issuer.approve(browser.begin()) | {"iss": "https://evil.example.org"}
    assert refusal(browser.finish(answer)) == "refused"


def test_whoever_the_issuer_turns_away_is_told_so(browser, issuer):
    state = issuer.approve(browser.begin())["state"]
    assert refusal(browser.finish({"error": "access_denied", "state": state})) == "refused"


@pytest.mark.parametrize(
    "path",
    ["https://evil.example.org", "//evil.example.org", "/\\evil.example.org", "/%5cevil\\",
     "javascript:alert(1)", "/\t/evil.example.org", "evil", "", "/ö", "/a\r\nSet-Cookie: x=1",
     "/" + "a" * 500],
)  # fmt: skip
def test_a_next_address_that_leads_elsewhere_becomes_the_page(browser, issuer, path):
    assert own_path(path) == "/"
    reply = browser.finish(issuer.approve(browser.begin(next=path)))
    assert reply.headers["location"] == "/"


def test_a_next_address_of_this_service_is_where_one_gets(browser, issuer):
    reply = browser.finish(issuer.approve(browser.begin(next="/docs?x=1")))
    assert reply.headers["location"] == "/docs?x=1"


def test_a_cookie_that_was_planted_before_the_sign_in_opens_nothing_after_it(
    browser, house, issuer
):
    attacker = Browser(house, issuer)
    attacker.sign_in("mallory")
    planted = attacker.client.cookies["footnote"]
    browser.client.cookies.set("footnote", planted, domain="localhost.local", path="/")
    browser.sign_in("42")
    assert browser.client.get("/v1/me").json()["user"] == "user:42"
    assert attacker.status == 401


# Who comes in, and with which rights.


def test_whom_nobody_has_registered_is_refused_where_that_is_set(tmp_path, issuer):
    strict = settings(issuer.url, oidc_new_people="refuse")
    with House(tmp_path / "data", **strict) as house:
        browser = Browser(house, issuer)
        assert refusal(browser.sign_in("7")) == "unknown"
        map_identity(house.service.database, "default", issuer=issuer.url, subject="7", user="eve")
        assert browser.sign_in("7").headers["location"] == "/"
        assert browser.client.get("/v1/me").json()["user"] == "user:eve"


def test_a_new_person_never_gets_the_name_of_somebody_who_is_there(browser, house):
    owner = house.person("rita")
    owner.add("The lamp oil stands in the cellar.")
    browser.sign_in("77", preferred_username="rita")
    me = browser.client.get("/v1/me").json()
    assert re.fullmatch("user:rita-[0-9a-f]{6}", me["user"])
    assert browser.client.get("/v1/documents").json()["items"] == []
    browser.sign_in("78", preferred_username="no name!", email="rita@example.org")
    assert re.fullmatch("user:person-[0-9a-f]{12}", browser.client.get("/v1/me").json()["user"])


def test_a_new_person_is_neither_somebody_who_left_nor_the_command_line(browser, house, issuer):
    database = house.service.database
    map_identity(database, "default", issuer=issuer.url, subject="84", user="gil")
    unmap_identity(database, "default", issuer=issuer.url, subject="84")
    for subject, name in (("85", "gil"), ("86", "local")):
        browser.sign_in(subject, preferred_username=name)
        user = browser.client.get("/v1/me").json()["user"]
        assert re.fullmatch(f"user:{name}-[0-9a-f]{{6}}", user)


def test_the_newest_claims_count_in_every_session(browser, house, issuer):
    browser.sign_in("80", groups=["admins", "hr"])
    assert browser.client.get("/v1/admin/keys").status_code == 200
    Browser(house, issuer).sign_in("80", groups=["hr"], iat=int(time.time()) + 5)
    assert browser.client.get("/v1/admin/keys").status_code == 403
    assert browser.client.get("/v1/me").json()["groups"] == ["group:oidc/hr"]


def test_claims_give_no_rights_in_another_tenant_and_its_sessions_see_nothing_here(
    browser, house, issuer
):
    database = house.service.database
    document = house.person("ann").add("The fog bell rings twice.", allow=["tenant:all"])
    create_tenant(database, "harbour")
    map_identity(database, "harbour", issuer=issuer.url, subject="81", user="ann")
    browser.sign_in("81", groups=["admins", "hr"])
    me = browser.client.get("/v1/me").json()
    assert (me["tenant"], me["role"], me["groups"]) == ("harbour", "reader", [])
    assert browser.client.get(f"/v1/documents/{document}").status_code == 404
    suspend_tenant(database, "harbour")
    assert browser.status == 403
    assert refusal(Browser(house, issuer).sign_in("81")) == "suspended"
    resume_tenant(database, "harbour")
    assert browser.status == 200
    map_identity(database, "default", issuer=issuer.url, subject="81", user="ann")
    assert browser.status == 401


# Changes that another site may have sent.


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {**ORIGIN},
        {**ORIGIN, "X-CSRF-Token": "guessed"},
        {"X-CSRF-Token": "{token}"},
        {"Origin": "null", "X-CSRF-Token": "{token}"},
        {"Origin": "http://evil.example.org", "X-CSRF-Token": "{token}"},
        {"Origin": "https://localhost", "X-CSRF-Token": "{token}"},
        {**ORIGIN, "X-CSRF-Token": "{token}", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_change_that_another_site_may_have_sent_is_refused(browser, headers):
    browser.sign_in()
    token = browser.client.get("/v1/me/session").json()["csrf_token"]
    filled = {name: value.format(token=token) for name, value in headers.items()}
    reply = browser.client.post("/v1/conversations", json={}, headers=filled)
    assert (reply.status_code, reply.json()["code"]) == (403, "foreign-request")


def test_the_page_itself_changes_what_its_person_may_change(browser):
    browser.sign_in()
    assert browser.send("POST", "/v1/conversations", json={}).status_code == 201


def test_the_token_of_another_session_is_refused(browser, house, issuer):
    browser.sign_in()
    other = Browser(house, issuer)
    other.sign_in("43")
    token = other.client.get("/v1/me/session").json()["csrf_token"]
    reply = browser.send("POST", "/v1/conversations", json={}, headers={"X-CSRF-Token": token})
    assert reply.status_code == 403


def test_a_session_reads_nothing_for_another_site(browser):
    browser.sign_in()
    reply = browser.client.get("/v1/documents", headers={"Sec-Fetch-Site": "cross-site"})
    assert reply.status_code == 403


def test_a_key_needs_no_token_and_a_wrong_one_is_not_helped_by_a_cookie(browser, house):
    key = {"Authorization": f"Bearer {house.person('ann').key}"}
    browser.sign_in("43")
    assert browser.client.post("/v1/conversations", json={}, headers=key).status_code == 201
    assert browser.client.get("/v1/me", headers=key).json()["user"] == "user:ann"
    wrong = {"Authorization": "Bearer fn_wrong"}
    assert browser.client.get("/v1/me", headers=wrong).status_code == 401


# The end of sessions.


def test_signing_out_ends_this_session_and_signing_out_everywhere_all(browser, house, issuer):
    other, third = Browser(house, issuer), Browser(house, issuer)
    for each in (browser, other, third):
        each.sign_in("90")
    assert len(browser.client.get("/v1/me/sessions").json()["items"]) == 3
    value = browser.client.cookies["footnote"]
    assert browser.send("DELETE", "/v1/me/session").status_code == 204
    assert "footnote" not in browser.client.cookies
    browser.client.cookies.set("footnote", value)
    assert (browser.status, other.status) == (401, 200)
    assert other.send("DELETE", "/v1/me/sessions").status_code == 204
    assert (other.status, third.status) == (401, 401)


def test_one_session_is_ended_from_another_and_by_its_owner_alone(browser, house, issuer):
    other, stranger = Browser(house, issuer), Browser(house, issuer)
    for each, subject in ((browser, "91"), (other, "91"), (stranger, "92")):
        each.sign_in(subject)
    own, ended = (
        f"/v1/me/sessions/{each.client.get('/v1/me/session').json()['session_id']}"
        for each in (browser, other)
    )
    assert stranger.send("DELETE", ended).status_code == 404
    assert browser.client.request("DELETE", ended).status_code == 403
    assert (browser.send("DELETE", ended).status_code, other.status) == (204, 401)
    assert browser.send("DELETE", ended).status_code == 404
    assert browser.status == 200
    assert browser.send("DELETE", own).status_code == 204
    assert (browser.status, "footnote" in browser.client.cookies) == (401, False)
    assert stranger.status == 200


def test_who_has_a_key_has_no_session_to_show_or_to_end(house):
    ann = house.person("ann")
    assert ann.request("DELETE", "/v1/me/sessions/ses_of_nobody").status_code == 404
    assert ann.get("/v1/me/session").status_code == 404
    assert ann.request("DELETE", "/v1/me/session").status_code == 404


@pytest.mark.parametrize(
    "past",
    [{"expires_at": timedelta(seconds=-1)}, {"used_at": timedelta(minutes=-121)}],
    ids=["absolute", "idle"],
)
def test_a_session_ends_when_its_time_is_up_or_nobody_used_it(browser, house, past):
    browser.sign_in("91")
    session_id = browser.client.get("/v1/me/session").json()["session_id"]
    values = {name: utc_now() + before for name, before in past.items()}
    with house.service.database.write() as session:
        session.execute(update(SessionRow).where(SessionRow.id == session_id).values(**values))
    assert browser.status == 401


def test_a_person_who_is_suspended_or_whose_identity_is_taken_away_is_out_at_once(
    browser, house, issuer
):
    database = house.service.database
    browser.sign_in("92")
    key = house.person("92")
    suspend_person(database, "default", "92")
    assert (browser.status, key.get("/v1/me").status_code) == (401, 401)
    assert refusal(browser.sign_in("92")) == "suspended"
    resume_person(database, "default", "92")
    assert (browser.status, key.get("/v1/me").status_code) == (401, 200)
    browser.sign_in("92")
    assert browser.status == 200
    unmap_identity(database, "default", issuer=issuer.url, subject="92")
    assert browser.status == 401


def test_a_session_ends_when_its_issuer_is_not_the_configured_one(browser, house):
    browser.sign_in("87")
    cookie = Credentials(cookie=browser.client.cookies["footnote"])
    database, settings = house.service.database, house.service.settings
    assert Authenticator(database, settings).authenticate(cookie)
    for issuer in (None, "https://other.example.org"):
        changed = settings.model_copy(update={"oidc_issuer": issuer})
        with pytest.raises(UnauthorizedError):
            Authenticator(database, changed).authenticate(cookie)


def test_a_person_has_twenty_sessions_at_most(house, issuer):
    browsers = [Browser(house, issuer) for _ in range(21)]
    for each in browsers:
        each.sign_in("93")
    assert [each.status for each in browsers[:3]] == [401, 200, 200]
    assert browsers[-1].status == 200


# What is not configured, and what goes wrong.


def test_without_an_issuer_nobody_signs_in_by_one(make_house):
    client = make_house().client
    assert client.get("/auth/options").json() == {"sign_in": False}
    for path in ("/auth/sign-in", "/auth/callback"):
        assert client.get(path, follow_redirects=False).status_code == 404


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://login.example.org"])
def test_an_issuer_that_is_away_or_not_encrypted_leads_back_to_the_page(make_house, url):
    client = make_house(**settings(url)).client
    assert client.get("/auth/options").json() == {"sign_in": True}
    assert refusal(client.get("/auth/sign-in", follow_redirects=False)) == "unavailable"


def test_the_logs_hold_no_code_no_token_and_no_secret(browser, issuer, caplog):
    with caplog.at_level(logging.DEBUG):
        answer = issuer.approve(browser.begin())
        browser.finish(answer)
        browser.client.get("/v1/me")
        browser.finish(answer)
    spoken = " ".join(str(vars(record)) for record in caplog.records if record.name[:4] == "api.")
    secrets = [answer["code"], answer["state"], SECRET, browser.client.cookies["footnote"]]
    assert spoken
    assert [each for each in secrets if each in spoken] == []
