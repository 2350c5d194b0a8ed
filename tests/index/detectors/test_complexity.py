"""The work of every rule grows in step with the text, whoever wrote it.

The engines of expressions count no steps, so their work is taken as processor time of this thread:
four times the text may take 6.25 times as long (2.5 for each doubling), the best of a few tries.
What Python does itself is counted in lines that it executes, which are the same every time.
"""

import sys
from time import thread_time

import pytest

from index.detectors import find_hidden, find_injections, find_personal, find_secrets, screen
from ingest.screening.masking import mask
from ingest.screening.policy import ScreeningPolicy
from ingest.screening.screener import Screening
from ingest.types import Block, ParsedDocument

DOUBLED = 2.5
"""The work that twice the text may take, as a multiple."""

SHORT, LONG = 20_000, 80_000
SLOW = 0.1
"""Seconds below which a text of the longer size is too quick to measure, and quick enough."""

HOSTILE = {
    "contacts": "Ann,ann%05d@lamp.example,+44 20 7946 0%03d\n",
    "assigned": 'api_key = "aB3%07dxY!"\n',
    "keys": "AKIA0000000000%06d fn_x\n",
}
"""Lines of which every one holds a finding."""

REPEATED = {
    "open tokens": "eyJ", "dotted tokens": "eyJ.", "long dotted tokens": "eyJaaaaaaaaa.",
    "key heads": "-----BEGIN PRIVATE KEY-----\n", "open key heads": "-----BEGIN A ",
    "empty lines": "\n", "indented lines": "\n  ", "headings": "###   \n", "orders": "ignore ",
    "near orders": "ignore all previous ", "one word": "a", "digits": "1", "dashes": "1-",
    "numbers": "12 34 ", "domains": "a@1.1.", "addresses": "a@", "passwords": "password ",
    "assignments": "pwd=", "flags": "\U0001f3f4\U000e0067\U000e007f", "zero width": "a\u200b\u200b",
    "directions": "\u202e", "tags": "\U000e0041", "yours": "add your ", "brackets": "<mode",
    "song": "la la la la la la la la la la x ", "urls": "a://b:c", "sk": "-sk-", "fn": ".fn_",
    "ip": "1.1.1.", "colons": "1:", "latin": "olvida x ", "sg": "SG.", "iban": "DE12 ",
    "questions": "what is your ", "parts": "combine part 1 ", "spaces": " ", "marks": "!",
}  # fmt: skip
PREFIXES = {"empty lines": "<|", "indented lines": "<|", "spaces": "password", "marks": "ignore"}


def hostile(name, size):
    if name in HOSTILE:
        form = HOSTILE[name]
        lines = size // len(form)
        return "".join(form % ((i % 1000,) * form.count("%")) for i in range(lines))
    part = REPEATED[name]
    return PREFIXES.get(name, "") + part * (size // len(part))


def seconds(work, text):
    start = thread_time()
    work(text)
    return thread_time() - start


@pytest.mark.parametrize("find", [find_hidden, find_injections, find_personal, find_secrets])
@pytest.mark.parametrize("name", [*HOSTILE, *REPEATED])
def test_the_work_of_the_rules_grows_in_step_with_the_text(find, name):
    short, long = hostile(name, SHORT), hostile(name, LONG)
    find(short)
    for _ in range(5):
        took = seconds(find, long)
        if took < SLOW or took <= DOUBLED**2 * max(seconds(find, short) for _ in range(2)):
            return
    raise AssertionError(f"{find.__name__} on {name}: {took:.2f} s for {LONG} characters")


def lines_executed(work):
    """Count the lines of Python that some work executes."""
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        count += event == "line"
        return trace

    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(None)
    return count


@pytest.mark.parametrize("name", [*HOSTILE, "flags", "zero width", "tags", "dotted tokens"])
def test_what_python_does_about_findings_grows_in_step_with_them(name):
    short, long = hostile(name, 4_000), hostile(name, 8_000)
    screen(short)
    assert lines_executed(lambda: screen(long)) <= DOUBLED * lines_executed(lambda: screen(short))


def test_masking_and_the_choice_among_detectors_grow_in_step():
    screening = Screening(policy=ScreeningPolicy(personal="mask"))

    def screened(size):
        text = hostile("contacts", size)
        document = ParsedDocument(text, (Block("paragraph", 0, len(text)),), "text/plain", "x")
        return lambda: screening.screen(document, screening.policy)

    assert len(screened(8_000)().findings) > 100
    assert lines_executed(screened(8_000)) <= DOUBLED * lines_executed(screened(4_000))
    assert mask("a b", []) == "a b"
