"""Machine code on disk is never older than any of the sources it was made from."""

import ast
import importlib.util
import os
import shutil
from pathlib import Path

import pytest

import index.kernels.bm25_kernels
import index.kernels.jit_cache
import index.kernels.vector_kernels
from index.kernels.jit_cache import SOURCES, digest

FOLDER = Path(index.kernels.jit_cache.__file__).parent
ROOT = FOLDER.parents[1]
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
    [
        index.kernels.vector_kernels.nominate_codes,
        index.kernels.bm25_kernels.score_postings,
    ],
)
def test_the_name_of_machine_code_on_disk_carries_the_digest(function):
    name = function._cache._impl.filename_base
    assert name.endswith(f".{digest(FOLDER)}")


def test_every_module_that_numba_sees_is_in_the_digest():
    digests = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if imported(path) & {"numba", "llvmlite", "index.kernels.jit_cache"}:
                digests.add(path.relative_to(ROOT).as_posix())
    assert digests == {f"index/kernels/{name}.py" for name in SOURCES}


def imported(path):
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            names |= {node.module, (node.module or "").split(".")[0]}
        elif isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
    return names


def test_machine_code_is_found_beside_sources_whose_times_have_changed(tmp_path):
    """An image is built by one user, copied, and run by another."""
    path = tmp_path / "twice_module.py"
    path.write_text(
        "from index.kernels.jit_cache import compiled\n"
        "@compiled()\n"
        "def twice(number):\n"
        "    return 2 * number\n"
    )
    first = loaded(path).twice
    assert (first(4), sum(first.stats.cache_hits.values())) == (8, 0)
    os.utime(path, (1, 1))
    second = loaded(path).twice
    assert (second(4), sum(second.stats.cache_hits.values())) == (8, 1)
    beside = str(tmp_path / "__pycache__")
    assert second._cache._shipped._cache_path == beside


def loaded(path):
    specification = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
