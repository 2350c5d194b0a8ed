"""Signatures of what is sent to webhooks.

Source: the Standard Webhooks specification, https://www.standardwebhooks.com
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from secrets import token_bytes

PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """Return a secret as the specification writes it."""
    return PREFIX + base64.b64encode(token_bytes(_BYTES)).decode()


def signed_headers(
    secrets: Sequence[str], message_id: str, sent_at: datetime, body: bytes
) -> dict[str, str]:
    """Return the headers of a message: its id, the time of this attempt, one signature a secret."""
    timestamp = str(int(sent_at.timestamp()))
    content = b".".join((message_id.encode(), timestamp.encode(), body))
    return {
        "Webhook-Id": message_id,
        "Webhook-Timestamp": timestamp,
        "Webhook-Signature": " ".join(_signature(secret, content) for secret in secrets),
    }


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, content, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
