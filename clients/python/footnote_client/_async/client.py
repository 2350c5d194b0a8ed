"""The client: ask, search, and the service's resources."""

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Literal, Self

import httpx

from footnote_client._async.answers import AsyncAnswerStream
from footnote_client._async.collections import AsyncCollections
from footnote_client._async.conversations import AsyncConversations
from footnote_client._async.documents import AsyncDocuments
from footnote_client._async.evaluations import AsyncEvaluations
from footnote_client._async.jobs import AsyncJobs
from footnote_client._async.sender import AsyncSender
from footnote_client._async.webhooks import AsyncWebhooks
from footnote_client.models import AnswerView, CallerView, FeedbackView, SearchResponse
from footnote_client.questions import ask_body, search_body
from footnote_client.requests import change, get, reading, recognised, without_none
from footnote_client.retries import Retries
from footnote_client.settings import headers_with, service_url, time_limits

Format = Literal["json", "markdown", "html"]


class AsyncFootnote:
    """A client of one service, as the person whose key it has.

    Use it in a ``with`` block, or call ``close`` in the end: it keeps connections.
    """

    def __init__(
        self,
        base_url: str | None = None,
        key: str | None = None,
        *,
        timeout: float = 120.0,
        retries: int = 2,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        """Prepare a client; nothing is sent yet.

        Args:
            base_url: the service's address; default: ``FOOTNOTE_URL`` of the environment.
            key: an API key or a token; default: ``FOOTNOTE_KEY`` of the environment.
            timeout: seconds of silence after which a request fails.
            retries: how often a request is sent again where that is safe.
            http_client: your own client, for a proxy or certificates; it stays yours to close.

        Raises:
            ValueError: there is no address or no key.

        """
        self._own_http = http_client is None
        self._http = http_client or httpx.AsyncClient()
        self._http.base_url = service_url(base_url)
        self._http.headers.update(headers_with(key))
        if self._own_http:
            self._http.timeout = time_limits(timeout)
        self._sender = AsyncSender(self._http, Retries(retries))
        self.documents = AsyncDocuments(self._sender)
        self.jobs = AsyncJobs(self._sender)
        self.collections = AsyncCollections(self._sender)
        self.conversations = AsyncConversations(self._sender)
        self.evaluations = AsyncEvaluations(self._sender)
        self.webhooks = AsyncWebhooks(self._sender)

    async def ask(
        self,
        question: str,
        *,
        conversation_id: str | None = None,
        filters: Mapping[str, Any] | None = None,
        documents: Iterable[str] | None = None,
        collections: Iterable[str] | None = None,
        format: Format = "json",
        idempotency_key: str | None = None,
    ) -> AnswerView:
        """Return the answer to a question, every sentence cited and checked.

        Args:
            question: in words.
            conversation_id: the conversation whose earlier turns it follows.
            filters: conditions on documents and their attributes.
            documents: ids; only these are searched.
            collections: ids; only documents in them are searched.
            format: other than ``json``: the answer also has ``rendered``, in that format.
            idempotency_key: repeats of one key within a day get one answer; default: a new key.

        """
        body = ask_body(
            question, conversation_id=conversation_id, filters=filters, documents=documents,
            collections=collections, form=format,
        )  # fmt: skip
        response = await self._sender.send(recognised("/v1/ask", body, idempotency_key))
        return AnswerView.model_validate(response.json())

    def ask_stream(
        self,
        question: str,
        *,
        conversation_id: str | None = None,
        filters: Mapping[str, Any] | None = None,
        documents: Iterable[str] | None = None,
        collections: Iterable[str] | None = None,
        format: Format = "json",
        idempotency_key: str | None = None,
    ) -> AsyncAnswerStream:
        """Return the answer as it arrives: a loop over its sentences, each of them checked.

        The arguments are those of ``ask``.
        """
        body = ask_body(
            question, conversation_id=conversation_id, filters=filters, documents=documents,
            collections=collections, form=format,
        )  # fmt: skip
        request = recognised("/v1/ask", {**body, "stream": True}, idempotency_key)
        return AsyncAnswerStream(self._sender, request)

    async def search(
        self,
        query: str,
        *,
        top_k: int = 10,
        filters: Mapping[str, Any] | None = None,
        documents: Iterable[str] | None = None,
        collections: Iterable[str] | None = None,
    ) -> SearchResponse:
        """Return the passages that fit a query best, out of those that you may read."""
        body = search_body(
            query, top_k=top_k, filters=filters, documents=documents, collections=collections
        )
        response = await self._sender.send(reading("/v1/search", body))
        return SearchResponse.model_validate(response.json())

    async def feedback(
        self, answer_id: str, rating: Literal[1, -1], comment: str | None = None
    ) -> FeedbackView:
        """Say whether one of your answers helped."""
        body = without_none({"answer_id": answer_id, "rating": rating, "comment": comment})
        response = await self._sender.send(change("POST", "/v1/feedback", body))
        return FeedbackView.model_validate(response.json())

    async def me(self) -> CallerView:
        """Return who you are here."""
        response = await self._sender.send(get("/v1/me"))
        return CallerView.model_validate(response.json())

    async def aclose(self) -> None:
        """Close the connections, unless the HTTP client is yours."""
        if self._own_http:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
