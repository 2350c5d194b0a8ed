"""Nothing is fetched at run time: parsing and embedding work while any connection fails."""

import json
import subprocess
import sys

import pytest

from tests.house.sources import ROOT

pytestmark = pytest.mark.integration

PROGRAM = """
import json, sys
from pathlib import Path

def refuse(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}:
        print("reached for the network:", event, arguments[1:], file=sys.stderr)
        raise SystemExit(9)

sys.addaudithook(refuse)

from index.embedding.onnx_embedder import OnnxEmbedder
from ingest.parse import parse_file

found = {}
for name in sys.argv[1:]:
    parsed = parse_file(Path(name), Path(name).name)
    found[Path(name).suffix] = len(parsed.text)
found["vector"] = OnnxEmbedder.bundled(threads=1).embed(["The lamp is lit."]).shape[1]
print(json.dumps(found))
"""


def run(*arguments, program=PROGRAM):
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_every_sample_format_is_read_and_embedded_without_a_connection():
    names = [
        path
        for path in sorted((ROOT / "samples").iterdir())
        if path.is_file() and path.suffix not in {".py", ".json"}
    ]
    result = run(*names)
    assert result.returncode == 0, result.stderr[-2000:]
    found = json.loads(result.stdout.splitlines()[-1])
    assert found.pop("vector") == 384
    assert set(found) == {".md", ".html", ".txt", ".docx", ".pdf"}
    assert min(found.values()) > 100


def test_the_check_notices_a_connection():
    program = (
        PROGRAM.partition("from index")[0]
        + "import socket\nsocket.create_connection(('127.0.0.1', 9))"
    )
    assert run(program=program).returncode == 9
