"""Processes that open one new store at the same moment all find it whole."""

import subprocess
import sys

import pytest

from api.composition.store import open_store
from api.settings import Settings
from index.db.store_settings import setting
from index.embedding.active_model import NAME

PROCESSES = 5

PREAMBLE = """
import sys
from pathlib import Path
from api.composition.store import open_store
from api.settings import Settings
from index.db.alembic_runner import upgrade
from index.embedding.active_model import claim_active
settings = Settings(data=Path(sys.argv[1]), database_url=sys.argv[2] or None, blobs=None)
print("ready", flush=True)
sys.stdin.readline()
"""

START = """
with open_store(settings) as store:
    store.check()
    with store.database.write() as session:
        claim_active(session, "model-1")
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    """URL of a database of PostgreSQL's; none for SQLite in the data folder."""
    return request.getfixturevalue("empty_postgres_url") if request.param == "postgresql" else ""


def all_at_once(folder, url, work):
    """Let several processes do their work at the same moment; return their error messages."""
    command = [sys.executable, "-c", PREAMBLE + work, folder, url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    processes = [subprocess.Popen(command, text=True, **pipes) for _ in range(PROCESSES)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    return [process.communicate(timeout=60)[1] for process in processes if process.wait(60)]


def test_several_processes_start_on_one_new_store_and_claim_its_model(tmp_path, url):
    assert all_at_once(tmp_path, url, START) == []
    settings = Settings(data=tmp_path, database_url=url or None, blobs=None)
    with open_store(settings) as store, store.database.read() as session:
        store.database.check()
        assert setting(session, NAME) == "model-1"
