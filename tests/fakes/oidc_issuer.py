"""An OIDC issuer on loopback whose tokens a test spoils in one point."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.fakes.web import Web, running_web, send

CLIENT = "footnote"
SECRET = "the-client's-secret"


@dataclass
class ScriptedIssuer:
    """Signs people in at once; ``approve`` stands for the person at its form."""

    web: Web
    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    changes: dict = field(default_factory=dict)
    """Claims of the next tokens; none takes a claim away, ``key`` and ``algorithm`` sign them."""
    forms: list[dict] = field(default_factory=list)
    """The requests that came to the token endpoint."""
    _codes: dict = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web.port}"

    def approve(self, address: str, **changes) -> dict[str, str]:
        """Return the parameters with which the browser is sent back from an address."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_hex(8)
        self._codes[code] = (asked, changes)
        return {"code": code, "state": asked["state"]}

    def serve(self) -> None:
        endpoints = {
            "authorization_endpoint": "/authorize", "token_endpoint": "/token",
            "jwks_uri": "/jwks",
        }  # fmt: skip
        document = {"issuer": self.url} | {n: self.url + path for n, path in endpoints.items()}
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        keys = {"keys": [{**public, "kid": "one", "use": "sig"}]}
        self.web.text("/.well-known/openid-configuration", json.dumps(document))
        self.web.text("/jwks", json.dumps(keys))
        self.web.pages["/token"] = self._token

    def _token(self, handler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self.forms.append(form | {"authorization": handler.headers.get("Authorization", "")})
        asked, changes = self._codes.pop(form.get("code"), ({}, {}))
        challenge = _challenge(form.get("code_verifier", ""))
        fits = challenge == asked.get("code_challenge")
        if not fits or form["redirect_uri"] != asked["redirect_uri"]:
            send(handler, 400, b'{"error": "invalid_grant"}', {"Content-Type": "application/json"})
            return
        reply = {
            "token_type": "Bearer",
            "access_token": "x",
            "id_token": self.token(asked, changes),
        }
        send(handler, 200, json.dumps(reply).encode(), {"Content-Type": "application/json"})

    def token(self, asked, changes) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT, "sub": "42", "iat": now, "exp": now + 60,
            "nonce": asked.get("nonce"), "name": "Ann Ahl", **changes,
        }  # fmt: skip
        key, algorithm = claims.pop("key", self.key), claims.pop("algorithm", "RS256")
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, key, algorithm, headers={"kid": "one"})


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@contextmanager
def running_issuer() -> Iterator[ScriptedIssuer]:
    """Serve an issuer on a free port until the block ends."""
    with running_web() as web:
        issuer = ScriptedIssuer(web)
        issuer.serve()
        yield issuer
