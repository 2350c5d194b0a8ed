"""Machine code on disk is never older than any of the sources it was made from."""

import ast
import os
import shutil
from pathlib import Path

import pytest

import index.bert_kernels
import index.compiled
import index.kernels
import index.postings
from index.compiled import SOURCES, digest

FOLDER = Path(index.compiled.__file__).parent
PACKAGES = ("ingest", "index", "retrieve", "generate", "evaluate", "api")


@pytest.mark.parametrize("name", SOURCES)
def test_a_change_of_one_letter_in_any_source_names_all_machine_code_anew(name, tmp_path):
    for source in SOURCES:
        shutil.copy2(FOLDER / f"{source}.py", tmp_path)
    assert digest(tmp_path) == digest(FOLDER)
    path = tmp_path / f"{name}.py"
    before = path.stat()
    path.write_bytes(path.read_bytes()[:-2] + b"#\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert digest(tmp_path) != digest(FOLDER)


@pytest.mark.parametrize(
    "function",
    [index.kernels.nominate_codes, index.postings.score_postings, index.bert_kernels.attend],
)
def test_the_name_of_machine_code_on_disk_carries_the_digest(function):
    name = function._cache._impl.filename_base
    assert name.endswith(f".{digest(FOLDER)}")


def test_every_module_that_numba_sees_is_in_the_digest():
    found = set()
    for package in PACKAGES:
        for path in (FOLDER.parent / package).rglob("*.py"):
            if imported(path) & {"numba", "llvmlite", "index.compiled"}:
                found.add(f"{package}.{path.stem}")
    assert found == {f"index.{name}" for name in SOURCES}


def imported(path):
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            names |= {node.module, (node.module or "").split(".")[0]}
        elif isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
    return names
