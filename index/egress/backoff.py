"""How long to wait before a server that is busy is asked again."""

import random


def backoff(first_s: float, attempt: int) -> float:
    """Return seconds: up to ``first_s`` after attempt 1, twice that after each further one.

    At random between half of that and all of it, so that clients do not come back together.
    """
    longest = first_s * 2 ** (attempt - 1)
    return random.uniform(longest / 2, longest)
