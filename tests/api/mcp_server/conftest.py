"""The official client against a whole service, as two people who see different things."""

import pytest

HANDBOOK = "Everybody has 28 days of annual leave. The lamp is lit at dusk."
SALARIES = "The keeper of the lamp earns 900 crowns a month."


@pytest.fixture
def handbook(ann):
    """Return the id of a document that everybody may read."""
    return ann.add(HANDBOOK, filename="handbook.txt", allow=["tenant:all"])


@pytest.fixture
def salaries(ann):
    """Return the id of a document that ann alone may read."""
    return ann.add(SALARIES, filename="salaries.txt", allow=["user:ann"])
