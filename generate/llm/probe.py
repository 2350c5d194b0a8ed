"""Is a model well? Its server's ``/health``, and one token from its engine, which says more."""

from typing import Literal

import httpx

from generate.llm.registry import ModelSpec

ModelState = Literal["ok", "stuck", "refuses", "down"]
"""``stuck``: the server says that it is well, and its engine does not move."""

_PATIENCE = 5.0


def probe(spec: ModelSpec, key: str | None = None, *, patience_s: float = _PATIENCE) -> ModelState:
    """Ask for one token, then, where none came in ``patience_s``, for the server's own opinion."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    body = {
        "model": spec.served_as or spec.name,
        "messages": [{"role": "user", "content": "1"}],
        spec.answer_tokens_field: 1,
    }
    with httpx.Client(headers=headers, timeout=patience_s) as client:
        try:
            answer = client.post(f"{spec.base}/v1/chat/completions", json=body)
        except httpx.TimeoutException:
            return "stuck" if _claims_to_be_well(client, spec) else "down"
        except (httpx.HTTPError, httpx.InvalidURL):
            return "down"
    if answer.is_server_error or (answer.is_success and not _is_completion(answer)):
        return "down"
    return "ok" if answer.is_success else "refuses"


def _is_completion(answer: httpx.Response) -> bool:
    """Tell a model's answer from what a proxy or another server says with 200."""
    try:
        body = answer.json()
    except ValueError:
        return False
    return isinstance(body, dict) and bool(body.get("choices"))


def _claims_to_be_well(client: httpx.Client, spec: ModelSpec) -> bool:
    try:
        return client.get(f"{spec.base}/health").is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
