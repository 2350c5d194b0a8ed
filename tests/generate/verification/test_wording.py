"""Small words, demands, additions and exchanged names: found, and true sentences left alone."""

import pytest

from generate.verification.contradiction import contradiction


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("The fee is paid by the buyer in May.", "The fee is paid to the buyer in May."),
        ("Visitors may enter without a guide.", "Visitors must not enter without a guide."),
        ("Keepers must wear a helmet.", "Keepers may wear a helmet."),
        ("Keepers need not log each visit.", "Keepers must log each visit."),
        ("The keeper, who is a thief, lights the lamp.", "The keeper lights the lamp at dusk."),
        (
            "The boat Ingrid overtook the boat Solveig near the pier.",
            "The boat Solveig overtook the boat Ingrid near the pier.",
        ),
        ("The lamp is lit only on Sundays.", "The lamp is lit on Sundays and weekdays."),
        ("All keepers passed the test in May.", "Some keepers passed the test in May."),
    ],
)
def test_a_change_of_a_few_letters_that_changes_the_meaning_is_found(claim, source):
    assert contradiction(claim, [source]) is not None


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("Anna Berg was born on 14 April.", "Anna Berg (born 14 April 1949) is a keeper."),
        ("The lamp was lit on 15 Jul 2020.", "The lamp was lit on 15 July 2020."),
        ("First, light the lamp.", "Light the lamp before you leave."),
        ("One of the keepers lives in Aldby.", "A keeper of the lamp lives in Aldby."),
        ("It is the second largest island.", "Ranked by area it is the second-largest island."),
        ("Solveig wrote the Harbour Rules.", "The Harbour Rules were written by Solveig."),
        ("It stands in Chile and Argentina.", "It stands in Argentina and Chile."),
        ("The keeper, Anna Berg, lights the lamp.", "The keeper Anna Berg lights the lamp."),
    ],
)
def test_a_true_sentence_in_other_words_contradicts_nothing(claim, source):
    assert contradiction(claim, [source]) is None
