"""OIDC tokens, signed here with keys of our own."""

import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from api.auth.groups import join_group
from api.auth.identities import find_identity, map_identity
from api.auth.oidc import TokenVerifier
from api.errors import UnauthorizedError
from index.db.database import Database
from tests.api.conftest import Person
from tests.api.evaluations.test_run_store import begin, ended

ISSUER = "https://login.example.org"
AUDIENCE = "footnote"


@pytest.fixture(scope="module")
def signer():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def jwks(tmp_path, signer):
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(signer.public_key()))
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [{**public, "kid": "one", "use": "sig"}]}))
    return str(file)


@pytest.fixture
def verifier(jwks):
    return TokenVerifier(ISSUER, AUDIENCE, jwks)


def token(signer, *, algorithm="RS256", headers=None, **changes):
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "42", "exp": int(time.time()) + 3600}
    claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return jwt.encode(claims, signer, algorithm, headers=headers or {"kid": "one"})


def test_a_sound_token_names_its_issuer_and_subject(verifier, signer):
    assert verifier.subject(token(signer)) == (ISSUER, "42")


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example.org"},
        {"aud": "another"},
        {"exp": int(time.time()) - 3600},
        {"nbf": int(time.time()) + 3600},
        {"exp": None},
        {"sub": None},
        {"headers": {"kid": "two"}},
    ],
)
def test_a_token_that_is_not_for_us_or_out_of_time_is_refused(verifier, signer, changes):
    with pytest.raises(UnauthorizedError):
        verifier.subject(token(signer, **changes))


def test_an_unsigned_token_is_refused(verifier):
    with pytest.raises(UnauthorizedError):
        verifier.subject(token(None, algorithm="none"))


def test_a_token_signed_with_a_shared_secret_is_refused(verifier):
    with pytest.raises(UnauthorizedError):
        verifier.subject(token("a-shared-secret-of-32-characters", algorithm="HS256"))


def test_a_token_signed_by_somebody_else_is_refused(verifier):
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(UnauthorizedError):
        verifier.subject(token(stranger))
    with pytest.raises(UnauthorizedError):
        verifier.subject(token(ec.generate_private_key(ec.SECP256R1()), algorithm="ES256"))


def test_garbage_is_refused(verifier):
    for text in ("a.b.c", "..", "e30.e30.e30"):
        with pytest.raises(UnauthorizedError):
            verifier.subject(text)


def test_an_identity_is_found_by_issuer_and_subject_alone(tmp_path):
    database = Database.in_folder(tmp_path)
    database.create()
    map_identity(database, "default", issuer=ISSUER, subject="42", user="ann")
    assert find_identity(database, ISSUER, "42").actor.owner == "user:ann"
    assert find_identity(database, ISSUER, "43") is None
    assert find_identity(database, "https://other.example.org", "42") is None
    database.engine.dispose()


SHIFTS = {"registered": "sea/crew", "claimed": "sea/masters", "keyed": "sea/pilots"}


def test_a_run_started_with_a_token_sees_what_the_token_lets_its_owner_see_and_no_more(
    make_house, jwks, signer
):
    """Groups count where they are registered; one that a token claims opens nothing to anybody."""
    house = make_house(oidc_issuer=ISSUER, oidc_audience=AUDIENCE, oidc_jwks=jwks)
    database = house.service.database
    map_identity(database, "default", issuer=ISSUER, subject="42", user="ann")
    join_group(database, "default", "user:ann", SHIFTS["registered"])
    house.person("ann", SHIFTS["keyed"])
    owner = house.person("bob")
    shelf = {
        name: owner.add(
            f"The {name} lamp of the harbour is lit before sunset.",
            filename=f"{name}.txt",
            allow=["user:bob", f"group:{group}"],
        )
        for name, group in SHIFTS.items()
    }
    ann = Person(house.client, token(signer, groups=[SHIFTS["claimed"]], email="bob@example.org"))
    listed = {item["document_id"] for item in ann.get("/v1/documents").json()["items"]}
    assert listed == {shelf["registered"]}
    body = {"id": "q", "question": "When is the lamp of the harbour lit?", "answers": ["sunset"]}
    run = ended(ann, begin(ann, dataset="questions", questions=[body]))
    assert run["state"] == "succeeded", run
    assert run["report"]["results"][0]["documents"] == [shelf["registered"]]


def test_a_changed_file_of_keys_counts_at_once_and_a_damaged_one_changes_nothing(tmp_path, signer):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file = tmp_path / "jwks.json"
    file.write_text(key_set(signer, "one"))
    verifier = TokenVerifier(ISSUER, AUDIENCE, str(file))
    newer = token(other, headers={"kid": "two"})
    with pytest.raises(UnauthorizedError):
        verifier.subject(newer)
    replacement = tmp_path / "newer.json"
    replacement.write_text(key_set(other, "two"))
    replacement.replace(file)
    assert verifier.subject(newer) == (ISSUER, "42")
    with pytest.raises(UnauthorizedError):
        verifier.subject(token(signer))
    file.write_text("{")
    assert verifier.subject(newer) == (ISSUER, "42")
    file.unlink()
    assert verifier.subject(newer) == (ISSUER, "42")


def key_set(key, key_id):
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return json.dumps({"keys": [{**public, "kid": key_id, "use": "sig"}]})
