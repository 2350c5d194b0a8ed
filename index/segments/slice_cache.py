"""Keeps the slices of a scope's classes in a view, so that they are computed once."""

import threading
from collections import OrderedDict

from index.kernels.vector_kernels import Int64
from index.segments.memory_index import IndexView
from index.segments.row_ranges import Slice

REMEMBERED = 256


class SliceCache:
    """The newest view's slices, by the identity of the array of classes.

    An array from ``ScopeCache`` never changes, and an entry keeps it alive. So its identity
    cannot come to name another array while the entry lives.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._view: IndexView | None = None
        self._entries: OrderedDict[int, tuple[Int64, list[Slice]]] = OrderedDict()

    def clear(self) -> None:
        """Forget every view, so that none keeps rows in memory that are erased."""
        with self._lock:
            self._view, self._entries = None, OrderedDict()

    def slices(self, view: IndexView, classes: Int64) -> list[Slice]:
        """Return ``view.slices(classes)``."""
        key = id(classes)
        with self._lock:
            if view is not self._view:  # an older view would keep its segments in memory
                self._view, self._entries = view, OrderedDict()
            entry = self._entries.get(key)
        if entry is not None:
            return entry[1]
        slices = view.slices(classes)
        with self._lock:
            if view is self._view:
                self._entries[key] = classes, slices
            while len(self._entries) > REMEMBERED:
                self._entries.popitem(last=False)
        return slices
