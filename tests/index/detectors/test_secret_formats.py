"""Each documented form of a key is found, and its look-alikes are not."""

import random
import re
import string

import pytest

from index.detectors import find_personal, find_secrets
from index.detectors.identifiers import RULES
from index.detectors.secret_formats import FORMATS

LETTERS = {
    "hex": "0123456789abcdef",
    "capital-hex": "0123456789ABCDEF",
    "capital": string.ascii_uppercase + string.digits,
    "small": string.ascii_lowercase + string.digits,
    "digit": string.digits,
    "discord": "MNO",
}
FORMS = [(kind, form) for kind, makers in FORMATS.items() for fs in makers.values() for form in fs]
"""A kind and one of its forms."""


def example(form):
    """Return a random key of a form: never one that was valid."""
    draw = random.Random(form)

    def unit(match):
        name, _, length = match.group(1).partition(":")
        if name == "uuid":
            return "-".join(
                "".join(draw.choices("0123456789abcdef", k=k)) for k in (8, 4, 4, 4, 12)
            )
        letters = LETTERS.get(name, string.ascii_letters + string.digits)
        return "".join(draw.choices(letters, k=int(re.match(r"\d+", length).group())))

    return re.sub(r"\{([^}]+)\}", unit, form)


@pytest.mark.parametrize(("kind", "form"), FORMS)
def test_every_documented_form_is_found_where_it_stands(kind, form):
    key = example(form)
    text = f"For the lamp we use {key} until Friday."
    findings = [(f.rule, text[f.start : f.end]) for f in find_secrets(text)]
    assert (kind, key) in findings


@pytest.mark.parametrize("value", ["Basic bGFtcDpCdXJuaW5nMTIz", "Bearer a8Kd03mZ1qPl77Wx9Rt2"])
def test_a_header_that_authorizes_is_a_secret(value):
    assert [f.rule for f in find_secrets(f"Authorization: {value}")] == ["authorization-header"]


@pytest.mark.parametrize(
    "text",
    [
        "pnu_" + "x" * 36, "lamp-this-is-a-class-name-of-a-style-sheet", "xoxo-love-and-kisses",
        "sort_key=created_at_descending_2024", "tokens: 1234567890123456789012",
        "commit-9fceb02d0ae598e95dc970b74767f19372d61af8", "Authorization: Basic is simple",
        "api_key = os.environ['API_KEY']", "id 123e4567-e89b-42d3-a456-426614174000",
        "secret: everybody-knows-that-already", "Invoice ID: in_3Kq7Zp2LmX9vTn4RbW8cYd5H",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_key_is_not(text):
    assert find_secrets(text) == []


IDENTIFIERS = [
    ("tax-number", "Steuer-ID: 36 574 261 809", "36 574 261 809"),
    ("tax-number", "RCCMNL83S18D969H", "RCCMNL83S18D969H"),
    ("tax-number", "CPF 390.533.447-05", "390.533.447-05"),
    ("national-id", "BSN 111222333", "111222333"),
    ("national-id", "personnummer 880320-0016", "880320-0016"),
    ("national-id", "Aadhaar no. 2341 2341 2346", "2341 2341 2346"),
    ("national-id", "11010519491231002X", "11010519491231002X"),
    ("health-number", "NHS number 9434765919", "9434765919"),
    ("device-id", "MAC 00:1B:44:11:3A:B7", "00:1B:44:11:3A:B7"),
    ("device-id", "IMEI 35-686800-004141-8", "35-686800-004141-8"),
    ("passport", "Passport no: 533401372", "533401372"),
    ("birth-date", "DOB: 12/03/1980", "12/03/1980"),
    ("driving-licence", "driving licence MORGA657054SM9IJ", "MORGA657054SM9IJ"),
    ("bank-account", "account number: 12345678", "12345678"),
]


@pytest.mark.parametrize(("rule", "text", "expected"), IDENTIFIERS)
def test_a_number_that_identifies_a_person_is_found(rule, text, expected):
    assert (rule, expected) in [(f.rule, text[f.start : f.end]) for f in find_personal(text)]


@pytest.mark.parametrize(
    "text",
    [
        "BSN 111222334", "RCCMNL83S18D969A", "CPF 390.533.447-06", "the number 111222333",
        "IMEI 35-686800-004141-7", "She was born on 12 March 1980.", "Aadhaar 2341 2341 2347",
        "12345678 lamps", "Passport offices open at 9", "insurance of 2020",
    ],
)  # fmt: skip
def test_a_number_with_a_wrong_check_or_without_its_word_is_none(text):
    """Nine digits may still be a telephone number."""
    assert {f.rule for f in find_personal(text)} & set(RULES) == set()
