"""A bounded queue that is fair between tenants, and between the users of each."""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from api.admission.token_counters import TokenCounters

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Asker:
    """Who waits, and how much of the service the tenant's tier gives it."""

    tenant: str
    user: str
    weight: float = 1.0


@dataclass(slots=True)
class _Tenant(Generic[Item]):
    weight: float = 1.0
    users: TokenCounters = field(default_factory=TokenCounters)
    waiting: dict[str, deque[Item]] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(map(len, self.waiting.values()))


class FairQueue(Generic[Item]):
    """Items by tenant and user; the least served tenant's least served user is next.

    Within one user the order is that of arrival. When the queue is full, the tenant with most of
    it (by weight) gives way to one with less: its newest item is pushed out.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._turns = TokenCounters()
        self._tenants: dict[str, _Tenant[Item]] = {}
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def push(self, asker: Asker, item: Item) -> Item | None:
        """Add an item; return the item that had to give way, which may be the new one itself."""
        pushed_out: Item | None = None
        if not self.has_room(asker):
            return item
        if self._length >= self._longest:
            pushed_out = self._take_newest(self._fullest())
        tenant = self._tenants.setdefault(asker.tenant, _Tenant())
        tenant.weight = asker.weight
        tenant.waiting.setdefault(asker.user, deque()).append(item)
        self._turns.activate(asker.tenant)
        tenant.users.activate(asker.user)
        self._length += 1
        return pushed_out

    def has_room(self, asker: Asker) -> bool:
        """Tell whether an item of this asker would be kept, be it that another has to give way."""
        if self._length < self._longest:
            return True
        fullest = self._fullest()
        if not self._tenants or fullest == asker.tenant:
            return False
        return self._share(asker.tenant) + 1 / asker.weight <= self._share(fullest)

    def pop(self) -> Item:
        """Take the item whose turn it is.

        Raises:
            IndexError: the queue is empty.

        """
        name = self._turns.order()[0]
        tenant = self._tenants[name]
        user = tenant.users.order()[0]
        item = tenant.waiting[user].popleft()
        self._settle_down(name, user)
        return item

    def remove(self, asker: Asker, item: Item) -> bool:
        """Take out an item that no longer waits; tell whether it was there."""
        tenant = self._tenants.get(asker.tenant)
        if tenant is None or item not in tenant.waiting.get(asker.user, ()):
            return False
        tenant.waiting[asker.user].remove(item)
        self._settle_down(asker.tenant, asker.user)
        return True

    def charge(self, asker: Asker, tokens: float) -> None:
        """Note what an asker was served, in tokens."""
        self._turns.charge(asker.tenant, tokens / asker.weight)
        if asker.tenant in self._tenants:
            self._tenants[asker.tenant].users.charge(asker.user, tokens)

    def ahead(self, asker: Asker) -> float:
        """Estimate how many items go before a new one of this asker, all costing the same."""
        own = self._waiting(asker.tenant)
        counter = self._turns.entry(asker.tenant)
        others = (
            min(
                len(tenant),
                own * tenant.weight / asker.weight + (self._turns.entry(name) < counter),
            )
            for name, tenant in self._tenants.items()
            if name != asker.tenant
        )
        return own + sum(others)

    def _fullest(self) -> str:
        """Return the tenant with most of the queue, by weight."""
        return max(self._tenants, key=self._share, default="")

    def _waiting(self, name: str) -> int:
        return len(self._tenants[name]) if name in self._tenants else 0

    def _share(self, name: str) -> float:
        return self._waiting(name) / self._tenants[name].weight if name in self._tenants else 0.0

    def _take_newest(self, name: str) -> Item:
        tenant = self._tenants[name]
        user = max(tenant.waiting, key=lambda user: len(tenant.waiting[user]))
        item = tenant.waiting[user].pop()
        self._settle_down(name, user)
        return item

    def _settle_down(self, name: str, user: str) -> None:
        """Drop what has become empty by taking one item out."""
        self._length -= 1
        tenant = self._tenants[name]
        if not tenant.waiting[user]:
            del tenant.waiting[user]
            tenant.users.deactivate(user)
        if not tenant.waiting:
            del self._tenants[name]
            self._turns.deactivate(name)
