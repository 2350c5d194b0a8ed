"""The doctor says what is there, what is missing, and how to get it."""

import socket
import sqlite3
from importlib.util import find_spec

import pytest

from api.operations.doctor import CheckResult, describe, examine, is_healthy
from api.settings import Settings
from index.db.database import Database
from tests.fakes.embedder import FakeEmbedder


def settings(tmp_path, **changes):
    return Settings(**{"data": tmp_path / "data", **changes})


def about(findings, part):
    return [finding for finding in findings if finding.part == part]


def test_a_new_installation_is_healthy_and_nothing_is_made_by_looking(tmp_path):
    findings = examine(settings(tmp_path))
    assert is_healthy(findings)
    assert not (tmp_path / "data").exists()
    assert about(findings, "torch")[0].state == "ok"


def test_a_database_of_another_version_is_an_error_that_names_the_remedy(tmp_path):
    (tmp_path / "data").mkdir()
    sqlite3.connect(tmp_path / "data" / "footnote.db").execute(
        "create table t (x)"
    ).connection.close()
    findings = examine(settings(tmp_path))
    assert not is_healthy(findings)
    assert "--migrate" in about(findings, "database")[0].remedy


def test_a_database_that_is_there_is_checked_and_its_warnings_are_told(tmp_path):
    database = Database.in_folder(tmp_path / "data")
    database.create()
    check_results = about(examine(settings(tmp_path)), "database")
    assert check_results[0].state == "ok"
    assert [finding.detail for finding in check_results[1:]] == database.warnings()
    database.engine.dispose()


def test_a_postgresql_that_cannot_be_reached_is_an_error_without_its_password(tmp_path):
    url = "postgresql+psycopg://footnote:hunter2@127.0.0.1:1/footnote?connect_timeout=2"
    findings = examine(settings(tmp_path, database_url=url))
    assert about(findings, "database")[0].state == "error"
    assert "hunter2" not in describe(findings)


def test_a_model_server_that_is_down_is_a_warning_because_answers_are_quoted_then(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    findings = examine(settings(tmp_path, model_url=f"http://127.0.0.1:{port}/v1"))
    assert about(findings, "answering model")[0].state == "warning"
    assert is_healthy(findings)


def test_an_embedding_model_that_is_not_there_is_an_error(tmp_path):
    findings = examine(settings(tmp_path, embedding_model=str(tmp_path / "nowhere")))
    assert not is_healthy(findings)
    assert "FOOTNOTE_EMBEDDING_MODEL" in about(findings, "embedding model")[0].remedy


def test_a_driver_that_the_configuration_needs_is_an_error_where_it_is_missing(tmp_path):
    installed = find_spec("s3fs") is not None
    check_results = examine(settings(tmp_path, blobs="s3://bucket/originals"))
    assert about(check_results, "s3fs")[0].state == ("ok" if installed else "error")
    optional = examine(settings(tmp_path))
    assert about(optional, "s3fs")[0].state == ("ok" if installed else "absent")


def test_remedies_stand_below_what_they_remedy():
    text = describe(
        [CheckResult("a", "ok", "fine", "unused"), CheckResult("b", "error", "bad", "Do this.")]
    )
    assert text.splitlines()[0].startswith("ok")
    assert text.splitlines()[1].startswith("ERROR")
    assert text.splitlines()[2].strip() == "Do this."
    assert "unused" not in text


def test_each_layer_of_the_parsing_sandbox_is_shown_and_the_proof(tmp_path):
    check_results = about(examine(settings(tmp_path)), "parsing sandbox")
    details = " ".join(finding.detail for finding in check_results)
    for layer in ("limits", "descriptors", "network", "capabilities", "landlock", "seccomp"):
        assert layer in details
    proved = check_results[-1]
    assert proved.detail.startswith("proved") or "FOOTNOTE_ALLOW_WEAK_SANDBOX" in proved.remedy


def test_the_doctor_tries_the_wall_of_the_chosen_search_and_the_service_uses_it(tmp_path):
    from api.composition.store import open_library, open_store

    check_result = about(examine(settings(tmp_path, dense="faiss")), "dense search")[0]
    assert (check_result.state, check_result.detail) == ("ok", "faiss, forbidden rows stay hidden")
    faiss_settings = settings(tmp_path, dense="faiss")
    library = open_library(faiss_settings, open_store(faiss_settings), FakeEmbedder())
    assert library.nominator.name == "faiss"


def test_a_gpu_that_is_not_there_is_an_error_that_names_the_remedy(tmp_path):
    import faiss

    if hasattr(faiss, "StandardGpuResources"):
        pytest.skip("this FAISS has a GPU part, so there may be a GPU")
    check_result = about(examine(settings(tmp_path, dense="gpu")), "dense search")[0]
    assert check_result.state == "error"
    assert "FOOTNOTE_DENSE" in check_result.remedy
