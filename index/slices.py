"""Remembered slices: the ranges of a scope's classes in a view, found once."""

import threading
from collections import OrderedDict

from index.kernels import Int64
from index.live import View
from index.ranges import Slice

REMEMBERED = 256


class SliceCache:
    """The last views' slices by the very arrays of classes they were made for.

    Both a view and an array from ``ScopeCache`` are never altered, and an entry holds on to both,
    so their identities cannot come to mean something else while the entry lives.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: OrderedDict[tuple[int, int], tuple[View, Int64, list[Slice]]] = OrderedDict()

    def slices(self, view: View, classes: Int64) -> list[Slice]:
        """Return ``view.slices(classes)``."""
        key = id(view), id(classes)
        with self._lock:
            found = self._entries.get(key)
        if found is not None:
            return found[2]
        made = view.slices(classes)
        with self._lock:
            self._entries[key] = view, classes, made
            while len(self._entries) > REMEMBERED:
                self._entries.popitem(last=False)
        return made
