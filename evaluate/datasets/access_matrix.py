"""Which principals may read which documents of a corpus."""

from collections.abc import Iterable, Mapping

from evaluate.datasets.schema import CorpusDocument
from index.types import AccessList

Matrix = Mapping[str, AccessList]
"""Each document's access list, by the corpus' id."""


def access_matrix(corpus: Iterable[CorpusDocument]) -> dict[str, AccessList]:
    """Return who may read what, as the data set says."""
    return {document.id: AccessList.of(document.allow, document.deny) for document in corpus}
