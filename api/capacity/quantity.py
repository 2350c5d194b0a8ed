"""A number with its unit, how far it may be off, and where it comes from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that was measured, looked up, chosen or computed."""

    name: str
    value: float
    unit: str
    factor: float
    """The truth lies between the value divided by this and the value times this, nine times of
    ten; 1 where the number is given."""
    source: str
    """The measurement, the data sheet or the formula behind it."""

    @property
    def low(self) -> float:
        """Return the lower end of the range."""
        return self.value / self.factor

    @property
    def high(self) -> float:
        """Return the upper end of the range."""
        return self.value * self.factor


def computed(
    name: str, value: float, unit: str, formula: str, inputs: Sequence[Quantity]
) -> Quantity:
    """Return what a formula makes of its inputs.

    The errors of the inputs are taken as independent factors, so their logarithms add as squares.
    """
    spread = math.sqrt(sum(math.log(one.factor) ** 2 for one in inputs))
    return Quantity(name, value, unit, math.exp(spread), formula)
