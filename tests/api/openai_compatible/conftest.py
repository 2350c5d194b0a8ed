"""The official client against a whole service, as two people who see different things."""

import pytest
from openai import OpenAI

HANDBOOK = "Everybody has 28 days of annual leave. The lamp is lit at dusk."
SALARIES = "The keeper of the lamp earns 900 crowns a month."


@pytest.fixture
def client_of():
    """Return the official client of a person."""
    return lambda person: OpenAI(
        api_key=person.key,
        base_url="http://localhost/v1",
        http_client=person.client,
        max_retries=0,
    )


@pytest.fixture
def handbook(ann):
    """Return the id of a document that everybody may read."""
    return ann.add(HANDBOOK, filename="handbook.txt", allow=["tenant:all"])


@pytest.fixture
def salaries(ann):
    """Return the id of a document that ann alone may read."""
    return ann.add(SALARIES, filename="salaries.txt", allow=["user:ann"])


@pytest.fixture
def ann_client(client_of, ann):
    return client_of(ann)


@pytest.fixture
def bob_client(client_of, bob):
    return client_of(bob)
