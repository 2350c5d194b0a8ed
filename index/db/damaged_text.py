"""Compares a text that is read from the database with the digest that was written with it."""

import logging

from index.db.row_seals import text_digest
from index.errors import TextDamagedError

log = logging.getLogger(__name__)


def check_text(text: str, digest: bytes | None) -> str:
    """Return the text, which has been compared with its digest; one without a digest passes.

    Raises:
        TextDamagedError: it is another text than the one that was written.

    """
    if digest is not None and text_digest(text) != digest:
        log.error("a text in the database is damaged and was not served")
        raise TextDamagedError(
            "A stored text is damaged, so it is not served. Ask the operator to run "
            "`footnote verify`, and to read the document in again or to restore a backup."
        )
    return text
