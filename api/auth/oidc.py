"""OIDC tokens: signature, issuer, audience and time are checked; the identity must be mapped.

Sources: OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725 (JWT best current practices).
"""

import hashlib
import logging
from pathlib import Path
from typing import Any

import httpx
import jwt
from jwt import PyJWK, PyJWKClient, PyJWKClientError, PyJWKSet

from api.auth.api_keys import Caller, as_user, resolve_scope
from api.errors import UnauthorizedError
from api.settings import Settings
from index.access.classes import ensure_tenant
from index.access.tenants import check_active
from index.author import Author
from index.db.audit_chain import record_act
from index.db.database import Database
from index.db.tables.access import Identity
from index.egress.operator_client import operator_client
from index.types import Actor

logger = logging.getLogger(__name__)

ALGORITHMS = ("RS256", "ES256")
"""Asymmetric ones only: a public key must never be usable as a shared secret."""

LEEWAY_S = 30


class TokenVerifier:
    """Checks tokens of the one issuer that is configured."""

    def __init__(self, issuer: str, audience: str, jwks: str) -> None:
        self._issuer = issuer
        self._audience = audience
        is_remote = jwks.startswith("https://")
        self._keys: _KeyServer | _KeyFile = (
            _KeyServer(jwks, timeout=5) if is_remote else _KeyFile(Path(jwks))
        )

    @classmethod
    def from_settings(cls, settings: Settings) -> "TokenVerifier | None":
        """Return a verifier, or none where OIDC is not configured."""
        if settings.oidc_issuer and settings.oidc_audience and settings.oidc_jwks:
            return cls(settings.oidc_issuer, settings.oidc_audience, settings.oidc_jwks)
        return None

    def subject(self, token: str) -> tuple[str, str]:
        """Return (issuer, subject) of a valid token.

        Raises:
            UnauthorizedError: the token is not one of the issuer's for us, or it is out of time.

        """
        try:
            claims = jwt.decode(
                token,
                self._keys.get_signing_key_from_jwt(token),
                algorithms=list(ALGORITHMS),
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise UnauthorizedError("The token is not valid here.") from error
        return self._issuer, str(claims["sub"])


class _KeyFile:
    """The signing keys of a file, read again when it has changed: issuers change their keys.

    The file is looked at for each token. One that cannot be read leaves the keys of before.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._state, self._key_set = _file_state(path), _read_key_set(path)

    def get_signing_key_from_jwt(self, token: str) -> PyJWK:
        """Return the key that a token names.

        Raises:
            InvalidKeyError: the file has no such key.

        """
        self._follow_file()
        key_id = jwt.get_unverified_header(token).get("kid")
        for key in self._key_set.keys:
            if key_id is None or key.key_id == key_id:
                return key
        raise jwt.InvalidKeyError("unknown key id")

    def _follow_file(self) -> None:
        try:
            state = _file_state(self._path)
            if state != self._state:
                self._key_set, self._state = _read_key_set(self._path), state
        except (OSError, ValueError, jwt.PyJWTError):
            logger.warning("the file of OIDC signing keys cannot be read: the keys of before hold")


def _file_state(path: Path) -> tuple[int, int, int]:
    """Return what changes when a file is written or another one takes its place."""
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


def _read_key_set(path: Path) -> PyJWKSet:
    return PyJWKSet.from_json(path.read_text())


class _KeyServer(PyJWKClient):
    """The library's cache of signing keys, filled through our own way out to the network."""

    def fetch_data(self) -> Any:
        """Fetch the key set; the library keeps it for five minutes."""
        try:
            with operator_client() as client:
                return client.get(self.uri, timeout=self.timeout).raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise PyJWKClientError("The signing keys cannot be fetched.") from error


def find_identity(database: Database, issuer: str, subject: str) -> Caller | None:
    """Return the user an external identity is mapped to, or none.

    The user's groups are those registered here; e-mail and groups in a token play no part.

    Raises:
        TenantSuspendedError: the user's tenant is suspended.

    """
    with database.read() as session:
        row = session.get(Identity, (issuer, subject))
        if row is None:
            return None
        check_active(session, row.tenant)
        scope = resolve_scope(session, row.tenant, [row.user])
        credential = credential_of(issuer, subject)
        return Caller(Actor(scope, row.user, credential=credential), credential)


def credential_of(issuer: str, subject: str) -> str:
    """Return the name of an identity for limits, logs and runs; it tells neither part."""
    name = hashlib.sha256(f"{issuer}\x00{subject}".encode()).hexdigest()[:24]
    return f"oidc_{name}"


def map_identity(
    database: Database,
    tenant: str,
    *,
    issuer: str,
    subject: str,
    user: str,
    author: Author | None = None,
) -> str:
    """Map an external identity to a user of the tenant, and return the user's principal."""
    principal = as_user(user)
    with database.write(author) as session:
        ensure_tenant(session, tenant)
        session.merge(Identity(issuer=issuer, subject=subject, tenant=tenant, user=principal))
        record_act(session, tenant, "identity-map", credential_of(issuer, subject), user=principal)
    return principal
