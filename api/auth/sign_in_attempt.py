"""One attempt of one browser to sign in.

A cookie holds one random value, and the state, the nonce and the verifier of PKCE are derived from
it. So nothing is stored before somebody has signed in, and a response that another browser began
is refused: it does not fit the cookie.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import quote, unquote

from api.errors import SignInError

LIFETIME_SECONDS = 600
"""How long somebody may take to sign in at the issuer."""

LONGEST_PATH = 500

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_OWN_PATH = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@%-][A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?")
"""A path of this service: it begins with one slash, and holds no backslash or control character."""


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """A browser's attempt, as its cookie holds it."""

    secret: str = field(repr=False)
    next_path: str
    """Where the browser goes afterwards."""

    @classmethod
    def begin(cls, next_path: str) -> Self:
        """Return a new attempt; a path that leads elsewhere becomes the page."""
        return cls(secrets.token_urlsafe(32), own_path(next_path))

    @classmethod
    def parse(cls, cookie: str) -> Self | None:
        """Return the attempt of a cookie, or none where it is malformed."""
        secret, _, path = cookie.partition(".")
        return cls(secret, own_path(unquote(path))) if _SECRET.fullmatch(secret) else None

    @classmethod
    def of_answer(cls, cookie: str, state: str) -> Self:
        """Return the attempt that an answer of the issuer belongs to.

        Raises:
            SignInError: it is none of this browser's.

        """
        attempt = cls.parse(cookie)
        if attempt is None or not attempt.fits(state):
            raise SignInError("The answer belongs to no sign-in of this browser.", "expired")
        return attempt

    @property
    def cookie(self) -> str:
        """The value of the cookie."""
        return f"{self.secret}.{quote(self.next_path, safe='')}"

    @property
    def state(self) -> str:
        """The state that comes back with the response."""
        return self._derive("state")

    @property
    def nonce(self) -> str:
        """The nonce that the ID token must carry."""
        return self._derive("nonce")

    @property
    def verifier(self) -> str:
        """The code verifier of PKCE; the browser sends only its digest to the issuer."""
        return self._derive("verifier")

    def fits(self, state: str) -> bool:
        """Tell whether a response with this state belongs to this attempt."""
        return hmac.compare_digest(self.state.encode(), state.encode())

    def _derive(self, purpose: str) -> str:
        digest = hmac.new(self.secret.encode(), purpose.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def own_path(path: str) -> str:
    """Return a path of this service, or ``/`` where it could lead elsewhere."""
    is_own = len(path) <= LONGEST_PATH and _OWN_PATH.fullmatch(path) is not None
    return path if is_own else "/"
