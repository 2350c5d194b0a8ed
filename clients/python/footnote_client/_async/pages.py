"""Long lists, page by page."""

from typing import Any, Protocol, TypeVar

from footnote_client._async.sender import AsyncSender
from footnote_client.requests import get
from footnote_client.streams import AsyncStream

Item = TypeVar("Item")


class Page(Protocol[Item]):
    """A part of a list, and where the next one begins."""

    @property
    def items(self) -> list[Item]:
        """The items of this page."""
        ...

    @property
    def next(self) -> str | None:
        """The id to go on after; none on the last page."""
        ...


class PageModel(Protocol[Item]):
    """The model of a page."""

    def model_validate(self, obj: Any, /) -> Page[Item]:
        """Return the page that JSON describes."""
        ...


async def iterate(
    sender: AsyncSender,
    path: str,
    model: PageModel[Item],
    page_size: int,
    **filters: Any,
) -> AsyncStream[Item]:
    """Yield every item of a list; a page is asked for when the one before is used up."""
    after: str | None = None
    while True:
        response = await sender.send(get(path, limit=page_size, after=after, **filters))
        page = model.model_validate(response.json())
        for item in page.items:
            yield item
        after = page.next
        if not after:
            return
