"""An answer that arrives sentence by sentence."""

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from footnote_client._async.sender import AsyncSender
from footnote_client.errors import UnreachableError
from footnote_client.events import AnswerCollector, CheckedSentence
from footnote_client.models import AnswerView
from footnote_client.requests import Request
from footnote_client.streams import AsyncStream, aclosing


class AsyncAnswerStream:
    """Yields each sentence once it is checked; ``answer`` is the whole answer in the end.

    Use it in a ``with`` block, which closes the connection also where the loop is left early:
    then the service stops writing.
    """

    def __init__(self, sender: AsyncSender, request: Request) -> None:
        self._collector = AnswerCollector()
        self._sentences = self._iterate(sender, request)

    @property
    def answer(self) -> AnswerView:
        """The whole answer.

        Raises:
            ValueError: the stream has not ended yet.

        """
        if self._collector.answer is None:
            raise ValueError("The answer is whole when the loop over its sentences has ended.")
        return self._collector.answer

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __aiter__(self) -> AsyncIterator[CheckedSentence]:
        return self._sentences

    async def aclose(self) -> None:
        """Close the connection."""
        await self._sentences.aclose()

    async def _iterate(self, sender: AsyncSender, request: Request) -> AsyncStream[CheckedSentence]:
        async with aclosing(sender.events(request)) as events:
            async for event in events:
                sentence = self._collector.take(event)
                if sentence is not None:
                    yield sentence
        if self._collector.answer is None:
            raise UnreachableError("The connection broke before the answer was whole.")
