"""Deletion receipts, for administrators: what is left of a deleted document, and no content."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from index.library import Library
from index.types import Scope
from ingest.lifecycle.deletion_receipt import deletion_receipt


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """A receipt as it is sent; the counts are those of `DeletionReceipt`."""

    document_id: str
    deleted_at: datetime
    finding: Literal["erased", "pending", "gone", "found"]
    rows: int
    originals: int
    answers: int
    searchable: int
    published: int
    buried: int
    waiting: int


def show_receipt(
    library: Library, tenant: str, document_id: str, *, erase: bool = False
) -> ReceiptView:
    """Look for a deleted document everywhere; with ``erase``, compact the index first.

    Raises:
        NotFoundError: the tenant never deleted a document of that id.

    """
    receipt = deletion_receipt(library, Scope.of(tenant, []), document_id, compact=erase)
    return ReceiptView(finding=receipt.finding, **asdict(receipt))
