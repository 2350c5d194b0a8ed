"""Small lints on the syntax tree; each says which trouble it prevents."""

import ast
import re

import pytest

from tests.house.sources import PACKAGES, ROOT, sources, tracked_files

ADAPTERS = {
    "FolderBlobs", "FsspecBlobs", "OnnxEmbedder", "SentenceTransformerEmbedder", "RemoteEmbedder",
    "SandboxedParser", "CrossEncoderReranker", "OpenAIModel", "FaissScan", "GpuScan",
}  # fmt: skip


SEES_ENVIRONMENT = {
    "api/settings.py",
    # It turns unstructured's telemetry off; it sets, and never reads.
    "ingest/parse/common/unstructured_adapter.py",
}

MIGRATIONS = "index/db/migrations/"
"""Schema, written by a tool: one commit of its own, and one long body for each revision."""


def test_only_the_settings_module_reads_the_environment():
    """Prevents a setting that no documentation names and no test can set."""
    found = [
        f"{source.path}:{node.lineno}"
        for source in sources()
        for node in source.places(ast.Attribute)
        if node.attr in {"environ", "getenv", "environb"} and source.path not in SEES_ENVIRONMENT
    ]
    assert found == []


def test_only_the_database_commits():
    """Prevents half a change: a second commit inside one use case becomes visible on its own."""
    found = [
        f"{source.path}:{node.lineno}"
        for source in sources()
        for node in source.places(ast.Call)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    data = [place for place in found if not place.startswith(MIGRATIONS)]
    assert len(data) == 1
    assert data[0].startswith("index/db/database.py:")


def test_only_composition_imports_concrete_adapters():
    """Prevents a stage that cannot be tested or configured without its vendor."""
    found = [
        f"{source.path}:{node.lineno} {alias.name}"
        for source in sources()
        for node in source.places(ast.ImportFrom)
        for alias in node.names
        if alias.name in ADAPTERS and not source.path.startswith("api/composition/")
    ]
    assert found == []


def test_no_module_imports_anothers_private_name():
    """Prevents a change inside one module that breaks another one far away."""
    found = [
        f"{source.path}:{node.lineno} {node.module}.{alias.name}"
        for source in sources()
        for node in source.places(ast.ImportFrom)
        for alias in node.names
        if (node.module or "").split(".")[0] in PACKAGES
        and any(name.startswith("_") for name in (*(node.module or "").split("."), alias.name))
    ]
    assert found == []


def test_only_one_module_chooses_the_copy_of_sqlite():
    """Prevents damage: a process with two copies of SQLite loses its locks on a shared file."""
    found = [
        f"{source.path}:{node.lineno}"
        for source in sources()
        for node in source.places(ast.Import)
        for alias in node.names
        if alias.name in {"sqlite3", "pysqlite3"} and source.path != "index/db/sqlite_driver.py"
    ]
    assert found == []


def test_no_error_hides_behind_a_broad_except():
    """Prevents a failure that nobody hears of: a broad except needs its reason in the line."""
    found = []
    for source in sources():
        lines = (ROOT / source.path).read_text().splitlines()
        for node in source.places(ast.ExceptHandler):
            caught = getattr(node.type, "id", None)
            broad = node.type is None or caught in {"Exception", "BaseException"}
            if broad and "#" not in lines[node.lineno - 1]:
                found.append(f"{source.path}:{node.lineno}")
    assert found == []


def test_nothing_is_connected_or_opened_while_modules_are_imported():
    """Prevents a second engine or client that no test can replace and no shutdown closes."""
    makers = {"create_engine", "Client", "AsyncClient", "Database", "Library", "FastAPI"}
    found = [
        f"{source.path}:{node.lineno}"
        for source in sources()
        for node in source.tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", getattr(node.value.func, "attr", "")) in makers
    ]
    assert found == []


def test_protocols_have_at_most_three_methods():
    """Prevents ports that no second implementation can be written for in an afternoon."""
    found = []
    for source in sources():
        for node in source.places(ast.ClassDef):
            if any(getattr(base, "id", "") == "Protocol" for base in node.bases):
                methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
                if len(methods) > 3:
                    found.append(f"{source.path}:{node.lineno} {node.name}")
    assert found == []


def test_bodies_and_files_stay_short():
    """Prevents functions that nobody reads to their end."""
    long = []
    for source in sources():
        lines = (ROOT / source.path).read_text().count("\n")
        if lines > 500:
            long.append(f"{source.path}: {lines} lines")
        if source.path.startswith(MIGRATIONS):
            continue
        for node in source.places(ast.FunctionDef):
            size = node.body[-1].end_lineno - node.body[0].lineno + 1
            if size > 70:
                long.append(f"{source.path}:{node.lineno} {node.name}: {size} lines")
    assert long == []


def test_no_file_names_somebodys_machine():
    """Prevents a build that works in one place: no absolute paths of a workplace in the tree."""
    foreign = re.compile(
        rb"(?<![\w.])/(work|home|Users)/\w|(?<![\w.])/tmp/w\b|/opt/pypi|/opt/wheels"
    )
    found = []
    for path in tracked_files():
        if path.is_file() and path.suffix not in {".pdf", ".docx", ".png"}:
            hits = {hit.group() for hit in foreign.finditer(path.read_bytes())}
            if hits and path.name != "test_lints.py":
                found.append((path.relative_to(ROOT).as_posix(), hits))
    assert found == []


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_says_what_it_is_for(package):
    """Prevents a seventh purpose that slips into one of six packages."""
    tree = ast.parse((ROOT / package / "__init__.py").read_text())
    assert ast.get_docstring(tree)
