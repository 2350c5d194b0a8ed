"""Stored files belong to the service's user; no other user of the machine reads them."""

import os
import subprocess
import sys

import pytest

from api.cli import main
from api.operations.doctor import examine
from api.settings import Settings


@pytest.fixture(autouse=True)
def usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_a_command_makes_files_that_only_its_user_reads(tmp_path):
    data = tmp_path / "data"
    subprocess.run(
        [sys.executable, "-m", "api.cli", "admin", "key", "create", "--user", "ann",
         "--data", str(data)],
        check=True, capture_output=True,
    )  # fmt: skip
    paths = [data, *data.rglob("*")]
    assert len(paths) > 1
    assert [path for path in paths if path.stat().st_mode & 0o077] == []


def test_the_doctor_warns_of_a_data_folder_that_others_may_read(tmp_path):
    settings = Settings(data=tmp_path / "data", blobs=None, database_url=None)
    main(["admin", "key", "create", "--user", "ann", "--data", str(settings.data)])

    def warnings():
        check_results = examine(settings)
        return [f for f in check_results if f.part == "data folder" and f.state == "warning"]

    assert warnings() == []
    settings.data.chmod(0o755)
    (settings.data / "footnote.db").chmod(0o644)
    (warning,) = warnings()
    assert "footnote.db" in warning.detail
    assert "chmod" in warning.remedy
