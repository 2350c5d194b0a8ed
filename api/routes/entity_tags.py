"""``ETag``, ``If-Match`` and ``If-None-Match``: which state a caller has seen, and changes.

Source: https://www.rfc-editor.org/rfc/rfc9110#section-13
"""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Response

from api.openapi.problems import Responses
from index.entity_tags import ANY_STATE, Precondition, entity_tag

NOT_MODIFIED: Responses = {304: {"description": "Unchanged since the state in `If-None-Match`."}}

_IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=1000,
        description="The `ETag` of the state that the change is meant for; another one: 412.",
    ),
]
_IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        max_length=1000,
        description="The `ETag` of the state that you have; where it is that of now: 304.",
    ),
]


@dataclass(frozen=True, slots=True)
class TaggedAnswer:
    """An answer that names the state it shows."""

    response: Response
    if_none_match: str | None

    def answer(self, view: Any, state: Any = None) -> Any:
        """Return a view with the tag of ``state`` (by default its own), or 304 without a body."""
        tag = entity_tag(view if state is None else state)
        if self._has(tag):
            return Response(status_code=304, headers={"ETag": tag})
        self.response.headers["ETag"] = tag
        return view

    def _has(self, tag: str) -> bool:
        tags = [] if self.if_none_match is None else self.if_none_match.split(",")
        return any(value.strip().removeprefix("W/") in {tag, ANY_STATE} for value in tags)


async def current_precondition(if_match: _IfMatch = None) -> Precondition:
    """Return the states that the request is meant for."""
    return Precondition.of(if_match)


async def current_tagged(response: Response, if_none_match: _IfNoneMatch = None) -> TaggedAnswer:
    """Return what sends an answer with its tag."""
    return TaggedAnswer(response, if_none_match)


async def changed_tagged(response: Response) -> TaggedAnswer:
    """Return what sends the new state after a change with its tag."""
    return TaggedAnswer(response, None)


CurrentPrecondition = Annotated[Precondition, Depends(current_precondition)]
CurrentTagged = Annotated[TaggedAnswer, Depends(current_tagged)]
ChangedTagged = Annotated[TaggedAnswer, Depends(changed_tagged)]
