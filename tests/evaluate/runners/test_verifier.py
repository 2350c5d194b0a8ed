import json

import pytest

from evaluate.datasets.schema import ClaimSample
from evaluate.reports.report import report_json
from evaluate.runners.verifier import check, evaluate_verifier
from generate.types import Judgement
from generate.verification.verifier import judge
from tests.evaluate.conftest import write_lines


class OverlapVerifier:
    """Scores the share of the claim's words that the quotes hold."""

    name = "overlap"

    def verify(self, claim, evidence):
        words = set(claim.lower().split())
        evidence_words = set(" ".join(evidence).lower().split())
        share = len(words & evidence_words) / len(words)
        verdict = "supported" if share > 0.9 else "partial" if share > 0.4 else "unsupported"
        return Judgement(verdict, share, f"{share:.0%} of the words")


CLAIMS = [
    ("the ferry sails at noon", ["the ferry sails at noon today"], "supported"),
    ("the ferry sinks at noon", ["the ferry sails at noon today"], "partially_supported"),
    ("bread is sold", ["the ferry sails at noon today"], "not_supported"),
    ("forty passengers fit", ["it carries", "forty passengers fit in"], "supported"),
]


@pytest.fixture
def claims(tmp_path):
    file = tmp_path / "claims.jsonl"
    write_lines(file, [{"claim": c, "evidence": e, "label": label} for c, e, label in CLAIMS])
    return file


def test_a_verifier_that_separates_the_labels_has_full_area(claims):
    report = evaluate_verifier(claims, OverlapVerifier(), progress=False)
    assert report.metrics["auroc"] == 1
    assert report.metrics["auroc_any_support"] == 1
    assert report.metrics["accuracy"] == 1
    assert report.metrics["accuracy_3"] == 1
    assert report.counts == {
        "claims": 4, "supported": 2, "partially_supported": 1, "not_supported": 1
    }  # fmt: skip
    json.dumps(report_json(report))


def test_a_claim_is_judged_the_way_an_answers_sentences_are(tmp_path):
    class Doubter(OverlapVerifier):
        def verify(self, claim, evidence):
            return Judgement("unsupported", 0.0, "doubts everything")

    verbatim = ClaimSample(claim="It sails.", evidence=("It sails. At noon.",), label="supported")
    assert check(verbatim, Doubter()).judgement == judge(Doubter(), "It sails.", verbatim.evidence)
    assert check(verbatim, Doubter()).right


def test_one_label_alone_leaves_the_area_unjudged(tmp_path):
    file = tmp_path / "claims.jsonl"
    write_lines(file, [{"claim": "a", "evidence": ["a"], "label": "supported"}] * 3)
    report = evaluate_verifier(file, OverlapVerifier(), progress=False)
    assert report.metrics["auroc"] is None
    assert "both kinds are needed" in report.measures["auroc"].score.reason


def test_the_worst_claims_say_what_was_said_and_what_is_true(claims):
    report = evaluate_verifier(claims, OverlapVerifier(), progress=False)
    lowest = min(report.results, key=lambda result: result.scores["closeness"].value)
    assert "partially_supported" in lowest.scores["closeness"].reason


def test_a_claim_has_the_same_name_whether_all_or_some_are_drawn(claims):
    claims_by_id = {r.id: r.question for r in evaluate_verifier(claims, OverlapVerifier()).results}
    for result in evaluate_verifier(claims, OverlapVerifier(), limit=2).results:
        assert claims_by_id[result.id] == result.question
