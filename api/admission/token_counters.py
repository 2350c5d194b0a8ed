"""Whose turn is it? Weighted fairness by tokens: the Virtual Token Counter.

Source: Sheng et al., Fairness in Serving Large Language Models, OSDI 2024,
https://arxiv.org/abs/2401.00588
"""

REMEMBERED = 10_000
"""Counters of the idle that are kept; a dropped one begins again at the floor."""


class TokenCounters:
    """Counts the tokens that each key was served, by its weight; the least served key is next.

    A key that becomes active is lifted to the least of the active ones, or to the counter of the
    last that left where there is none: time away earns no credit.
    """

    def __init__(self) -> None:
        self._served: dict[str, float] = {}
        self._active: dict[str, None] = {}
        self._left: str | None = None
        self._charges = 0
        self._last: dict[str, int] = {}

    def activate(self, key: str) -> None:
        """Let a key take part, unless it does already."""
        if key in self._active:
            return
        self._served[key] = self.entry(key)
        self._active[key] = None
        self._forget()

    def deactivate(self, key: str) -> None:
        """Let a key pause: nothing of it waits."""
        del self._active[key]
        self._left = key

    def charge(self, key: str, tokens: float) -> None:
        """Add what a key was served; below zero gives back what was charged too much."""
        self._served[key] = self.served(key) + tokens
        self._charges += 1
        self._last[key] = self._charges

    def served(self, key: str) -> float:
        """Return a key's counter."""
        return self._served.get(key, self._floor())

    def entry(self, key: str) -> float:
        """Return the counter that a key has, or would have once it is active."""
        if key in self._active:
            return self._served[key]
        active = [self._served[other] for other in self._active]
        return max(self._served.get(key, 0.0), min(active, default=self._floor()))

    def order(self) -> list[str]:
        """Return the active keys, least served first; of equals, who was served longest ago."""
        return sorted(self._active, key=lambda key: (self._served[key], self._last.get(key, 0)))

    def _floor(self) -> float:
        return 0.0 if self._left is None else self._served[self._left]

    def _forget(self) -> None:
        if len(self._served) > REMEMBERED:
            remembered_keys = (
                self._active if self._left is None else {**self._active, self._left: None}
            )
            self._served = {key: self._served[key] for key in remembered_keys}
            self._last = {key: self._last[key] for key in remembered_keys if key in self._last}
