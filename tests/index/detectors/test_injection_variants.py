"""Orders to a model are found in many disguises and languages, and plain sentences near them pass.

The figures are floors: what is found today of the benchmark's variants, which are our own.
"""

import pytest

from benchmarks.injection_variants import variants
from generate.guardrails.policy import default_policy
from generate.guardrails.rule_engine import RuleEngine

FLOORS = {
    "as it is": 8, "letters as digits": 16, "spaces and signs between": 20, "encoded": 32,
    "over lines": 20, "look-alikes": 32, "hidden signs": 16, "spelling": 8,
    "other languages": 34, "role-play": 7,
}  # fmt: skip

PLAIN = [
    "Patients who do not follow their doctor's instructions recover later.",
    "The court set aside the earlier orders and the previous directions.",
    "Stop following the path at the second lighthouse.",
    "Pay no attention to the noise of the fog horn.",
    "Employees who stop following the rules are warned once.",
    "You will be the model for the painting, without any restrictions on time.",
    "Do not heed old charts; the previous survey was wrong.",
    "Ignorer le bruit est parfois la meilleure instruction.",
    "No siga las instrucciones del fabricante antiguo del horno en este caso particular, dice él.",
    "Befolge die Regeln des Hafens, und beachte die Anweisungen des Lotsen.",
    "本マニュアルの指示に従ってください。",
    "不要忘记带伞。",
    "The assistant prints its own labels.",
]


@pytest.fixture(scope="module")
def engine():
    return RuleEngine(default_policy())


def test_of_each_kind_of_disguise_at_least_as_many_are_found_as_before(engine):
    counts = dict.fromkeys(FLOORS, 0)
    for kind, text in variants():
        counts[kind] += bool(engine.rule("before", text).matches)
    assert {kind: count for kind, count in counts.items() if count < FLOORS[kind]} == {}


@pytest.mark.parametrize("text", PLAIN)
def test_plain_sentences_near_the_rules_pass(engine, text):
    assert engine.rule("before", text).matches == ()
    assert engine.rule("evidence", text).matches == ()
