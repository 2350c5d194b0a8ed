"""Numbers of lists as Roman numerals."""

_PARTS = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_MOST = 3_999


def roman(number: int) -> str:
    """Return a number in small Roman letters; in digits where there are none for it."""
    if not 0 < number <= _MOST:
        return str(number)
    text = ""
    for value, letters in _PARTS:
        count, number = divmod(number, value)
        text += letters * count
    return text
