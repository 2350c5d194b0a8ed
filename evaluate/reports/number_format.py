"""Numbers as reports print them."""


def signed(value: float) -> str:
    """Write a difference with its sign: three decimals, none for large ones."""
    return f"{value:+.3f}" if abs(value) < 10 else f"{value:+,.0f}"  # noqa: PLR2004 - readability


def figure(value: float | None) -> str:
    """Write a figure: three decimals, fewer for large ones, a dash where there is none.

    What would be written as nothing, such as the price of an answer, keeps two digits.
    """
    if value is None:
        return "-"
    if 0 < abs(value) < 0.0005:  # noqa: PLR2004 - readability
        return f"{value:.2g}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.0f}"  # noqa: PLR2004 - readability
