"""A request to a model as a step of a trace, by OpenTelemetry's conventions for generative AI.

Source: https://github.com/open-telemetry/semantic-conventions-genai, inference span.
"""

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager

from generate.llm.port import Message
from generate.types import Usage
from index.tracing import Attributes, TraceSpan, traced


def traced_chat(model: str, prompt: Sequence[Message]) -> AbstractContextManager[TraceSpan]:
    """Trace the block as one request to a model; the reader of its reply has steps of its own."""
    facts: Attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",  # it speaks that API, whoever runs it
        "gen_ai.request.model": model,
        "gen_ai.request.stream": True,
        "footnote.prompt.messages": len(prompt),
    }
    return traced(f"chat {model}", facts, kind="client", is_current=False)


def note_reply(
    step: TraceSpan,
    prompt: Sequence[Message],
    reply: str,
    *,
    model: str,
    usage: Usage,
    first_token_s: float | None,
) -> None:
    """Say which model replied, how soon and for how many tokens; with content, what was said."""
    step.note(
        {
            "gen_ai.response.model": model,
            "gen_ai.usage.input_tokens": usage.prompt_tokens,
            "gen_ai.usage.output_tokens": usage.completion_tokens,
        }
    )
    if first_token_s is not None:
        step.note({"gen_ai.response.time_to_first_chunk": first_token_s})
    step.note_content("gen_ai.input.messages", lambda: _messages(prompt))
    step.note_content("gen_ai.output.messages", lambda: _messages([Message("assistant", reply)]))


def _messages(messages: Sequence[Message]) -> str:
    return json.dumps(
        [
            {"role": message.role, "parts": [{"type": "text", "content": message.content}]}
            for message in messages
        ],
        ensure_ascii=False,
    )
