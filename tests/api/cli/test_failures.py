"""A folder that cannot be written is one clear line and an exit code, never a traceback."""

import errno
import io
import os
import subprocess
import sys

import pytest
from sqlalchemy.exc import OperationalError

from api.cli.failures import explain_failure
from api.cli.progress_bar import Bar


@pytest.mark.parametrize(
    "number", [errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT]
)
def test_a_failure_of_files_says_what_to_do(number):
    explanation = explain_failure(OSError(number, os.strerror(number), "/data/x"))
    assert explanation.startswith("/data/x cannot be used: ")
    assert explanation.count(".") == 2


@pytest.mark.parametrize(
    "words",
    [
        "attempt to write a readonly database", "unable to open database file",
        "database or disk is full",
    ],
)  # fmt: skip
def test_a_failure_of_the_database_says_what_to_do(words):
    assert explain_failure(OperationalError("insert", {}, Exception(words))) is not None


def test_a_word_that_is_no_text_is_one_line():
    with pytest.raises(UnicodeEncodeError) as caught:
        "\udcff".encode()  # as the system gives a byte that is no UTF-8
    assert "UTF-8" in explain_failure(caught.value)


def test_a_progress_bar_shows_no_control_characters():
    lines = io.StringIO()
    with Bar(1, lines=lines) as bar:
        bar.tick("\x1b[2J\udcff.txt: no reader")
    assert lines.getvalue() == "\\x1b[2J\\udcff.txt: no reader\n"


def test_a_bug_keeps_its_traceback():
    for error in (
        ValueError("x"),
        OSError(errno.EBADF, "x"),
        OperationalError("s", {}, Exception()),
    ):
        assert explain_failure(error) is None


def test_a_data_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("no folder")
    data = str(tmp_path / "file" / "data")
    process = subprocess.run(
        [sys.executable, "-m", "api.cli", "jobs", "list", "--data", data],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert process.returncode == 1
    assert "Traceback" not in process.stderr
    assert process.stderr.count("\n") == 1
