"""Small lints on the syntax tree; each says which trouble it prevents."""

import ast
import re
from functools import cache

import pytest

from index.db.row_seals import sealed_tables
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
    violations = [
        f"{source.path}:{node.lineno}"
        for source in sources()
        for node in source.nodes(ast.Attribute)
        if node.attr in {"environ", "getenv", "environb"} and source.path not in SEES_ENVIRONMENT
    ]
    assert violations == []


def test_only_the_database_commits():
    """Prevents half a change: a second commit inside one use case becomes visible on its own."""
    violations = [
        f"{source.path}:{node.lineno}"
        for source in sources()
        for node in source.nodes(ast.Call)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    data = [line for line in violations if not line.startswith(MIGRATIONS)]
    assert len(data) == 1
    assert data[0].startswith("index/db/database.py:")


def test_nobody_changes_a_sealed_column_beside_the_mapper():
    """Prevents a row that looks damaged: the mapper alone writes the seal with the change."""
    sealed = {kind.__name__: kind for kind in sealed_tables()}
    violations, allowed = [], set()
    for source in sources():
        for node in source.nodes(ast.Call):
            kind, columns = bulk_update(node)
            if kind in sealed and columns <= set(sealed[kind].UNSEALED):
                allowed.add((source.path, node.lineno))
        violations += [
            f"{source.path}:{node.lineno}"
            for node in source.nodes(ast.Call)
            if is_update(node) and node.args[0].id in sealed
            and (source.path, node.lineno) not in allowed
        ]  # fmt: skip
    assert violations == []


def is_update(node):
    is_named = isinstance(node.func, ast.Name) and node.func.id == "update"
    return is_named and bool(node.args) and isinstance(node.args[0], ast.Name)


def bulk_update(node):
    """Return the table and the columns of ``update(Table).where(...).values(...)``."""
    if not (isinstance(node.func, ast.Attribute) and node.func.attr == "values"):
        return None, set()
    columns, below = {word.arg for word in node.keywords}, node.func.value
    while isinstance(below, ast.Call) and isinstance(below.func, ast.Attribute):
        below = below.func.value
    is_bulk = isinstance(below, ast.Call) and is_update(below)
    return (below.args[0].id, columns) if is_bulk else (None, set())


def test_only_composition_imports_concrete_adapters():
    """Prevents a stage that cannot be tested or configured without its vendor."""
    violations = [
        f"{source.path}:{node.lineno} {alias.name}"
        for source in sources()
        for node in source.nodes(ast.ImportFrom)
        for alias in node.names
        if alias.name in ADAPTERS and not source.path.startswith("api/composition/")
    ]
    assert violations == []


def test_no_module_imports_anothers_private_name():
    """Prevents a change inside one module that breaks another one far away."""
    violations = [
        f"{source.path}:{node.lineno} {node.module}.{alias.name}"
        for source in sources()
        for node in source.nodes(ast.ImportFrom)
        for alias in node.names
        if (node.module or "").split(".")[0] in PACKAGES
        and any(name.startswith("_") for name in (*(node.module or "").split("."), alias.name))
    ]
    assert violations == []


def test_every_first_party_import_names_a_file_and_something_in_it():
    """Prevents a test or benchmark outside the suite that a move breaks and nobody notices."""
    violations = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.module}.{alias.name}"
        for path in tracked_files()
        if path.suffix == ".py" and path.exists()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and not node.level
        if (node.module or "").split(".")[0] in {*PACKAGES, "tests", "benchmarks", "scripts"}
        for alias in node.names
        if not is_there(node.module, alias.name)
    ]
    assert violations == []


def is_there(module, name):
    """Tell whether a module of this repository has a name, or a module of that name in it."""
    folder = ROOT.joinpath(*module.split("."))
    if (folder / f"{name}.py").exists() or (folder / name).is_dir() or name == "*":
        return True
    file = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    return file.exists() and name in names_of(file)


@cache
def names_of(file):
    """Return the names that a module binds, at any depth."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.Name(ctx=ast.Store()):
                names.add(node.id)
            case ast.Import() | ast.ImportFrom():
                names |= {alias.asname or alias.name for alias in node.names}
    return names


def test_only_one_module_chooses_the_copy_of_sqlite():
    """Prevents damage: a process with two copies of SQLite loses its locks on a shared file."""
    violations = [
        f"{source.path}:{node.lineno}"
        for source in sources()
        for node in source.nodes(ast.Import)
        for alias in node.names
        if alias.name in {"sqlite3", "pysqlite3"} and source.path != "index/db/sqlite_driver.py"
    ]
    assert violations == []


def test_no_error_hides_behind_a_broad_except():
    """Prevents a failure that nobody hears of: a broad except needs its reason in the line."""
    violations = []
    for source in sources():
        lines = (ROOT / source.path).read_text().splitlines()
        for node in source.nodes(ast.ExceptHandler):
            caught_name = getattr(node.type, "id", None)
            broad = node.type is None or caught_name in {"Exception", "BaseException"}
            if broad and "#" not in lines[node.lineno - 1]:
                violations.append(f"{source.path}:{node.lineno}")
    assert violations == []


def test_nothing_is_connected_or_opened_while_modules_are_imported():
    """Prevents a second engine or client that no test can replace and no shutdown closes."""
    makers = {"create_engine", "Client", "AsyncClient", "Database", "Library", "FastAPI"}
    violations = [
        f"{source.path}:{node.lineno}"
        for source in sources()
        for node in source.tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", getattr(node.value.func, "attr", "")) in makers
    ]
    assert violations == []


def test_protocols_have_at_most_three_methods():
    """Prevents ports that no second implementation can be written for in an afternoon."""
    violations = []
    for source in sources():
        for node in source.nodes(ast.ClassDef):
            if any(getattr(base, "id", "") == "Protocol" for base in node.bases):
                methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
                if len(methods) > 3:
                    violations.append(f"{source.path}:{node.lineno} {node.name}")
    assert violations == []


def test_bodies_and_files_stay_short():
    """Prevents functions that nobody reads to their end."""
    long = []
    for source in sources():
        lines = (ROOT / source.path).read_text().count("\n")
        if lines > 500:
            long.append(f"{source.path}: {lines} lines")
        if source.path.startswith(MIGRATIONS):
            continue
        for node in source.nodes(ast.FunctionDef):
            size = node.body[-1].end_lineno - node.body[0].lineno + 1
            if size > 70:
                long.append(f"{source.path}:{node.lineno} {node.name}: {size} lines")
    assert long == []


def test_no_file_names_somebodys_machine():
    """Prevents a build that works in one place: no absolute paths of a workplace in the tree."""
    foreign = re.compile(
        rb"(?<![\w.])/(work|home|Users)/\w|(?<![\w.])/tmp/w\b|/opt/pypi|/opt/wheels"
    )
    violations = []
    for path in tracked_files():
        if path.is_file() and path.suffix not in {".pdf", ".docx", ".png"}:
            hits = {hit.group() for hit in foreign.finditer(path.read_bytes())}
            if hits and path.name != "test_lints.py":
                violations.append((path.relative_to(ROOT).as_posix(), hits))
    assert violations == []


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_says_what_it_is_for(package):
    """Prevents a seventh purpose that slips into one of six packages."""
    tree = ast.parse((ROOT / package / "__init__.py").read_text())
    assert ast.get_docstring(tree)


def test_no_docstring_begins_with_what():
    """Prevents a first line that names neither what is returned nor what is done."""
    violations = [
        f"{source.path}:{node.lineno}"
        for source in sources()
        for node in source.nodes(ast.Expr)
        if isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        and re.match(r"\s*What\b", node.value.value)
    ]
    assert violations == []


GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
PARTICIPLES = frozenset(
    re.findall(r"`(\w+)`", GLOSSARY.partition("never a bare participle")[2].partition(")")[0])
)
"""Words of the glossary that no variable is called: they do not say what it holds."""
CONTRACTS = {
    ("api/evaluations/run_store.py", "done"): "a field of a run's JSON",
    ("ingest/queue/jobs.py", "done"): "a field of a job's JSON",
    ("ingest/queue/progress.py", "done"): "the same field, as a stage reports it",
    ("index/db/tables/evaluations.py", "done"): "a column",
    ("index/db/tables/jobs.py", "done"): "a column",
    ("index/db/tables/reviews.py", "asked"): "a column",
    ("index/access/explain.py", "held"): "a field of the JSON that explains access",
    ("evaluate/datasets/recorded_outputs.py", "refused"): "a field of recorded outputs",
    ("evaluate/runners/retrieval.py", "refused"): "a field of the journal of a run",
    ("evaluate/scoring/comparison.py", "lost"): "a field of a report's JSON",
}
"""Names that a participle keeps, since something outside the code reads them, and why."""


def test_no_variable_is_a_bare_participle():
    """Prevents names such as ``found``: the reader must look elsewhere for what they hold."""
    bare = {
        (source.path, name)
        for source in sources()
        for node in (*source.nodes(ast.Name), *source.nodes(ast.arg))
        if isinstance(node, ast.arg) or isinstance(node.ctx, ast.Store)
        if (name := node.arg if isinstance(node, ast.arg) else node.id) in PARTICIPLES
    }
    assert "found" in PARTICIPLES
    assert bare == set(CONTRACTS)


def test_no_two_classes_share_a_name():
    """Prevents a reader who follows a name to the wrong class of two."""
    paths: dict[str, list[str]] = {}
    for source in sources():
        for node in source.nodes(ast.ClassDef):
            paths.setdefault(node.name, []).append(source.path)
    assert {name: files for name, files in paths.items() if len(files) > 1} == {}
