"""Images of pages, rendered in a child process from a private copy of the original."""

import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from index.documents import open_content
from index.library import Library
from index.types import Actor
from ingest.errors import NoSuchPageError
from ingest.lifecycle.finding_views import check_original
from ingest.screening.policy import ScreeningPolicy

PARALLEL_PAGES = 2
"""Page images rendered at once: each takes a child process."""


@dataclass(frozen=True, slots=True)
class PageRenderer:
    """Renders a few pages at once."""

    draw: Callable[..., bytes]
    """Returns the PNG of (file, page) at a ``scale``, from a child process."""
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(PARALLEL_PAGES, "pages")
    )

    def render(self, path: Path, page: int, scale: float) -> bytes:
        """Return the PNG of a page of a file."""
        return self.threads.submit(self.draw, path, page, scale=scale).result()

    def close(self) -> None:
        """Render nothing more."""
        self.threads.shutdown(wait=False, cancel_futures=True)


def page_image(
    library: Library,
    policy: ScreeningPolicy,
    renderer: PageRenderer,
    actor: Actor,
    document_id: str,
    page: int,
    *,
    scale: float,
) -> bytes:
    """Return the PNG of a page, counted from 1; ``scale`` 1 is 72 dots an inch.

    Raises:
        NotFoundError: no such document for this actor.
        OriginalWithheldError: the text is masked, which its pages are not.
        NoSuchPageError: the document has no such page.

    """
    document, file = open_content(library, actor.scope, document_id)
    with file, tempfile.TemporaryDirectory(prefix="footnote-") as folder:
        check_original(library, policy, actor, document)
        has_images = document.media_type == "application/pdf"
        if not has_images or document.pages is None or page > document.pages:
            raise NoSuchPageError("The document has no such page.")
        copy = Path(folder) / "original"
        with copy.open("wb") as target:
            shutil.copyfileobj(file, target, 1 << 20)
        return renderer.render(copy, page, scale)
