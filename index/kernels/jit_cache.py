"""How inner loops are compiled, and machine code that is never older than what it was made from.

numba remembers machine code on disk and looks, to see whether it still holds, at the file of the
function alone. Ours call one another across files and are compiled into each other, so each one's
name on disk carries a digest of all of their sources: a change in any of them, even one that
leaves a file's time and size as they were, compiles them all again.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import njit
from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile

F = TypeVar("F", bound=Callable[..., Any])

SOURCES = ("bm25_kernels", "dot_products", "jit_cache", "vector_kernels")
"""The modules whose code ends up in compiled functions."""


def digest(folder: Path) -> str:
    """Return a digest of the sources in a folder, short enough for a file's name."""
    whole = hashlib.sha256()
    for name in SOURCES:
        text = (folder / f"{name}.py").read_bytes()
        whole.update(len(text).to_bytes(8, "big") + text)
    return whole.hexdigest()[:12]


_DIGEST = digest(Path(__file__).parent)


class _NamedCacheImpl(CompileResultCacheImpl):
    def get_filename_base(self, fullname: str, abiflags: str) -> str:
        """Return numba's name with the digest."""
        plain = super().get_filename_base(fullname, abiflags)  # type: ignore[no-untyped-call]
        return f"{plain}.{_DIGEST}"


class _Cache(FunctionCache):
    """Looks where numba does, and beside the sources, even where nothing can be written there.

    An image is made by one user and run by another, and copying changes the times of files. The
    digest in the name says all that numba reads from the time of a source.
    """

    _impl_class = _NamedCacheImpl

    def __init__(self, py_func: Callable[..., Any]) -> None:
        super().__init__(py_func)  # type: ignore[no-untyped-call]
        name = self._impl.filename_base
        beside = str(Path(py_func.__code__.co_filename).parent / "__pycache__")
        self._cache_file = IndexDataCacheFile(self._cache_path, name, _DIGEST)  # type: ignore[no-untyped-call]
        self._shipped = IndexDataCacheFile(beside, name, _DIGEST)  # type: ignore[no-untyped-call]

    def _load_overload(self, sig: Any, target_context: Any) -> Any:
        overload = super()._load_overload(sig, target_context)  # type: ignore[no-untyped-call]
        if overload is not None or not self._enabled:
            return overload
        key = self._index_key(sig, target_context.codegen())  # type: ignore[no-untyped-call]
        data = self._shipped.load(key)  # type: ignore[no-untyped-call]
        return None if data is None else self._impl.rebuild(target_context, data)


def compiled(**options: Any) -> Callable[[F], F]:
    """Compile a function when it is first called, without the GIL; remember it on disk.

    The cache is put in place as ``njit(cache=True)`` does it: numba has no public way to name it.
    """

    def compile_one(function: F) -> F:
        dispatcher = njit(nogil=True, **options)(function)
        dispatcher._cache = _Cache(function)  # noqa: SLF001
        cached: F = dispatcher
        return cached

    return compile_one
