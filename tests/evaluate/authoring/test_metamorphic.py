"""The metamorphic generator, and what the rules find of its alterations."""

import random

from evaluate.authoring.metamorphic import ALTERATIONS, PARAPHRASES, claims
from generate.verification.contradiction import contradiction

TEXTS = [
    (
        "In May the keeper Anna Berg was paid 1,250 crowns by the harbour office in Aldby. "
        "The boat Solveig was built in 1934 and can carry 40 tons of coal to the tower of Hollin. "
        "Many visitors of the museum in Aldby must not enter the tower without a guide. "
        "On 14 April 1949, the old lamp of Hollin was replaced by a larger one from Denmark."
    ),
    (
        "During the storm of March 12, 1961, the pilot Sven Dahl was saved by the crew of Ingrid. "
        "The highest mast is 30 metres tall and was opened to visitors by the mayor of Torsvik. "
        "Some members of the crew have to report to the office of Captain Holm every 3 weeks. "
        "The ferry from Aldby to Torsvik, which is 12 kilometres long, is free for children."
    ),
] * 40


def test_there_are_twelve_alterations_and_six_paraphrases():
    assert (len(ALTERATIONS), len(PARAPHRASES)) == (12, 6)


def test_equal_corpora_give_equal_claims_that_differ_from_their_source():
    first, second = list(claims(TEXTS, 3)), list(claims(TEXTS, 3))
    assert first == second
    assert all(line["claim"] not in line["evidence"] for line in first)


def test_every_way_finds_something_to_change():
    kinds = {line["kind"] for line in claims(TEXTS, 3)}
    assert kinds == {*ALTERATIONS, *PARAPHRASES}


def test_rules_find_most_alterations_and_few_paraphrases():
    verdicts = {True: [], False: []}
    for line in claims(TEXTS, 4):
        fires = contradiction(line["claim"], line["evidence"]) is not None
        verdicts[line["kind"] in ALTERATIONS].append(fires)
    assert sum(verdicts[True]) / len(verdicts[True]) > 0.8
    assert sum(verdicts[False]) / len(verdicts[False]) < 0.05


def test_a_way_that_finds_nothing_returns_none():
    chance = random.Random(1)
    plain = "Lamps burn."
    for way in (*ALTERATIONS.values(), *PARAPHRASES.values()):
        new_sentence = way(plain, "", chance)
        assert new_sentence is None or new_sentence != plain
