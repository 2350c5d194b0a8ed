"""A full disk is named as one, to whoever sends something and to whoever asks /readyz."""

import errno
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError

from api.operations.disk_space import LEAST_FREE_BYTES, DiskSpace
from api.problem_details import install
from tests.api.conftest import House


def fail_with(error):
    app = FastAPI()
    install(app)

    @app.post("/x")
    def route():
        raise error

    return TestClient(app, raise_server_exceptions=False).post("/x")


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        OperationalError("insert", {}, Exception("database or disk is full")),
        OperationalError("insert", {}, Exception("could not extend file: No space left on device")),
    ],
)
def test_what_finds_no_room_is_507(error):
    answer = fail_with(error)
    assert (answer.status_code, answer.json()["code"]) == (507, "disk-full")


def test_another_failure_of_the_files_is_no_full_disk():
    assert fail_with(OSError(errno.EIO, "Input/output error")).status_code == 500
    assert fail_with(OperationalError("x", {}, Exception("locked"))).status_code == 503


def test_a_folder_that_cannot_be_asked_has_no_room(tmp_path):
    assert DiskSpace([tmp_path], lambda _: LEAST_FREE_BYTES).has_room
    assert not DiskSpace([tmp_path], lambda _: LEAST_FREE_BYTES - 1).has_room
    assert not DiskSpace([tmp_path, Path("/nowhere/at/all")]).has_room


def test_a_service_on_a_full_disk_is_not_ready_until_there_is_room(tmp_path):
    room = {"bytes": 1 << 40}
    with House(tmp_path / "data", free_bytes=lambda _: room["bytes"]) as house:
        assert house.client.get("/readyz").json()["checks"]["disk"] is True
        room["bytes"] = 1000
        answer = house.client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"]["disk"] is False
        assert "disk" in answer.json()["detail"]
        room["bytes"] = 1 << 40
        assert house.client.get("/readyz").status_code == 200
