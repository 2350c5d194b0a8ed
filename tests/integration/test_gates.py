"""The sample set is measured and held against its gates; injected regressions are caught.

The real adapters and the bundled model. A change that is meant: `make baselines`.
"""

from contextlib import contextmanager
from dataclasses import replace

import pytest

from api.composition.answering import build_verifier
from api.composition.embedding_model import load_embedder
from api.composition.evaluation import EvaluationFolders, answering_builder, build_corpus
from api.settings import Settings
from evaluate.reports.gates import check_gates, read_rules
from evaluate.reports.run_files import load_report
from evaluate.runners.answers import evaluate_answers
from evaluate.runners.retrieval import evaluate_retrieval
from evaluate.runners.verifier import evaluate_verifier
from generate.types import Judgement
from index.types import Scope
from retrieve.config import RetrievalConfig
from tests.house.sources import ROOT

pytestmark = pytest.mark.integration

SET = ROOT / "samples" / "evaluation"
EVERYTHING = ["user:ingrid", "group:keepers/all", "group:hr/all"]


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return Settings(data=tmp_path_factory.mktemp("gates"))


@pytest.fixture(scope="module")
def embedder(settings):
    return load_embedder(settings)


@pytest.fixture(scope="module")
def corpus(settings, embedder):
    return build_corpus(EvaluationFolders.of(settings), embedder)


@pytest.fixture(scope="module")
def answering(settings, embedder):
    return answering_builder(settings, embedder)


@pytest.fixture(scope="module")
def verifier(settings, embedder):
    return build_verifier(settings, embedder)


def outcomes(report):
    baseline = load_report(SET / "baselines" / f"{report.kind}.json")
    return check_gates(report, baseline, read_rules(SET / "gates" / f"{report.kind}.yaml"))


def broken(report):
    return {o.rule.metric: o.reason for o in outcomes(report) if not o.is_kept}


def test_retrieval_keeps_its_gates(corpus):
    report = evaluate_retrieval(SET, corpus, RetrievalConfig(), progress=False)
    assert broken(report) == {}


def test_answers_keep_their_gates(corpus, answering):
    report = evaluate_answers(SET, corpus, answering, progress=False)
    assert broken(report) == {}


def test_the_verifier_keeps_its_gates(verifier):
    report = evaluate_verifier(SET / "claims.jsonl", verifier, progress=False)
    assert broken(report) == {}


def test_a_fusion_weight_of_zero_is_caught_and_named(corpus):
    config = RetrievalConfig(dense_weight=0.0)
    report = evaluate_retrieval(SET, corpus, config, progress=False)
    reason = broken(report)["ndcg@10"]
    assert "retrieval.dense_weight: 0.77 -> 0.0" in reason
    assert "questions lost" in reason


class Yes:
    """A verifier that is switched off: it supports whatever it is asked."""

    name = "off"

    def verify(self, claim, evidence):
        return Judgement("supported", 1.0, "It is off.")


def test_a_verifier_that_is_off_is_caught_and_named():
    report = evaluate_verifier(SET / "claims.jsonl", Yes(), progress=False)
    reason = broken(report)["auroc"]
    assert "auroc is 0.5" in reason
    assert "verifier: alignment -> off" in reason


class Leaky:
    """A test build of the library whose reads forget who asks."""

    def __init__(self, library):
        self._library = library

    def __getattr__(self, name):
        return getattr(self._library, name)

    @contextmanager
    def read(self, scope, filters=None):
        with self._library.read(Scope.of(scope.tenant, EVERYTHING), filters) as reader:
            yield reader


def test_a_planted_leak_is_caught_and_the_document_named(corpus):
    leaky = replace(corpus, open_store=lambda folder: Leaky(corpus.open_store(folder)))
    report = evaluate_retrieval(SET, leaky, RetrievalConfig(), progress=False)
    reason = broken(report)["leaks"]
    assert "above 0" in reason
    assert "the asker may not read" in reason


def test_the_sample_corpus_has_the_files_and_the_access_lists_of_the_manifest():
    import json

    from evaluate.datasets.loading import load_questions

    entries = json.loads((ROOT / "samples/manifest.json").read_text())["documents"]
    listed = {e["file"]: (tuple(e["allow"]), tuple(e.get("deny", ()))) for e in entries}
    corpus = load_questions(SET).corpus
    assert {d.id: (d.allow, d.deny) for d in corpus} == listed
