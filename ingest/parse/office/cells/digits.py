"""A number written by the tokens of its format: digits, groups, percent, powers, fractions."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from ingest.parse.office.cells.format_tokens import FormatToken

_DIGITS = 15
"""Digits that a spreadsheet keeps of a number."""
_PRECISION = 400
"""Digits that are enough for every float in a fixed notation."""
_GROUP = 3
_MOST_DENOMINATOR_DIGITS = 5


def write_number(value: float, tokens: Sequence[FormatToken]) -> str:
    """Return a number that is not negative, as the tokens of a section show it."""
    with localcontext() as context:
        context.prec = _PRECISION
        exact = Decimal(f"{value:.{_DIGITS}g}")
        if not exact.is_finite():
            return str(value)
        exact *= Decimal(100) ** sum(token.kind == "percent" for token in tokens)
        slash = _slash(tokens)
        if slash is not None:
            return _fraction(exact, tokens, slash)
        if any(token.kind == "exponent" for token in tokens):
            return _scientific(exact, tokens)
        return _fixed(exact, tokens)


def _text_of(tokens: Sequence[FormatToken]) -> str:
    return "".join(token.text for token in tokens)


def _fixed(value: Decimal, tokens: Sequence[FormatToken]) -> str:
    """Write an integer part and decimals; digits that a format lacks stand before its first."""
    digit_places = [at for at, token in enumerate(tokens) if token.kind == "digit"]
    if not digit_places:
        return _text_of([token for token in tokens if token.kind != "comma"])
    point = next((at for at, token in enumerate(tokens) if token.kind == "point"), None)
    whole_places = [at for at in digit_places if point is None or at < point]
    decimal_places = [at for at in digit_places if point is not None and at > point]
    commas = [at for at, token in enumerate(tokens) if token.kind == "comma"]
    last_whole = whole_places[-1] if whole_places else -1
    first_whole = whole_places[0] if whole_places else len(tokens)
    is_grouped = any(first_whole < at < last_whole for at in commas)
    scale = sum(last_whole < at and (at - 1 in commas or at - 1 in digit_places) for at in commas)
    rounded = _rounded(value / Decimal(1000) ** scale, len(decimal_places))
    whole_digits, _, decimals = f"{rounded:f}".partition(".")
    whole = _whole_by_place(whole_digits.lstrip("0"), tokens, whole_places, is_grouped=is_grouped)
    digits_by_place = _decimals_by_place(decimals, tokens, decimal_places)
    without_places = whole_digits.lstrip("0") if not whole_places else ""
    return "".join(
        _place(token, at, whole, digits_by_place, without_places if at == point else "")
        for at, token in enumerate(tokens)
    )


def _place(
    token: FormatToken, at: int, whole: dict[int, str], decimals: dict[int, str], before: str
) -> str:
    if token.kind == "digit":
        return whole.get(at, "") + decimals.get(at, "")
    return "" if token.kind == "comma" else before + token.text


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _whole_by_place(
    digits: str, tokens: Sequence[FormatToken], places: list[int], *, is_grouped: bool
) -> dict[int, str]:
    """Give each place of the integer part its digits, from the right; the first gets the rest."""
    digits_by_place: dict[int, str] = {}
    left, count = digits, 0
    for place in reversed(places):
        is_first = place == places[0]
        own = left if is_first and len(left) > 1 else left[-1:]
        left = left[: len(left) - len(own)]
        if not own:
            own = {"0": "0", "?": " "}.get(tokens[place].text, "")
        text = ""
        for digit in reversed(own):
            has_group_before = is_grouped and count and count % _GROUP == 0 and digit != " "
            text = digit + ("," if has_group_before else "") + text
            count += 1
        digits_by_place[place] = text
    return digits_by_place


def _decimals_by_place(
    decimals: str, tokens: Sequence[FormatToken], places: list[int]
) -> dict[int, str]:
    digits_by_place: dict[int, str] = {}
    for ordinal, place in enumerate(places):
        is_rest_zero = not decimals[ordinal:].strip("0")
        unshown = {"#": "", "?": " "}.get(tokens[place].text)
        digit = decimals[ordinal : ordinal + 1] or "0"
        digits_by_place[place] = unshown if is_rest_zero and unshown is not None else digit
    return digits_by_place


def _scientific(value: Decimal, tokens: Sequence[FormatToken]) -> str:
    at = next(number for number, token in enumerate(tokens) if token.kind == "exponent")
    mantissa, power = list(tokens[:at]), list(tokens[at + 1 :])
    point = next((n for n, token in enumerate(mantissa) if token.kind == "point"), len(mantissa))
    step = max(1, sum(token.kind == "digit" for token in mantissa[:point]))
    places = sum(token.kind == "digit" for token in mantissa[point:])
    exponent = _exponent(value, step)
    scaled = value.scaleb(-exponent)
    if _rounded(scaled, places) >= Decimal(10) ** step:
        exponent += step
        scaled = value.scaleb(-exponent)
    sign = "-" if exponent < 0 else "+" if tokens[at].text.endswith("+") else ""
    return f"{_fixed(scaled, mantissa)}E{sign}{_fixed(Decimal(abs(exponent)), power)}"


def _exponent(value: Decimal, step: int) -> int:
    return 0 if not value else value.adjusted() // step * step


def _slash(tokens: Sequence[FormatToken]) -> int | None:
    """Return where a fraction's stroke stands: between digits, or before a fixed denominator."""
    for at in range(1, len(tokens) - 1):
        if tokens[at].kind == "slash" and tokens[at - 1].kind == "digit":
            follower = tokens[at + 1]
            if follower.kind == "digit" or follower.text.isdigit():
                return at
    return None


def _fraction(value: Decimal, tokens: Sequence[FormatToken], slash: int) -> str:
    start = slash
    while start > 0 and tokens[start - 1].kind == "digit":
        start -= 1
    end = slash + 1
    while end < len(tokens) and (tokens[end].kind == "digit" or tokens[end].text.isdigit()):
        end += 1
    before, after = tokens[:start], tokens[end:]
    has_whole = any(token.kind == "digit" for token in before)
    whole = int(value) if has_whole else 0
    numerator, denominator = _ratio(value - whole, tokens[slash + 1 : end])
    if has_whole and numerator == denominator:
        whole, numerator = whole + 1, 0
    is_whole_shown = has_whole and (whole or not numerator)
    left = _fixed(Decimal(whole), before) if is_whole_shown else _literals(before)
    ratio = f"{numerator}/{denominator}" if numerator or not has_whole else ""
    return left + ratio + _literals(after)


def _literals(tokens: Sequence[FormatToken]) -> str:
    return _text_of([token for token in tokens if token.kind in {"literal", "percent"}])


def _ratio(value: Decimal, denominator: Sequence[FormatToken]) -> tuple[int, int]:
    """Return the nearest fraction with as many digits below, or with the one that is fixed."""
    digits = _text_of(denominator)
    if digits.strip("0").isdigit():  # such as 8 or 10, not ?? or 00
        below = int(digits)
        return int(_rounded(value * below, 0)), below
    size = min(len(digits), _MOST_DENOMINATOR_DIGITS)
    nearest = Fraction(value).limit_denominator(10**size - 1)
    return nearest.numerator, nearest.denominator
