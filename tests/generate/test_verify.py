"""Verifiers: one contract, and what the aligner looks at."""

import pytest

from generate.entailment import CrossEncoderVerifier
from generate.verify import AlignmentVerifier, judge, verdict_of
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.tiny_models import make_cross_encoder

EVIDENCE = ["The ferry to Skarö leaves at nine.", "Tickets cost 14 crowns."]


@pytest.fixture(scope="module")
def aligner():
    return AlignmentVerifier(FakeEmbedder())


@pytest.fixture(scope="module", params=["alignment", "one output", "three labels"])
def verifier(request, tmp_path_factory):
    if request.param == "alignment":
        return AlignmentVerifier(FakeEmbedder())
    labels = 1 if request.param == "one output" else 3
    return CrossEncoderVerifier(
        str(make_cross_encoder(tmp_path_factory.mktemp("m"), labels=labels))
    )


def test_every_verifier_gives_a_verdict_that_fits_its_score(verifier):
    for claim in ("Tickets cost 14 crowns on board.", "Penguins live in Norway."):
        given = verifier.verify(claim, EVIDENCE)
        assert 0.0 <= given.score <= 1.0
        assert given.verdict == verdict_of(given.score)
        assert given.reason
        assert given == verifier.verify(claim, EVIDENCE)


def test_words_of_the_source_support_themselves(verifier):
    given = judge(verifier, "Tickets cost  14 crowns.", EVIDENCE)
    assert (given.verdict, given.score) == ("supported", 1.0)


def test_a_part_of_a_word_is_not_the_sources_word(aligner):
    assert judge(aligner, "Tickets cost 14 crown", EVIDENCE).score < 1.0


def test_a_sentence_without_words_is_unsupported(verifier):
    assert judge(verifier, "...", EVIDENCE).verdict == "unsupported"


def test_a_number_that_the_source_lacks_costs_support(aligner):
    right = aligner.verify("A ticket costs 14 crowns.", EVIDENCE)
    wrong = aligner.verify("A ticket costs 41 crowns.", EVIDENCE)
    assert wrong.score < right.score
    assert "41" in wrong.reason


def test_a_spelled_number_counts_as_its_digits(aligner):
    assert "9" not in aligner.verify("The ferry leaves at 9 daily.", EVIDENCE).reason


def test_a_name_that_the_source_lacks_costs_support(aligner):
    right = aligner.verify("A ferry to Skarö leaves at nine.", EVIDENCE)
    wrong = aligner.verify("A ferry to Bergen leaves at nine.", EVIDENCE)
    assert wrong.score < right.score


def test_a_denial_is_not_supported_by_what_it_denies(aligner):
    given = aligner.verify("The ferry to Skarö never leaves at nine.", EVIDENCE)
    assert given.verdict != "supported"


def test_evidence_that_is_not_there_supports_nothing(aligner):
    assert aligner.verify("Tickets cost 14 crowns.", []).verdict == "unsupported"
