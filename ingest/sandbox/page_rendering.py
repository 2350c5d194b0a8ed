"""Draw a page of a PDF as a PNG image, in this process."""

import io
from pathlib import Path

from ingest.errors import NoSuchPageError, ParseLimitError
from ingest.parse import media_type as detect
from ingest.parse.pdf.pdf import MEDIA_TYPE, open_pdf

_MOST_PIXELS = 40_000_000


def render_page(path: Path, page: int, *, scale: float = 2.0) -> bytes:
    """Draw one page of a PDF as PNG, in this process.

    ``page`` counts from 1; ``scale`` is pixels for each point (1/72 inch). A service calls
    ``SandboxedParser.render_page``, which does the same in a child.

    Raises:
        NoSuchPageError: there is no such page, or the format has none.
        ParseLimitError: the image would be too large.
        EncryptedDocumentError, BrokenDocumentError: pdfium cannot open the file.

    """
    if detect.detect(path.read_bytes(), path.name) != MEDIA_TYPE:
        raise NoSuchPageError("Only PDF documents have page images.")
    with open_pdf(path) as document:
        if not 1 <= page <= len(document):
            raise NoSuchPageError(f"There is no page {page}; the document has {len(document)}.")
        leaf = document[page - 1]
        try:
            width, height = leaf.get_size()
            if width * height * scale * scale > _MOST_PIXELS:
                raise ParseLimitError("The page is too large to draw. Open the original instead.")
            bitmap = leaf.render(scale=scale)
            image = bitmap.to_pil()
            out = io.BytesIO()
            image.convert("RGB").save(out, "PNG")
            bitmap.close()
        finally:
            leaf.close()
    return out.getvalue()
