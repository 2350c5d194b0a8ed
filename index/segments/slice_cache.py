"""Remembered slices: the ranges of a scope's classes in a view, found once."""

import threading
from collections import OrderedDict

from index.kernels.vector_kernels import Int64
from index.segments.memory_index import IndexView
from index.segments.row_ranges import Slice

REMEMBERED = 256


class SliceCache:
    """The newest view's slices by the very arrays of classes they were made for.

    An array from ``ScopeCache`` is never altered, and an entry holds on to it, so its identity
    cannot come to mean something else while the entry lives.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._view: IndexView | None = None
        self._entries: OrderedDict[int, tuple[Int64, list[Slice]]] = OrderedDict()

    def slices(self, view: IndexView, classes: Int64) -> list[Slice]:
        """Return ``view.slices(classes)``."""
        key = id(classes)
        with self._lock:
            if view is not self._view:  # an older view would keep its segments in memory
                self._view, self._entries = view, OrderedDict()
            found = self._entries.get(key)
        if found is not None:
            return found[1]
        made = view.slices(classes)
        with self._lock:
            if view is self._view:
                self._entries[key] = classes, made
            while len(self._entries) > REMEMBERED:
                self._entries.popitem(last=False)
        return made
