"""The cookies of a browser that signs in, and the proof that a change comes from our own page.

A cookie comes with every request to its host, whoever made the page that sends it. So a change
needs two things besides: the ``Origin`` of this service, and a token that only a page of this
origin can have read. Sources: RFC 6265bis (the prefix ``__Host-``), OWASP's cheat sheets on
sessions and on cross-site request forgery.
"""

import base64
import hashlib
import hmac
from typing import Literal
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import Response
from starlette.types import Scope

from api.errors import ForeignRequestError
from api.settings import LOOPBACK

CSRF_HEADER = "X-CSRF-Token"

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

CookieKind = Literal["footnote", "footnote-sign-in"]
SESSION: CookieKind = "footnote"
ATTEMPT: CookieKind = "footnote-sign-in"


def is_loopback(headers: Headers) -> bool:
    """Tell whether a request came by a name of this machine, where there is no https."""
    try:
        name = urlsplit(f"//{headers.get('host', '')}").hostname or ""
    except ValueError:
        return False
    return name in LOOPBACK or name.startswith("127.")


def own_origin(scope: Scope) -> str:
    """Return the origin under which a browser reaches this service; https but on loopback."""
    headers = Headers(scope=scope)
    scheme = scope.get("scheme", "http") if is_loopback(headers) else "https"
    return f"{scheme}://{headers.get('host', '').lower()}"


def read_cookie(headers: Headers, kind: CookieKind) -> str:
    """Return the value of a cookie, or nothing.

    Away from loopback only the name with ``__Host-`` counts, which no other host and no
    unencrypted page can set.
    """
    return cookie_parser(headers.get("cookie", "")).get(_name(headers, kind), "")


def set_cookie(
    request: Request, response: Response, kind: CookieKind, value: str, age: int
) -> None:
    """Give a browser a cookie for ``age`` seconds that scripts cannot read."""
    response.set_cookie(
        _name(request.headers, kind), value, max_age=age, path="/",
        secure=not is_loopback(request.headers), httponly=True, samesite="lax",
    )  # fmt: skip


def drop_cookie(request: Request, response: Response, kind: CookieKind) -> None:
    """Have a browser forget a cookie."""
    set_cookie(request, response, kind, "", 0)


def csrf_token(session_token: str) -> str:
    """Return the token that a change with this session must carry; a function of its cookie."""
    digest = hmac.new(session_token.encode(), b"csrf", hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def require_own_page(scope: Scope, expected_token: str) -> None:
    """Refuse a request with a session's cookie that another site may have sent.

    Raises:
        ForeignRequestError: another site began it, or a change lacks the origin or the token.

    """
    headers = Headers(scope=scope)
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise ForeignRequestError("Another site sent this request. Open the page itself.")
    if scope["method"] in SAFE_METHODS:
        return
    if headers.get("origin", "").lower() != own_origin(scope):
        raise ForeignRequestError("The request does not come from the page of this service.")
    token = headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(token.encode(), expected_token.encode()):
        raise ForeignRequestError(f"The header {CSRF_HEADER} is missing or wrong. Reload the page.")


def _name(headers: Headers, kind: CookieKind) -> str:
    return kind if is_loopback(headers) else f"__Host-{kind}"
