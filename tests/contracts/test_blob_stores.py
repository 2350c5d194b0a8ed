"""Both blob stores keep one contract: all or nothing, under names of our own."""

import time

import pytest

from index.errors import NotFoundError
from index.storage.blob_store import FolderBlobs, FsspecBlobs


@pytest.fixture(params=["folder", "fsspec-file", "fsspec-memory"])
def blobs(request, tmp_path):
    if request.param == "folder":
        return FolderBlobs(tmp_path)
    root = f"file://{tmp_path}" if request.param == "fsspec-file" else f"memory://{tmp_path.name}"
    return FsspecBlobs(root)


def test_what_is_put_comes_back(blobs):
    name = blobs.put([b"lamp ", b"oil"])
    with blobs.open(name) as file:
        assert file.read() == b"lamp oil"


def test_equal_bytes_are_two_blobs(blobs):
    assert blobs.put([b"x"]) != blobs.put([b"x"])


def test_a_broken_upload_leaves_nothing(blobs, tmp_path):
    def breaking():
        yield b"half"
        raise OSError("the line went dead")

    with pytest.raises(OSError, match="line went dead"):
        blobs.put(breaking())
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_deleted_blob_is_gone_and_may_be_deleted_again(blobs):
    name = blobs.put([b"x"])
    blobs.delete(name)
    blobs.delete(name)
    with pytest.raises(NotFoundError):
        blobs.open(name)


def test_blobs_are_listed_by_age(blobs):
    name = blobs.put([b"x"])
    assert name in blobs.names()
    assert name in blobs.names(older_than=time.time() + 60)
    assert name not in blobs.names(older_than=time.time() - 60)


def test_what_a_dead_process_had_begun_is_discarded_by_age(tmp_path):
    for blobs in (FolderBlobs(tmp_path), FsspecBlobs(f"file://{tmp_path}")):
        response = blobs.put([b"whole"])
        begun = tmp_path / response[:2] / "0123.part"
        begun.write_bytes(b"half")
        assert blobs.discard_partial(older_than=time.time() - 60) == 0
        assert blobs.discard_partial(older_than=time.time() + 60) == 1
        assert not begun.exists()
        assert response in blobs.names()


@pytest.mark.parametrize("name", ["../secret", "a/b", "", "..", "%2e%2e"])
def test_a_name_that_is_not_ours_is_not_found(blobs, name):
    with pytest.raises(NotFoundError):
        blobs.open(name)
