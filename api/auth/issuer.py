"""The issuer that signs people in: its discovery document, and a code exchanged for a token.

Sources: OpenID Connect Discovery 1.0, section 4; Core 1.0, section 3.1; RFC 7636 (PKCE); RFC 9207
(the issuer in the response).
"""

import math
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from api.auth.oidc import TokenVerifier, require_https
from api.auth.sign_in_attempt import SignInAttempt
from api.errors import IssuerUnavailableError, SignInError, UnauthorizedError
from api.settings import Settings
from generate.llm.circuit_breaker import Health
from index.egress.operator_client import operator_client

DISCOVERY = "/.well-known/openid-configuration"
FRESH_SECONDS = 3600.0
"""How long a discovery document counts before it is fetched again."""
TIMEOUT_SECONDS = 10.0
REST_SECONDS = 10.0
"""How long an issuer that did not answer is left alone."""
MOST_BYTES = 1 << 20
"""Of an answer of the issuer."""


@dataclass(frozen=True, slots=True)
class IssuerMetadata:
    """The parts of a discovery document that a sign-in needs."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    takes_secret_in_body: bool
    """Its token endpoint takes the client's secret in the body alone."""
    names_itself: bool
    """Its responses carry ``iss``, so one without it is not its own."""


class Issuer:
    """The configured issuer, for one registered client."""

    def __init__(
        self, settings: Settings, connect: Callable[[], httpx.Client] = operator_client
    ) -> None:
        self._url = str(settings.oidc_issuer)
        self._client_id = str(settings.oidc_client_id)
        secret = settings.oidc_client_secret
        self._secret = secret.get_secret_value() if secret else ""
        self._scopes = settings.oidc_scopes
        self._jwks = settings.oidc_jwks
        self._connect = connect
        self._lock = threading.Lock()
        self._health = Health(failures=1, rest_s=REST_SECONDS, stuck_s=math.inf)
        self._metadata: IssuerMetadata | None = None
        self._verifier: TokenVerifier | None = None
        self._fetched_at = 0.0

    def authorization_url(self, attempt: SignInAttempt, callback: str) -> str:
        """Return where the browser goes to sign in.

        Raises:
            IssuerUnavailableError: the issuer does not describe itself.

        """
        from authlib.oauth2.client import OAuth2Client

        client = OAuth2Client(
            None, self._client_id, scope=self._scopes, redirect_uri=callback,
            code_challenge_method="S256",
        )  # fmt: skip
        url, _ = client.create_authorization_url(
            self.metadata().authorization_endpoint,
            state=attempt.state,
            code_verifier=attempt.verifier,
            nonce=attempt.nonce,
        )
        return str(url)

    def claims(
        self, attempt: SignInAttempt, callback: str, *, code: str, named_issuer: str | None
    ) -> Mapping[str, Any]:
        """Exchange a code for an ID token and return its claims, all checked.

        Raises:
            SignInError: the code or the token is not for this attempt.
            IssuerUnavailableError: the issuer does not answer.

        """
        metadata = self.metadata()
        is_unnamed = named_issuer is None and metadata.names_itself
        if is_unnamed or named_issuer not in {None, self._url}:
            raise SignInError("The response is not the issuer's.", "refused")
        token = self._exchange(metadata, attempt, callback, code)
        return self._checked(metadata, attempt, token)

    def metadata(self) -> IssuerMetadata:
        """Return what the issuer says of itself; it is fetched once an hour.

        One that does not answer is left alone for a while: everybody may ask for a sign-in, and
        threads that all wait for it would serve nothing else.

        Raises:
            IssuerUnavailableError: it does not answer, or not for itself.

        """
        if not self._health.enter():
            raise IssuerUnavailableError("The issuer did not answer a moment ago.")
        failed: bool | None = None
        with self._lock:
            try:
                is_fresh = time.monotonic() - self._fetched_at < FRESH_SECONDS
                if self._metadata is not None and is_fresh:
                    return self._metadata
                if self._health.state == "open":  # it failed while this thread waited
                    raise IssuerUnavailableError("The issuer did not answer a moment ago.")
                failed = True
                self._metadata, self._fetched_at = self._discover(), time.monotonic()
                failed = False
                return self._metadata
            finally:
                self._health.leave(failed=failed)

    def _discover(self) -> IssuerMetadata:
        require_https(self._url)
        try:
            with self._connect() as client:
                url = self._url.rstrip("/") + DISCOVERY
                document = _object(client.get(url, timeout=TIMEOUT_SECONDS).raise_for_status())
        except (httpx.HTTPError, ValueError) as error:
            raise IssuerUnavailableError("The issuer does not describe itself.") from error
        if document.get("issuer") != self._url:
            raise IssuerUnavailableError("The issuer names itself otherwise than it is configured.")
        endpoints = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        authorization, token, jwks = (str(document.get(name, "")) for name in endpoints)
        for url in (authorization, token, jwks):
            require_https(url)
        methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return IssuerMetadata(
            authorization, token, jwks,
            takes_secret_in_body="client_secret_basic" not in methods,
            names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        )  # fmt: skip

    def _exchange(
        self, metadata: IssuerMetadata, attempt: SignInAttempt, callback: str, code: str
    ) -> str:
        """Return the ID token that the issuer gives for a code."""
        from authlib.oauth2.base import OAuth2Error
        from authlib.oauth2.client import OAuth2Client

        is_in_body = metadata.takes_secret_in_body or not self._secret
        auth = None if is_in_body else httpx.BasicAuth(self._client_id, self._secret)
        fields = {"client_id": self._client_id} if is_in_body else {}
        if is_in_body and self._secret:
            fields["client_secret"] = self._secret
        try:
            with self._connect() as session:
                reply = OAuth2Client(session, self._client_id).fetch_token(
                    metadata.token_endpoint, grant_type="authorization_code", code=code,
                    redirect_uri=callback, code_verifier=attempt.verifier,
                    auth=auth or _unsigned, **fields,
                )  # fmt: skip
        except OAuth2Error as error:
            raise SignInError("The issuer refused the code.", "refused") from error
        except (httpx.HTTPError, ValueError) as error:
            raise IssuerUnavailableError("The issuer did not exchange the code.") from error
        return str(reply.get("id_token", ""))

    def _checked(
        self, metadata: IssuerMetadata, attempt: SignInAttempt, token: str
    ) -> Mapping[str, Any]:
        """Return the claims of an ID token for this client and this attempt.

        Raises:
            SignInError: it is another's, or it was not made for this attempt.

        """
        try:
            claims = self._token_verifier(metadata).claims(token)
        except UnauthorizedError as error:
            raise SignInError("The ID token is not valid here.", "refused") from error
        nonce, party = str(claims.get("nonce", "")), claims.get("azp", self._client_id)
        if not secrets.compare_digest(nonce.encode(), attempt.nonce.encode()):
            raise SignInError("The ID token was made for another sign-in.", "refused")
        if party != self._client_id:
            raise SignInError("The ID token was made for another client.", "refused")
        return claims

    def _token_verifier(self, metadata: IssuerMetadata) -> TokenVerifier:
        with self._lock:
            if self._verifier is None:
                keys = self._jwks or metadata.jwks_uri
                self._verifier = TokenVerifier(self._url, self._client_id, keys)
            return self._verifier


def _unsigned(request: httpx.Request) -> httpx.Request:
    """Send a request as it is: the client's id stands in its body."""
    return request


def _object(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of an answer.

    Raises:
        ValueError: it is none, or too long.

    """
    if len(response.content) > MOST_BYTES:
        raise ValueError("The issuer's answer is too long.")
    document = response.json()
    if not isinstance(document, dict):
        raise ValueError("The issuer's answer is no object.")  # noqa: TRY004 - the caller maps it
    return document
