"""Unsound text and JSON are refused whole; what was stored all the same is made fit to be shown."""

import json

import pytest

from index.errors import UnsoundInputError
from index.text.untrusted_input import (
    DEEPEST,
    MOST_VALUES,
    fit_json,
    fit_text,
    printable,
    printable_json,
    require_json,
    require_text,
)


def nested(levels):
    value = "leaf"
    for _ in range(levels):
        value = [value]
    return value


UNSOUND = {
    "NUL": "a\x00b",
    "high surrogate": "\ud800",
    "low surrogate": {"key": ["\udfff"]},
    "surrogate in a key": {"\ud800": 1},
    "depth": nested(300),
    "endless depth": nested(100_000),
    "NaN": [float("nan")],
    "infinity": {"a": float("inf")},
    "huge integer": 10**30,
    "many values": [0] * (MOST_VALUES + 1),
}


@pytest.mark.parametrize("name", UNSOUND)
def test_unsound_values_are_refused(name):
    with pytest.raises(UnsoundInputError):
        require_json(UNSOUND[name])


@pytest.mark.parametrize("name", UNSOUND)
def test_what_was_stored_all_the_same_can_be_written_out(name):
    fit = fit_json(UNSOUND[name])
    assert json.dumps(fit, allow_nan=False, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "value",
    [None, "", "caf\u00e9 \U0001f3f4", 0.5, -(2**63) + 1, {"a": [1, {"b": True}]}, nested(DEEPEST)],
)
def test_sound_values_stay_as_they_are(value):
    assert require_json(value) is value
    assert fit_json(value) == value


def test_texts_are_refused_or_mended():
    assert require_text("a\tb") == "a\tb"
    with pytest.raises(UnsoundInputError, match="A title holds"):
        require_text("\ud83d", "A title")
    assert fit_text("a\x00\udc00") == "a\ufffd\ufffd"


def test_a_terminal_gets_no_control_characters():
    printed = printable("a\x1b[31mred\x07\r\n\u202egnp.exe\x9b\ud800")
    assert printed == "a\\x1b[31mred\\x07\\x0d\n\\u202egnp.exe\\x9b\\ud800"


def test_a_terminal_gets_json_of_the_same_value_without_control_characters():
    value = {"title\x9b": "a\x1b[31mred\x7f\u202egnp.exe\x9b\ud800\nü"}
    printed = printable_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(printed) == value
    assert printed.isprintable()
    assert "ü" in printed
