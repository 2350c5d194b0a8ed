"""Check digits: they tell a real card or account number from any other long number."""


def luhn(number: str) -> bool:
    """Tell whether the digits pass ISO/IEC 7812's check (payment cards)."""
    digits = [int(c) for c in number if c.isdigit()]
    doubled = (d * 2 - 9 * (d > 4) for d in digits[-2::-2])  # noqa: PLR2004 - 2 * 5 has two digits
    return bool(digits) and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def iban(text: str) -> bool:
    """Tell whether an account number passes ISO 7064's mod 97 (ISO 13616)."""
    compact = "".join(text.replace("-", " ").split()).upper()
    rotated = compact[4:] + compact[:4]
    return compact.isalnum() and int("".join(str(int(c, 36)) for c in rotated)) % 97 == 1


def weighted_sum(digits: str, weights: tuple[int, ...], modulus: int) -> int:
    """Return the weighted sum of the leading digits modulo ``modulus``."""
    return sum(int(d) * w for d, w in zip(digits, weights, strict=False)) % modulus


def nhs(text: str) -> bool:
    """Tell whether ten digits are a British NHS number."""
    digits = "".join(c for c in text if c.isdigit())
    check = 11 - weighted_sum(digits, (10, 9, 8, 7, 6, 5, 4, 3, 2), 11)
    return len(digits) == 10 and check % 11 == int(digits[9])  # noqa: PLR2004


def pesel(digits: str) -> bool:
    """Tell whether eleven digits are a Polish PESEL."""
    return weighted_sum(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 10) == 0


def dni(text: str) -> bool:
    """Tell whether a Spanish DNI or NIE has the check letter of its number."""
    number = text[:-1].upper().translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == text[-1].upper()


def nir(text: str) -> bool:
    """Tell whether a French social security number has the right two check digits."""
    digits = "".join(c for c in text if c.isdigit())
    return len(digits) == 15 and 97 - int(digits[:13]) % 97 == int(digits[13:])  # noqa: PLR2004


def ssn(text: str) -> bool:
    """Tell whether an American social security number is in a range that is issued."""
    area, group, serial = text.replace(" ", "-").split("-")
    return area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"
