"""Responses as OpenAI's API has them: what was asked, how far it is, and what was answered."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from api.openai_compatible.chat_json import answer_details
from api.openai_compatible.file_citations import file_citation
from api.openai_compatible.reply_forms import ReplyForm, form_of
from api.openai_compatible.response_schemas import ResponseRequest, TextOptions
from api.openai_compatible.structured_text import ReplyText
from index.db.tables.base import utc_now

FORMAT = ("text", "format")
"""The parameter that asks for a form."""

ResponseState = Literal["queued", "in_progress", "completed", "incomplete", "failed", "cancelled"]


_NOT_OFFERED: dict[str, Any] = {
    "access_programs": None,
    "image": None,
    "input_transformations": [],
    "moderation": None,
    "prompt": None,
    "prompt_cache_diagnostics": None,
    "tool_usage": {
        "image_gen": {
            "input_tokens": 0,
            "input_tokens_details": {"image_tokens": 0, "text_tokens": 0},
            "output_tokens": 0,
            "total_tokens": 0,
        },
        "web_search": {"num_requests": 0},
    },
}
"""The fields of things that this service never does."""


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """A response's id, and what it repeats of its request."""

    id: str
    echo: dict[str, Any]
    question: str
    """As it may be shown and kept."""
    created_at: datetime = field(default_factory=utc_now)

    @property
    def message_id(self) -> str:
        """The id of the message that answers."""
        return self.id.replace("resp_", "msg_", 1)

    @property
    def search_id(self) -> str:
        """The id of the search's record."""
        return self.id.replace("resp_", "fs_", 1)

    @property
    def form(self) -> ReplyForm | None:
        """The form of the reply, where it is not text."""
        return form_of(TextOptions.model_validate(self.echo["text"]).format, *FORMAT)

    @property
    def has_search(self) -> bool:
        """Whether a file search was asked for, so that its record is a part of the output."""
        return bool(self.echo["tools"])


@dataclass(frozen=True, slots=True)
class ResponseOutcome:
    """How far a response is."""

    state: ResponseState = "in_progress"
    output: Sequence[Mapping[str, Any]] = ()
    answer: Mapping[str, Any] | None = None
    completed_at: datetime | None = None
    error: Mapping[str, Any] | None = None


def new_response_id() -> str:
    """Return an id that no response has."""
    return f"resp_{secrets.token_hex(12)}"


def request_echo(body: ResponseRequest) -> dict[str, Any]:
    """Return what a response repeats of its request."""
    text, reasoning = body.text, body.reasoning
    conversation_id = body.conversation_id
    return {
        "background": bool(body.background),
        "conversation": {"id": conversation_id} if conversation_id else None,
        "instructions": body.instructions,
        "max_output_tokens": body.max_output_tokens,
        "max_tool_calls": body.max_tool_calls,
        "metadata": body.metadata or {},
        "model": body.model,
        "parallel_tool_calls": body.parallel_tool_calls is not False,
        "previous_response_id": body.previous_response_id,
        "prompt_cache_key": body.prompt_cache_key,
        "prompt_cache_options": _given(body.prompt_cache_options),
        "prompt_cache_retention": body.prompt_cache_retention,
        "reasoning": _given(reasoning) or {"effort": None, "summary": None},
        "safety_identifier": body.safety_identifier,
        "service_tier": "default",
        "store": body.store is not False,
        "temperature": body.temperature,
        "text": {
            "format": _format(text),
            "verbosity": (text.verbosity if text else None) or "medium",
        },
        "tool_choice": _tool_choice(body),
        "tools": [tool.model_dump(exclude_none=True) for tool in body.tools or []],
        "top_logprobs": 0,
        "top_p": body.top_p,
        "truncation": body.truncation or "disabled",
        "user": body.user,
    }


def response_json(head: ResponseHead, outcome: ResponseOutcome) -> dict[str, Any]:
    """Return a response."""
    answer, completed_at = outcome.answer, outcome.completed_at
    is_short = outcome.state == "incomplete"
    return {
        "id": head.id,
        "object": "response",
        "created_at": int(head.created_at.timestamp()),
        "completed_at": int(completed_at.timestamp()) if completed_at else None,
        "status": outcome.state,
        "error": outcome.error,
        "incomplete_details": {"reason": "max_output_tokens"} if is_short else None,
        "output": list(outcome.output),
        "usage": response_usage(answer["usage"]) if answer else None,
        "footnote": answer_details(answer) if answer else None,
        **_NOT_OFFERED,
        **head.echo,
    }


def response_usage(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tokens of an answer as a response names them."""
    prompt, completion = usage["prompt_tokens"], usage["completion_tokens"]
    return {
        "input_tokens": prompt,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": completion,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": prompt + completion,
    }


def search_item(
    head: ResponseHead, status: str, results: Sequence[Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """Return the record of the search."""
    shown_results = None if results is None else list(results)
    return {
        "id": head.search_id, "type": "file_search_call", "status": status,
        "queries": [head.question], "results": shown_results,
    }  # fmt: skip


def message_item(
    head: ResponseHead, status: str, content: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the message that answers."""
    return {
        "id": head.message_id, "type": "message", "role": "assistant", "status": status,
        "phase": "final_answer", "content": list(content),
    }  # fmt: skip


def text_part(text: ReplyText) -> dict[str, Any]:
    """Return a reply's text with its citations, or why there is none."""
    if text.refusal is not None:
        return {"type": "refusal", "refusal": text.refusal}
    annotations = [file_citation(citation) for citation in text.citations]
    return {"type": "output_text", "text": text.text, "annotations": annotations, "logprobs": []}


def _format(text: TextOptions | None) -> dict[str, Any]:
    if text is None or text.format is None:
        return {"type": "text"}
    return text.format.model_dump(by_alias=True, exclude_none=True)


def _tool_choice(body: ResponseRequest) -> Any:
    choice = body.tool_choice or "auto"
    return choice if isinstance(choice, str) else choice.model_dump()


def _given(options: BaseModel | None) -> dict[str, Any] | None:
    return None if options is None else options.model_dump(exclude_none=True)
