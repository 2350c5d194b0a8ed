"""Conversations: earlier turns are understood."""

from collections.abc import Mapping, Sequence

from footnote_client._sync.sender import Sender
from footnote_client.models import ConversationDetail, ConversationList, ConversationView
from footnote_client.requests import change, get, without_none


class Conversations:
    """Your conversations."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def create(
        self, title: str = "", *, metadata: Mapping[str, str] | None = None
    ) -> ConversationView:
        """Start a conversation; ask with its id."""
        body = without_none(
            {
                "title": title,
                "metadata": None if metadata is None else dict(metadata),
            }
        )
        response = self._sender.send(change("POST", "/v1/conversations", body))
        return ConversationView.model_validate(response.json())

    def list(self, *, limit: int = 100) -> Sequence[ConversationView]:
        """Return your conversations, newest first."""
        response = self._sender.send(get("/v1/conversations", limit=limit))
        return ConversationList.model_validate(response.json()).items

    def get(self, conversation_id: str) -> ConversationDetail:
        """Return a conversation with its turns, oldest first."""
        response = self._sender.send(get(f"/v1/conversations/{conversation_id}"))
        return ConversationDetail.model_validate(response.json())

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation and its answers."""
        self._sender.send(change("DELETE", f"/v1/conversations/{conversation_id}"))
