"""Idle and half-open connections keep nobody out, however many there are.

More of them: ``FOOTNOTE_PROOF_CONNECTIONS=2000 pytest tests/proofs/test_front_door.py``.
"""

import os
import resource
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fakes.http_server import REQUEST, is_answered, serving

CONNECTIONS = int(os.environ.get("FOOTNOTE_PROOF_CONNECTIONS", "300"))
PEOPLE = 20


@pytest.fixture(autouse=True)
def enough_files():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_while_connections_idle_everybody_who_asks_is_answered():
    limits = {"idle": 128, "idle_of_address": 64, "header_seconds": 600}
    with serving(**limits) as connect, ThreadPoolExecutor(PEOPLE) as pool:
        starts = (b"", b"GET /x HTTP/1.1\r\n", REQUEST)
        for number in range(CONNECTIONS):
            connect(starts[number % len(starts)])
            if number % (CONNECTIONS // 5) == 0:
                answers = pool.map(lambda _: is_answered(connect(REQUEST)), range(PEOPLE))
                assert all(answers), number
