"""Signing in: from the issuer's answer to a session."""

from dataclasses import dataclass
from typing import Self

from api.auth.claims import ClaimRules, read_claims
from api.auth.identities import admit_identity
from api.auth.issuer import Issuer
from api.auth.sessions import SessionTerms, open_session, revoke_cookie
from api.auth.sign_in_attempt import SignInAttempt
from api.errors import SignInError, UnauthorizedError
from api.settings import Settings
from index.db.database import Database


@dataclass(frozen=True, slots=True)
class SignIn:
    """The collaborators of a sign-in, where one is configured."""

    database: Database
    issuer: Issuer
    rules: ClaimRules
    terms: SessionTerms
    may_register: bool
    """Somebody whom nobody has registered becomes a new person."""

    @classmethod
    def of(cls, settings: Settings, database: Database) -> Self | None:
        """Return what signs people in, or none where the settings name no issuer and client."""
        if not settings.has_sign_in:
            return None
        return cls(
            database, Issuer(settings), ClaimRules.of(settings), SessionTerms.of(settings),
            settings.oidc_new_people == "register",
        )  # fmt: skip

    @property
    def cookie_seconds(self) -> int:
        """How long a browser keeps a session's cookie."""
        return int(self.terms.lifetime.total_seconds())

    def finish(
        self,
        attempt: SignInAttempt,
        callback: str,
        *,
        code: str | None,
        named_issuer: str | None,
        replaced_cookie: str,
    ) -> str:
        """Exchange a code and return the cookie of a new session; the browser's old one ends.

        Raises:
            SignInError: the issuer or this service does not let the person in.
            IssuerUnavailableError: the issuer does not answer.
            TenantSuspendedError: the person's tenant is suspended.

        """
        if not code:
            raise SignInError("The issuer did not sign this person in.", "refused")
        claims = self.issuer.claims(attempt, callback, code=code, named_issuer=named_issuer)
        try:
            identity = read_claims(claims, self.rules)
        except UnauthorizedError as error:
            raise SignInError(str(error), "refused") from error
        with self.database.write() as session:
            row = admit_identity(session, identity, self.rules, may_register=self.may_register)
            revoke_cookie(session, replaced_cookie)
            return open_session(session, row, self.terms)
