"""Every route of the OpenAPI description, called with what schemathesis draws from it.

A request fits the description, or breaks it in one place. Whatever comes: no answer is a 5xx, and
its status, its kind and its body are ones that the description names. Nobody, a reader, a tenant's
administrator and an operator ask; every other id that they send is a real one.

``FOOTNOTE_PROOF_EXAMPLES`` is how many requests each person makes at each route.
"""

import os

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.proofs.seed import SEED
from tests.proofs.world import full_world

EXAMPLES = int(os.environ.get("FOOTNOTE_PROOF_EXAMPLES", "1"))
CALLERS = ("anonymous", "member", "administrator", "operator")
RULES = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance,
]  # fmt: skip
_STEP = {"sqlite": 1, "postgresql": 4}
"""Beside all of SQLite, with few requests a fourth of the routes on PostgreSQL: same code."""
ENDLESS = {("GET", "/v1/jobs/{job_id}/events")}
"""A stream that ends with its job, which nobody works on here."""


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_no_request_is_answered_beyond_the_description(backend, tmp_path, request):
    urls = {} if backend == "sqlite" else {"database_url": request.getfixturevalue("postgres_url")}
    with full_world(tmp_path, **urls) as world:
        world.keys["operator"] = world.house.person("olga", role="operator").key
        world.house.client._transport.raise_server_exceptions = False  # an error is a 500 here
        schema = schemathesis.openapi.from_dict(world.house.app.openapi())
        operations = [operation.ok() for operation in schema.get_all_operations()]
        assert len(operations) > 100
        tried = operations[:: _STEP[backend]] if EXAMPLES == 1 else operations
        faults = [fault for operation in tried for fault in _try(world, operation)]
    assert not faults, "\n\n".join(faults)


def _try(world, operation):
    """Return what was wrong with the answers of one route."""
    faults = []
    if (operation.method.upper(), operation.path) in ENDLESS:
        return faults
    sound, broken = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES * len(CALLERS),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=sound | broken, who=st.sampled_from(CALLERS), is_real=st.booleans())
    def ask(case, who, is_real):
        if is_real:
            real = {name: world.ids[name] for name in case.path_parameters if name in world.ids}
            case.path_parameters = {**case.path_parameters, **real}
        fault = _fault(world, case, who)
        if fault:
            faults.append(fault)

    ask()
    return faults


def _header_bytes(value):
    """Return a header's value as it goes over the wire: drawn ones hold any byte."""
    return value if isinstance(value, bytes) else value.encode("latin-1")


def _fault(world, case, who):
    """Return what is wrong with the answer to one request, or ""."""
    kwargs = case.as_transport_kwargs(base_url="http://localhost")
    sent = requests.Request(**kwargs).prepare()
    if key := world.keys.get(who):
        sent.headers["Authorization"] = f"Bearer {key}"
    headers = {name: _header_bytes(value) for name, value in sent.headers.items()}
    response = world.house.client.request(
        sent.method, sent.url, headers=headers, content=sent.body or b""
    )
    try:
        case.validate_response(response, checks=RULES)
    except FailureGroup as faults:
        told = "; ".join(str(fault).replace("\n", " ") for fault in faults.exceptions)
        return f"{who}: {sent.method} {sent.url} -> {response.status_code}: {told}"
    return ""
