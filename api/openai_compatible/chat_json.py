"""Answers as chat completions: whole, or chunk by chunk."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.openai_compatible.answer_text import TextLimits
from api.openai_compatible.chat_schemas import ChatRequest
from api.openai_compatible.file_citations import chat_annotation
from api.openai_compatible.reply_forms import form_of
from api.openai_compatible.structured_text import ReplyText, filled_text, reply_text
from api.openai_errors import openai_error
from index.db.tables.base import utc_now

DONE = "data: [DONE]\n\n"
_DETAILS = ("answer_id", "status", "model", "notice", "confidence", "missing", "conflicts")


def chat_limits(body: ChatRequest) -> TextLimits:
    """Return where the caller wants the reply to end."""
    return TextLimits(body.stop_sequences, body.max_completion_tokens or body.max_tokens)


def chat_text(body: ChatRequest) -> ReplyText:
    """Return what takes the answer: sentences, or the form that is asked for.

    Raises:
        ParameterError: the schema is not valid, or asks for what cannot be checked.

    """
    form = form_of(body.response_format, "response_format")
    return reply_text(chat_limits(body), form)


def chat_completion(body: ChatRequest, answer: Mapping[str, Any], base_url: str) -> dict[str, Any]:
    """Return the completion that an answer's JSON becomes."""
    text = filled_text(chat_text(body), answer)
    message = {
        "role": "assistant",
        "content": text.text if text.refusal is None else None,
        "refusal": text.refusal,
        "annotations": [chat_annotation(each, base_url) for each in text.citations],
    }
    choice = {
        "index": 0, "message": message, "finish_reason": text.finish_reason, "logprobs": None,
    }  # fmt: skip
    return {
        **_head(body, "chat.completion"),
        "choices": [choice],
        "usage": chat_usage(answer["usage"]),
        **_tail(answer),
        "metadata": body.metadata,
    }


def chat_usage(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tokens of an answer as a completion names them."""
    prompt, completion = usage["prompt_tokens"], usage["completion_tokens"]
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {
            "cached_tokens": 0, "cache_write_tokens": 0, "audio_tokens": 0, "image_tokens": 0,
            "text_tokens": prompt,
        },
        "completion_tokens_details": {
            "reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0, "text_tokens": completion,
        },
    }  # fmt: skip


def answer_details(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is ours to say of an answer."""
    return {name: answer[name] for name in (*_DETAILS, "snapshot")}


@dataclass(slots=True)
class ChatChunks:
    """Makes the events of a streamed completion out of those of an answer."""

    body: ChatRequest
    base_url: str
    """The service's address, for links to quotes."""
    text: ReplyText = field(init=False)
    _chunk_head: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.text = chat_text(self.body)
        self._chunk_head = _head(self.body, "chat.completion.chunk") | {"service_tier": "default"}

    def opening(self) -> str:
        """Return the first chunk: who speaks."""
        return self._chunk({"role": "assistant", "content": "", "refusal": None})

    def render(self, name: str, data: dict[str, Any]) -> str:
        """Return the chunks of an event of the answer's stream."""
        if name == "sentence":
            return self._piece(self.text.add(data), data["citations"])
        if name == "error":
            return _event(openai_error(data))
        return self._closing(data)

    def _closing(self, answer: Mapping[str, Any]) -> str:
        citation_count = len(self.text.citations)
        rest = self.text.close(answer)
        refusal = self.text.refusal
        chunks = [
            self._piece(rest, self.text.citations[citation_count:]),
            self._chunk({"refusal": refusal}) if refusal else "",
            self._chunk({}, self.text.finish_reason, **_tail(answer)),
        ]
        options = self.body.stream_options
        if options is not None and options.include_usage:
            usage = {"choices": [], "usage": chat_usage(answer["usage"])}
            chunks.append(_event(self._chunk_head | usage))
        return "".join([*chunks, DONE])

    def _piece(self, piece: str, citations: Sequence[Mapping[str, Any]]) -> str:
        if not piece:
            return ""
        annotations = [chat_annotation(each, self.base_url) for each in citations]
        return self._chunk({"content": piece} | ({"annotations": annotations} if citations else {}))

    def _chunk(
        self, delta: Mapping[str, Any], finish_reason: str | None = None, **more: Any
    ) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
        options = self.body.stream_options
        usage = {"usage": None} if options is not None and options.include_usage else {}
        return _event(self._chunk_head | {"choices": [choice]} | usage | more)


def _head(body: ChatRequest, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{secrets.token_hex(12)}",
        "object": kind,
        "created": int(utc_now().timestamp()),
        "model": body.model,
    }


def _tail(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "service_tier": "default",
        "system_fingerprint": f"{answer['model']} {answer['policy']}",
        "footnote": answer_details(answer),
    }


def _event(data: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"
