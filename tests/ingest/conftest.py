"""Fixtures that the tests of parsing share."""

import pytest

from ingest.parse import parse_file


@pytest.fixture
def parse(tmp_path):
    """Read bytes or text as a file of this name."""

    def parse_content(content, name="file.txt"):
        path = tmp_path / "blob"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return parse_file(path, name)

    return parse_content
