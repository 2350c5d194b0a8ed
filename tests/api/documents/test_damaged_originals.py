"""A damaged original is never served; the caller is told, and the operator finds it in the log."""

import logging

import pytest

pytestmark = pytest.mark.own_service

TEXT = "The lamp is lit at dusk.\n\nThe log is written in ink."


def original_of(house):
    """Return the path of the only original."""
    (path,) = house.service.settings.data.glob("blobs/??/*")
    return path


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def grow(path):
    path.write_bytes(path.read_bytes() + b"!")


def take_away(path):
    path.unlink()


@pytest.mark.parametrize("damage", [flip, cut, grow, take_away])
def test_a_damaged_original_is_a_problem_and_never_a_200(house, ann, damage, caplog):
    document_id = ann.add(TEXT)
    assert ann.get(f"/v1/documents/{document_id}/content").content.decode() == TEXT
    damage(original_of(house))
    with caplog.at_level(logging.ERROR):
        answer = ann.get(f"/v1/documents/{document_id}/content")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "original-damaged"
    assert TEXT[:8] not in answer.text
    assert "an original file is damaged and was not served" in caplog.messages


def test_a_damaged_original_is_counted(house, ann):
    document_id = ann.add(TEXT)
    flip(original_of(house))
    ann.get(f"/v1/documents/{document_id}/content")
    metrics = house.person("root", role="admin").get("/metrics").text
    assert 'footnote_refusals_total{code="original-damaged"} 1.0' in metrics


def test_somebody_who_may_not_read_it_learns_nothing_of_the_damage(house, ann, bob):
    document_id = ann.add(TEXT)
    flip(original_of(house))
    hidden = bob.get(f"/v1/documents/{document_id}/content")
    missing = bob.get("/v1/documents/doc_000000000000000000000000/content")
    assert (hidden.status_code, hidden.content) == (404, missing.content)
