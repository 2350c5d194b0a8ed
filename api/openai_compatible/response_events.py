"""The events of a response, in order and numbered; the same response has the same events again.

They are a function of the request and the answer. So a stream that broke off is resumed from what
is stored: the same events are made once more and get the same numbers.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api.openai_compatible.answer_text import TextLimits, released_events
from api.openai_compatible.file_citations import file_citation
from api.openai_compatible.response_json import (
    ResponseHead,
    ResponseOutcome,
    ResponseState,
    message_item,
    response_json,
    search_item,
    text_part,
)
from api.openai_compatible.structured_text import ReplyText, reply_text
from index.db.tables.base import utc_now

ResponseEvent = dict[str, Any]
_EMPTY_PART = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
_EMPTY_REFUSAL = {"type": "refusal", "refusal": ""}


@dataclass(slots=True)
class ResponseEvents:
    """Makes the events of a response out of those of an answer."""

    head: ResponseHead
    results: Sequence[Mapping[str, Any]] | None = None
    """The search's results, where they are to be shown; set before the first sentence comes."""
    text: ReplyText = field(init=False)
    _number: int = 0
    _has_message: bool = False

    def __post_init__(self) -> None:
        limits = TextLimits(most_tokens=self.head.echo["max_output_tokens"])
        self.text = reply_text(limits, self.head.form)

    def opening(self) -> list[ResponseEvent]:
        """Return the events before the answer."""
        if self.head.echo["background"]:
            events = [self._of_response("created", "queued"), self._of_response("queued", "queued")]
        else:
            events = [self._of_response("created", "in_progress")]
        events.append(self._of_response("in_progress", "in_progress"))
        if self.head.has_search:
            item = search_item(self.head, "in_progress")
            events.append(self._event("output_item.added", output_index=0, item=item))
            events += [self._of_search("in_progress"), self._of_search("searching")]
        return events

    def take(self, name: str, data: Mapping[str, Any]) -> list[ResponseEvent]:
        """Return the events that follow from one of the answer's stream."""
        if name == "sentence":
            if not self.text.is_streamed:
                return []
            return [*self._begun(), *self._piece(self.text.add(data), data["citations"])]
        if name == "error":
            return [self.failure(data["detail"])]
        return self._closing(data, utc_now())

    def replay(self, answer: Mapping[str, Any], completed_at: datetime) -> list[ResponseEvent]:
        """Return all events of a response whose answer is stored."""
        events = self.opening()
        for sentence in released_events(answer):
            events += self.take("sentence", sentence)
        return [*events, *self._closing(answer, completed_at)]

    def failure(self, message: str, state: ResponseState = "failed") -> ResponseEvent:
        """Return the last event of a response without an answer."""
        error = {"code": "server_error", "message": message}
        return self._of_response("failed", state, error=error)

    def _closing(self, answer: Mapping[str, Any], completed_at: datetime) -> list[ResponseEvent]:
        citation_count = len(self.text.citations)
        rest = self.text.close(answer)
        events = [*self._begun(), *self._piece(rest, self.text.citations[citation_count:])]
        part = text_part(self.text)
        is_short = self.text.finish_reason == "length"
        item = message_item(self.head, "incomplete" if is_short else "completed", [part])
        place = self._place | {"item_id": self.head.message_id}
        state: ResponseState = "incomplete" if is_short else "completed"
        events += [
            *self._ending(place),
            self._event("content_part.done", **place, part=part),
            self._event("output_item.done", output_index=place["output_index"], item=item),
            self._of_response(
                state, state, output=[*self._searched(), item], answer=answer,
                completed_at=completed_at,
            ),
        ]  # fmt: skip
        return events

    def _begun(self) -> list[ResponseEvent]:
        """Return the events between the search and the first word, once."""
        if self._has_message:
            return []
        self._has_message, events = True, []
        if self.head.has_search:
            [item] = self._searched()
            events.append(self._of_search("completed"))
            events.append(self._event("output_item.done", output_index=0, item=item))
        index = self._place["output_index"]
        item = message_item(self.head, "in_progress", [])
        events.append(self._event("output_item.added", output_index=index, item=item))
        place = self._place | {"item_id": self.head.message_id}
        part = _EMPTY_PART if self.text.refusal is None else _EMPTY_REFUSAL
        events.append(self._event("content_part.added", **place, part=part))
        return events

    def _ending(self, place: Mapping[str, Any]) -> list[ResponseEvent]:
        """Return the events at the end of a text; a refusal comes whole."""
        refusal = self.text.refusal
        if refusal is None:
            return [self._event("output_text.done", **place, text=self.text.text, logprobs=[])]
        return [
            self._event("refusal.delta", **place, delta=refusal),
            self._event("refusal.done", **place, refusal=refusal),
        ]

    def _piece(self, piece: str, citations: Sequence[Mapping[str, Any]]) -> list[ResponseEvent]:
        if not piece:
            return []
        place = self._place | {"item_id": self.head.message_id}
        first = len(self.text.citations) - len(citations)
        events = [self._event("output_text.delta", **place, delta=piece, logprobs=[])]
        events += [
            self._event(
                "output_text.annotation.added", **place, annotation_index=number,
                annotation=file_citation(citation),
            )
            for number, citation in enumerate(citations, first)
        ]  # fmt: skip
        return events

    @property
    def _place(self) -> dict[str, int]:
        return {"output_index": int(self.head.has_search), "content_index": 0}

    def _searched(self) -> list[dict[str, Any]]:
        return [search_item(self.head, "completed", self.results)] if self.head.has_search else []

    def _of_search(self, step: str) -> ResponseEvent:
        return self._event(f"file_search_call.{step}", output_index=0, item_id=self.head.search_id)

    def _of_response(self, name: str, state: ResponseState, **outcome: Any) -> ResponseEvent:
        response = response_json(self.head, ResponseOutcome(state, **outcome))
        return self._event(name, response=response)

    def _event(self, name: str, **fields: Any) -> ResponseEvent:
        event = {"type": f"response.{name}", "sequence_number": self._number, **fields}
        self._number += 1
        return event


def events_text(events: Iterable[ResponseEvent]) -> str:
    """Return events as they are sent."""
    return "".join(
        f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"
        for event in events
    )
