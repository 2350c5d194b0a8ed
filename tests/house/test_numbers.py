"""Numbers that stand for code: what was made by other code is told by another number.

Where the code finds other things, raise the number; record the digest in either case.
"""

import hashlib

import pytest

from generate.guardrails.policy import DETECTORS
from ingest.component_versions import SCREENING
from tests.house.sources import ROOT

RULES = ("index/detectors/*.py",)
GUARDS = tuple(
    f"generate/guardrails/{name}.py" for name in ("guard_models", "rule_engine", "text_classifier")
)
SCREENS = tuple(
    f"ingest/screening/{name}.py" for name in ("detector", "masking", "presidio", "screener")
)


@pytest.mark.parametrize(
    ("number", "patterns", "recorded"),
    [
        pytest.param(DETECTORS, RULES + GUARDS, {6: "f54102570475c11b"}, id="DETECTORS"),
        pytest.param(SCREENING, RULES + SCREENS, {5: "b6725b2c9852d905"}, id="SCREENING"),
    ],
)
def test_code_that_finds_other_things_has_another_number(number, patterns, recorded):
    files = [file for pattern in patterns for file in sorted(ROOT.glob(pattern))]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    assert {number: digest} == recorded
