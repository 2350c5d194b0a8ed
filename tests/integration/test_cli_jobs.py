"""`footnote jobs`, `admin queue` and `admin reingest`, on a folder and on a running service."""

import json

import pytest

from api.cli import main
from tests.e2e.service import running_service

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make a store with a note that was read and a program that could not be."""
    folder = tmp_path_factory.mktemp("cli-jobs")
    (folder / "note.txt").write_text("The boat comes on Tuesdays at noon.")
    (folder / "tool.bin").write_bytes(b"\x7fELF\x02\x01\x01" + bytes(64))
    files = [str(folder / name) for name in ("note.txt", "tool.bin")]
    assert main(["ingest", *files, "--priority", "high", "--data", str(folder / "data")]) == 3
    return folder


@pytest.fixture
def told(folder, capsys):
    def run(*arguments, code=0):
        capsys.readouterr()
        assert main([*arguments, "--json", "--data", str(folder / "data")]) == code
        return json.loads(capsys.readouterr().out)

    return run


def test_ones_own_jobs_are_listed_and_shown_stage_by_stage(told):
    jobs = told("jobs", "list")["jobs"]
    assert [job["state"] for job in jobs] == ["failed", "succeeded"]
    assert {job["priority"] for job in jobs} == {"high"}
    shown = told("jobs", "show", jobs[1]["job_id"])
    assert [stage["state"] for stage in shown["stages"]] == ["done"] * 4
    assert told("jobs", "list", "--as", "user:bob") == {"jobs": []}


def test_a_failed_job_is_queued_again_paused_and_cancelled(told):
    (letter,) = told("admin", "queue", "failed")["failed"]
    assert letter["code"] == "unsupported-type"
    assert told("admin", "queue", "pause", "--reason", "audit")["pause"]["reason"] == "audit"
    assert told("admin", "queue", "requeue")["job_ids"] == [letter["job_id"]]
    assert told("admin", "queue", "show")["queued"] == 1
    assert told("jobs", "cancel", letter["job_id"])["state"] == "cancelled"
    assert told("jobs", "retry", letter["job_id"])["state"] == "queued"
    assert told("jobs", "cancel", letter["job_id"])["state"] == "cancelled"
    assert told("admin", "queue", "resume")["pause"] is None
    assert told("admin", "queue", "pause", "--everybody")["whole_queue_paused"]
    assert not told("admin", "queue", "resume", "--everybody")["whole_queue_paused"]


def test_documents_are_read_anew(told):
    assert told("admin", "reingest") == {"queued": 0, "waiting": 0, "current": 1, "failed": 0}
    again = told("admin", "reingest", "--everything")
    assert (again["queued"], again["failed"]) == (1, 0)
    assert told("search", "boat")["passages"]


def test_the_same_commands_speak_to_a_running_service(folder, told, tmp_path, capsys):
    with running_service(tmp_path) as service:
        admin = ["--server", service.url, "--key", service.key("ann", role="admin"), "--json"]

        def there(*arguments):
            capsys.readouterr()
            assert main([*arguments, *admin]) in {0, 3}
            return json.loads(capsys.readouterr().out)

        there("ingest", str(folder / "note.txt"), str(folder / "tool.bin"))
        jobs = there("jobs", "list", "--state", "failed")["jobs"]
        assert [job["code"] for job in jobs] == ["unsupported-type"]
        assert there("jobs", "show", jobs[0]["job_id"])["stages"][0]["state"] == "stopped"
        assert there("admin", "queue", "pause")["pause"]["paused_by"] == "user:ann"
        assert there("admin", "queue", "requeue", jobs[0]["job_id"])["job_ids"]
        assert there("jobs", "cancel", jobs[0]["job_id"])["state"] == "cancelled"
        assert there("admin", "queue", "resume")["pause"] is None
        assert there("admin", "queue", "failed")["failed"] == []
        assert there("admin", "reingest", "--everything")["queued"] == 1
