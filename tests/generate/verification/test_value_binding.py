"""A value belongs to the words that stand beside it in the source."""

import pytest

from generate.types import Judgement
from generate.verification.value_binding import bound_elsewhere
from generate.verification.verifier import judge

PAY = "A senior keeper earns 3,720 crowns a month. A station head earns 4,260 crowns a month."
CHAIRS = "The first chair of the club was Marit Dahl in 1974. The club met Ann Lund in 1981."


class Believing:
    """A verifier that supports everything."""

    name = "believing"

    def verify(self, claim, evidence):
        return Judgement("supported", 1.0, f"{claim} {evidence}")


@pytest.mark.parametrize(
    ("claim", "evidence", "passage", "value"),
    [
        ("A senior keeper earns 4,260 crowns.", PAY[44:], PAY, "3,720"),
        ("A senior keeper earns 4,260 crowns.", PAY, PAY, "3,720"),
        ("The first chair of the club was Ann Lund.", CHAIRS[52:], CHAIRS, "Marit Dahl"),
        ("The first chair of the club came in 1981.", CHAIRS[52:], CHAIRS, "1974"),
    ],
)
def test_a_value_that_the_source_has_for_something_else_is_found(claim, evidence, passage, value):
    reason = bound_elsewhere(claim, [evidence], [passage])
    assert reason is not None
    assert reason.startswith(f"The source says {value!r} there")
    judgement = judge(Believing(), claim, [evidence], [passage])
    assert (judgement.verdict, judgement.reason) == ("unsupported", reason)
    assert judge(Believing(), claim, [evidence]).verdict == "supported"


@pytest.mark.parametrize(
    ("claim", "evidence", "passage"),
    [
        ("A station head earns 4,260 crowns monthly.", PAY[44:], PAY),
        ("A head of a station gets 4,260 crowns.", PAY[44:], PAY),
        ("The chair Marit Dahl came in 1974.", CHAIRS[:51], CHAIRS),
        (
            "The tower is 30 metres high.",
            "It is 30 metres high.",
            "The tower is old. It is 30 metres high.",
        ),
        (
            "The fee is 7 crowns.",
            "Groups | 7 crowns",
            "The fee for adults is 9 crowns.\nGroups | 7 crowns",
        ),
    ],
)
def test_a_value_beside_its_own_words_is_left_alone(claim, evidence, passage):
    assert bound_elsewhere(claim, [evidence], [passage]) is None
