"""Keeps the slices of a scope's classes in a view, so that they are computed once."""

import threading
from collections import OrderedDict
from collections.abc import Callable

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
        self._narrowed: OrderedDict[tuple[int, str], tuple[list[Slice], list[Slice]]] = (
            OrderedDict()
        )

    def clear(self) -> None:
        """Forget every view, so that none keeps rows in memory that are erased."""
        with self._lock:
            self._begin(None)

    def slices(self, view: IndexView, classes: Int64) -> list[Slice]:
        """Return ``view.slices(classes)``."""
        key = id(classes)
        with self._lock:
            if view is not self._view:  # an older view would keep its segments in memory
                self._begin(view)
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

    def narrowed(
        self, slices: list[Slice], filters: str, narrow: Callable[[], list[Slice]]
    ) -> list[Slice]:
        """Return what ``narrow`` makes of slices that this cache has given, for these filters.

        A document's fields change with an entry in the change log, and with that the view: in one
        view the same filters match the same rows.
        """
        key = id(slices), filters
        with self._lock:
            entry = self._narrowed.get(key)
            if entry is not None and entry[0] is slices:
                self._narrowed.move_to_end(key)
                return entry[1]
        narrowed_slices = narrow()
        with self._lock:
            if any(slices is of_view for _, of_view in self._entries.values()):
                self._narrowed[key] = slices, narrowed_slices
            while len(self._narrowed) > REMEMBERED:
                self._narrowed.popitem(last=False)
        return narrowed_slices

    def _begin(self, view: IndexView | None) -> None:
        """Forget what belongs to the view before; the caller has the lock."""
        self._view, self._entries, self._narrowed = view, OrderedDict(), OrderedDict()
