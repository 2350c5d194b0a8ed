"""TAR archives and packed files: what is in them, and what they may cost."""

import bz2
import gzip
import io
import lzma
import tarfile

import pytest

from ingest.errors import ParseLimitError, UnsupportedTypeError
from ingest.parse import parse_file

PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


def tar(members, *, links=()):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        for name in links:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(entry)
    return stream.getvalue()


@pytest.fixture
def read(tmp_path):
    def run(content, name):
        path = tmp_path / "upload"
        path.write_bytes(content)
        return parse_file(path, name)

    return run


MEMBERS = {
    "station/log.txt": b"The log is written in black ink.",
    "../up.md": b"# Fog\n\nTwo blasts.",
}


def test_members_stand_under_their_names_and_links_are_none(read):
    document = read(tar(MEMBERS, links=["shadow"]), "station.tar")
    headings = [document.text[b.start : b.end] for b in document.blocks if b.kind == "heading"]
    assert headings == ["station/log.txt", "../up.md", "Fog"]
    assert "black ink" in document.text
    assert (document.title, document.media_type) == ("station", "application/x-tar")


@pytest.mark.parametrize("kind", PACKERS)
def test_a_packed_file_is_read_under_its_own_name(read, kind):
    document = read(PACKERS[kind](b"The boat comes at noon."), f"boat.txt.{kind}")
    assert document.text == "boat.txt\n\nThe boat comes at noon."


@pytest.mark.parametrize(("kind", "ending"), [("gz", "tgz"), ("bz2", "tar.bz2"), ("xz", "txz")])
def test_a_packed_tar_archive_has_its_members(read, kind, ending):
    document = read(PACKERS[kind](tar(MEMBERS)), f"station.{ending}")
    assert "station/log.txt" in document.text
    assert "Two blasts." in document.text


def test_an_archive_that_breaks_off_keeps_what_came_before_with_a_warning(read):
    whole = tar({"a.txt": b"Whole.", "b.txt": b"x" * 2_000})
    document = read(whole[: 512 * 3 + 100], "cut.tar")
    assert "Whole." in document.text
    assert document.warnings


@pytest.mark.parametrize("kind", PACKERS)
def test_what_unpacks_to_far_more_is_refused_before_it_is_unpacked(read, kind):
    with pytest.raises(ParseLimitError, match="200 times"):
        read(PACKERS[kind](bytes(30_000_000)), f"zeros.{kind}")


@pytest.mark.parametrize("kind", PACKERS)
def test_damage_and_noise_are_refused_with_a_reason(read, kind):
    packed = PACKERS[kind](b"The boat comes at noon." * 50)
    with pytest.raises(UnsupportedTypeError, match="Pack it again"):
        read(packed[: len(packed) // 2], f"boat.txt.{kind}")
    with pytest.raises(UnsupportedTypeError, match="Nothing in this archive can be read"):
        read(PACKERS[kind](bytes(range(256))), f"noise.{kind}")


def test_archives_in_archives_in_archives_are_refused(read):
    inner = gzip.compress(gzip.compress(gzip.compress(b"deep")))
    with pytest.raises(UnsupportedTypeError, match="nested too deeply"):
        read(inner, "deep.gz")


def test_too_many_members_are_refused(read):
    with pytest.raises(ParseLimitError, match="1,000 files"):
        read(tar({f"{number}.txt": b"x" for number in range(1_001)}), "many.tar")
