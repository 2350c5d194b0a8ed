"""From a request's credentials to the person who asks."""

from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi.security.utils import get_authorization_scheme_param

from api.auth.api_keys import Caller, find_caller
from api.auth.claims import ClaimRules, read_claims
from api.auth.identities import find_token_holder
from api.auth.oidc import TokenVerifier
from api.auth.sessions import SessionTerms, find_session
from api.errors import UnauthorizedError
from api.settings import Settings
from index.db.database import Database


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials that a request carries."""

    authorization: str = field(default="", repr=False)
    """The header of this name."""
    cookie: str = field(default="", repr=False)
    """The value of a session's cookie; it counts where there is no header."""


class Authenticator:
    """Knows every way to say who one is: keys, an issuer's tokens, sessions."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        note_use: Callable[[str], None] = lambda _credential: None,
    ) -> None:
        self._database = database
        self._verifier = TokenVerifier.from_settings(settings)
        self._rules = ClaimRules.of(settings)
        self._terms = SessionTerms.of(settings)
        self._issuer = settings.oidc_issuer
        self._note_use = note_use
        """Takes the id of each key and session that opened something."""

    def authenticate(self, credentials: Credentials) -> Caller:
        """Return the caller whom the credentials name; nothing is cached.

        Raises:
            UnauthorizedError: there is no valid credential; the message never says which part
                of a credential was wrong.

        """
        kind, token = get_authorization_scheme_param(credentials.authorization)
        if not credentials.authorization and credentials.cookie:
            return self._used(
                find_session(self._database, credentials.cookie, self._terms, self._issuer),
                "Your session is over. Sign in again.",
            )
        if kind.lower() != "bearer" or not token:
            raise UnauthorizedError("Send your key as `Authorization: Bearer <key>`.")
        if (caller := self._external(token)) is not None:
            return caller
        return self._used(find_caller(self._database, token), "The key is not valid.")

    def _used(self, caller: Caller | None, refusal: str) -> Caller:
        if caller is None:
            raise UnauthorizedError(refusal)
        self._note_use(caller.credential)
        return caller

    def _external(self, token: str) -> Caller | None:
        """Return whom an issuer's token names, or none where it is no such token."""
        if self._verifier is None or token.count(".") != 2:  # noqa: PLR2004 - header.payload.signature
            return None
        identity = read_claims(self._verifier.claims(token), self._rules)
        return find_token_holder(self._database, identity, self._rules)
