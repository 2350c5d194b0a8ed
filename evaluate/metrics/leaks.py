"""Count the documents that an answer shows and that its asker may not read.

Counted from the access lists in the data set, by the rule itself, not by the code that searches:
a hole in that code is what it looks for.
"""

from collections.abc import Iterable

from evaluate.datasets.access_matrix import Matrix
from evaluate.metrics.score import Score
from index.types import Scope


def leaks(documents: Iterable[str], scope: Scope, matrix: Matrix) -> Score:
    """Count the documents that were cited or retrieved and that the scope may not read."""
    hidden_documents = sorted(
        key for key in set(documents) if key in matrix and not matrix[key].admits(scope)
    )
    if not hidden_documents:
        return Score(0.0, "nothing hidden was shown")
    return Score(float(len(hidden_documents)), f"the asker may not read {hidden_documents[0]!r}")
