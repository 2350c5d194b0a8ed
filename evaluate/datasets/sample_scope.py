"""The scope that a sample is asked in."""

from evaluate.datasets.schema import Sample
from index.types import DEFAULT_TENANT, Scope


def scope_of(sample: Sample) -> Scope:
    """Return who asks a sample's question: its principals, and everybody's."""
    return Scope.of(DEFAULT_TENANT, sample.principals)
