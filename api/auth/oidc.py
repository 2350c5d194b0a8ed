"""OIDC tokens: signature, issuer, audience and time are checked.

Sources: OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725 (JWT best current practices).
"""

import logging
import math
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
from jwt import PyJWK, PyJWKClient, PyJWKClientError, PyJWKSet

from api.errors import IssuerUnavailableError, UnauthorizedError
from api.settings import LOOPBACK, Settings
from generate.llm.circuit_breaker import Health
from index.egress.operator_client import operator_client

logger = logging.getLogger(__name__)

ALGORITHMS = ("RS256", "ES256")
"""Asymmetric ones only: a public key must never be usable as a shared secret."""

LEEWAY_S = 30

REST_SECONDS = 5.0
"""How long a server of keys that did not answer is left alone."""


class TokenVerifier:
    """Checks tokens of the one issuer that is configured."""

    def __init__(self, issuer: str, audience: str, jwks: str) -> None:
        self._issuer = issuer
        self._audience = audience
        is_remote = jwks.startswith(("https://", "http://"))
        if is_remote:
            require_https(jwks)
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
        return self._issuer, str(self.claims(token)["sub"])

    def claims(self, token: str) -> dict[str, Any]:
        """Return the claims of a valid token.

        Raises:
            UnauthorizedError: the token is not one of the issuer's for us, or it is out of time.

        """
        try:
            claims: dict[str, Any] = jwt.decode(
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
        return claims


def require_https(url: str) -> None:
    """Refuse an address of the issuer that others could answer for.

    Raises:
        IssuerUnavailableError: it is neither https nor on loopback.

    """
    address = urlsplit(url)
    is_local = address.scheme == "http" and address.hostname in LOOPBACK
    if not (address.scheme == "https" and address.hostname) and not is_local:
        raise IssuerUnavailableError("An address of the issuer is not https.")


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

    def __init__(self, url: str, timeout: float) -> None:
        super().__init__(url, timeout=timeout)
        self._health = Health(failures=1, rest_s=REST_SECONDS, stuck_s=math.inf)

    def get_signing_key_from_jwt(self, token: str | bytes) -> PyJWK:
        """Return the key that a token names; one that names none fits a set of one key alone.

        Source: OpenID Connect Core 1.0, section 10.1.

        Raises:
            PyJWKClientError: the set has no such key.

        """
        keys = self.get_jwk_set().keys
        has_name = "kid" in jwt.get_unverified_header(token)
        if not has_name and len(keys) == 1:
            return keys[0]
        return super().get_signing_key_from_jwt(token)

    def fetch_data(self) -> Any:
        """Fetch the key set; the library keeps it for five minutes.

        A server that does not answer is left alone for a while: anybody can send what looks like
        a token, and threads that all wait for the keys would serve nothing else.
        """
        if not self._health.enter():
            raise PyJWKClientError("The signing keys could not be fetched a moment ago.")
        failed = True
        try:
            with operator_client() as client:
                keys = client.get(self.uri, timeout=self.timeout).raise_for_status().json()
            failed = False
        except (httpx.HTTPError, ValueError) as error:
            raise PyJWKClientError("The signing keys cannot be fetched.") from error
        finally:
            self._health.leave(failed=failed)
        return keys
