"""From a request's credentials to the person who asks."""

from collections.abc import Callable

from fastapi.security.utils import get_authorization_scheme_param

from api.auth.api_keys import Caller, find_caller
from api.auth.oidc import TokenVerifier, find_identity
from api.errors import UnauthorizedError
from index.db.database import Database


class Authenticator:
    """Knows every way to say who one is."""

    def __init__(
        self,
        database: Database,
        verifier: TokenVerifier | None,
        note_use: Callable[[str], None] = lambda _key_id: None,
    ) -> None:
        self._database = database
        self._verifier = verifier
        self._note_use = note_use
        """Takes the id of each key that opened something."""

    def authenticate(self, header: str) -> Caller:
        """Return the caller named by an ``Authorization`` header; nothing is cached.

        Raises:
            UnauthorizedError: there is no valid credential; the message never says which part
                of a credential was wrong.

        """
        kind, token = get_authorization_scheme_param(header)
        if kind.lower() != "bearer" or not token:
            raise UnauthorizedError("Send your key as `Authorization: Bearer <key>`.")
        if (caller := find_caller(self._database, token)) is not None:
            self._note_use(caller.credential)
            return caller
        if (caller := self._external(token)) is not None:
            return caller
        raise UnauthorizedError("The key is not valid.")

    def _external(self, token: str) -> Caller | None:
        if self._verifier is None or token.count(".") != 2:  # noqa: PLR2004 - header.payload.signature
            return None
        return find_identity(self._database, *self._verifier.subject(token))
