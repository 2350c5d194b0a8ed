"""Images of pages, rendered in a child process from a private copy of the original."""

import shutil
import tempfile
from pathlib import Path

from api.service import Service
from index.documents import open_content
from index.types import Actor
from ingest.errors import NoSuchPageError
from ingest.lifecycle.finding_views import check_original


def page_image(service: Service, actor: Actor, document_id: str, page: int, scale: float) -> bytes:
    """Return the PNG of a page, counted from 1; ``scale`` 1 is 72 dots an inch.

    Raises:
        NotFoundError: no such document for this actor.
        OriginalWithheldError: the text is masked, which its pages are not.
        NoSuchPageError: the document has no such page.

    """
    document, file = open_content(service.library, actor.scope, document_id)
    with file, tempfile.TemporaryDirectory(prefix="footnote-") as folder:
        check_original(service.library, service.parts.screening.policy, actor, document)
        if document.pages is None or page > document.pages:
            raise NoSuchPageError("The document has no such page.")
        copy = Path(folder) / "original"
        with copy.open("wb") as target:
            shutil.copyfileobj(file, target, 1 << 20)
        draw = service.parts.sandbox.render_page
        return service.pages.submit(draw, copy, page, scale=scale).result()
