"""Connections without a request: the oldest are closed when there are too many.

Whoever opens connections and sends nothing closes the door to nobody: a new connection is always
taken, and one that has waited longest makes room for it.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

Close = Callable[[], None]


@dataclass
class IdleConnections:
    """The connections that wait for a request, oldest first. One event loop uses it."""

    most: int
    """In all."""
    most_of_address: int
    """From one address; 0: as many as in all."""
    _by_address: dict[str, OrderedDict[object, Close]] = field(default_factory=dict)
    _all: OrderedDict[object, str] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._all)

    def add(self, connection: object, address: str, close: Close) -> None:
        """Count a connection that waits from now on; close those that are too many."""
        self.remove(connection)
        of_address = self._by_address.setdefault(address, OrderedDict())
        of_address[connection] = close
        self._all[connection] = address
        if self.most_of_address and len(of_address) > self.most_of_address:
            self._close(next(iter(of_address)))
        if len(self._all) > self.most:
            self._close(next(iter(self._all)))

    def remove(self, connection: object) -> None:
        """Stop counting a connection; one that does not wait is fine."""
        address = self._all.pop(connection, None)
        if address is None:
            return
        of_address = self._by_address[address]
        del of_address[connection]
        if not of_address:
            del self._by_address[address]

    def _close(self, connection: object) -> None:
        close = self._by_address[self._all[connection]][connection]
        self.remove(connection)
        close()
