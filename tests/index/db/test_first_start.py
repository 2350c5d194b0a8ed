"""Processes that open one new store at the same moment all find it whole."""

import subprocess
import sys

import pytest

from index.db.database import Database
from index.db.store_settings import setting
from index.embedding.active_model import NAME

PROCESSES = 3

PREAMBLE = """
import sys
from index.db.alembic_runner import upgrade
from index.db.database import Database
from index.embedding.active_model import claim_active
database = Database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
"""

CLAIM = """
with database.write() as session:
    claim_active(session, "model-1")
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "postgresql":
        return request.getfixturevalue("empty_postgres_url")
    return f"sqlite:///{tmp_path / 'footnote.db'}"


def all_at_once(url, work):
    """Let several processes do their work at the same moment; return their error messages."""
    command = [sys.executable, "-c", PREAMBLE + work, url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    processes = [subprocess.Popen(command, text=True, **pipes) for _ in range(PROCESSES)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    return [process.communicate(timeout=60)[1] for process in processes if process.wait(60)]


def test_several_processes_make_one_new_store(url):
    assert all_at_once(url, "database.create()") == []
    database = Database(url)
    database.check()
    database.engine.dispose()


def test_the_first_workers_of_a_store_claim_its_model_together(url):
    database = Database(url)
    database.create()
    assert all_at_once(url, CLAIM) == []
    with database.read() as session:
        assert setting(session, NAME) == "model-1"
    database.engine.dispose()
