"""Images of pages, rendered in a child process from a private copy of the original."""

import shutil
import tempfile
from pathlib import Path

from api.service import Service
from index.catalog import open_content
from index.types import Scope
from ingest.errors import NoSuchPageError


def page_image(service: Service, scope: Scope, document_id: str, page: int, scale: float) -> bytes:
    """Return the PNG of a page, counted from 1; ``scale`` 1 is 72 dots an inch.

    Raises:
        NotFoundError: no such document for this scope.
        NoSuchPageError: the document has no such page.

    """
    document, file = open_content(service.library, scope, document_id)
    with file, tempfile.TemporaryDirectory(prefix="footnote-") as folder:
        if document.pages is None or page > document.pages:
            raise NoSuchPageError("The document has no such page.")
        copy = Path(folder) / "original"
        with copy.open("wb") as target:
            shutil.copyfileobj(file, target, 1 << 20)
        draw = service.parts.sandbox.render_page
        return service.pages.submit(draw, copy, page, scale=scale).result()
