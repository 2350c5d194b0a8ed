import json
from dataclasses import replace

import pytest

from evaluate.datasets.corpus_ingestion import corpus_id
from evaluate.datasets.corpus_store import open_corpus
from evaluate.datasets.loading import load_retrieval
from evaluate.metrics.ranking import ndcg
from evaluate.reports.report import report_json
from evaluate.runners.retrieval import evaluate_retrieval
from index.types import Scope
from retrieve.config import RetrievalConfig
from retrieve.retrieve import RetrievalDependencies, retrieve
from retrieve.retrievers import RETRIEVERS

EVERYBODY = Scope.of("default", [])


def test_the_report_has_the_metrics_by_their_public_names(beir, dependencies):
    report = evaluate_retrieval(beir, dependencies, RetrievalConfig(), progress=False)
    assert {"ndcg@10", "recall@100", "mrr@10", "map@100"} <= set(report.metrics)
    assert report.metrics["recall@100"] == 1
    assert report.metrics["ndcg@10"] > 0.8
    assert report.counts == {"documents": 6, "queries": 3}
    json.dumps(report_json(report))


def test_the_ranking_is_that_of_retrieve_itself(beir, dependencies):
    """Ask ``retrieve()`` directly and compare: evaluation has no search of its own."""
    report = evaluate_retrieval(beir, dependencies, RetrievalConfig(), progress=False)
    dataset = load_retrieval(beir)
    live = RetrievalDependencies(
        open_corpus(dataset, dependencies), dependencies.embedder, RetrievalConfig()
    )
    for sample, result in zip(dataset.samples, report.results, strict=True):
        passages = retrieve(sample.question, EVERYBODY, live, top_k=100).passages
        order = list(dict.fromkeys(corpus_id(p.chunk.filename) for p in passages))
        assert [document for document, _ in result.facts["ranking"]] == order
        expected = ndcg(order, sample.judgements, 10).value
        assert result.scores["ndcg@10"].value == pytest.approx(expected)


def test_the_retrieval_settings_reach_the_search(beir, dependencies):
    one = evaluate_retrieval(beir, dependencies, RetrievalConfig(dense_weight=1.0), progress=False)
    two = evaluate_retrieval(beir, dependencies, RetrievalConfig(dense_weight=0.0), progress=False)
    assert [r.facts for r in one.results] != [r.facts for r in two.results]
    assert one.config["retrieval"]["dense_weight"] == 1.0


def test_a_query_sees_only_what_everybody_may_read(beir, dependencies):
    report = evaluate_retrieval(beir, dependencies, RetrievalConfig(), progress=False)
    documents = {document for result in report.results for document, _ in result.facts["ranking"]}
    assert "salary" not in documents


def test_the_gold_documents_of_a_question_set_can_be_searched_for_as_their_principals(
    questions, dependencies
):
    report = evaluate_retrieval(questions, dependencies, RetrievalConfig(), progress=False)
    by_id = {result.id: result for result in report.results}
    assert set(by_id) == {"a1", "a2", "a3"}
    assert by_id["a3"].scores["recall@100"].value == 1


def test_a_query_that_is_a_document_of_the_corpus_does_not_find_itself(tmp_path, dependencies):
    """As BEIR's script has it: in ArguAna every query is a document, and never its own answer."""
    texts = {"a": "The lamp is lit before sunset.", "b": "The lamp is never lit at sunset."}
    (tmp_path / "qrels").mkdir()
    for name, key in (("corpus", "text"), ("queries", "text")):
        lines = [json.dumps({"_id": one, key: text}) for one, text in texts.items()]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines))
    (tmp_path / "qrels" / "test.tsv").write_text("a\tb\t1\nb\ta\t1\n")
    report = evaluate_retrieval(tmp_path, dependencies, RetrievalConfig(), progress=False)
    assert report.metrics["ndcg@10"] == 1
    assert [[key for key, _ in r.facts["ranking"]] for r in report.results] == [["b"], ["a"]]


def test_long_questions_are_ranked_and_refused_ones_are_told_without_ending_the_run(
    beir, dependencies
):
    lines = (beir / "queries.jsonl").read_text().splitlines()
    first = {**json.loads(lines[0]), "text": "harbour " * 2000}
    second = {**json.loads(lines[1]), "text": "\u200b"}
    rows = [json.dumps(first), json.dumps(second), *lines[2:]]
    (beir / "queries.jsonl").write_text("\n".join(rows))
    report = evaluate_retrieval(beir, dependencies, RetrievalConfig(), progress=False)
    by_id = {result.id: result for result in report.results}
    assert by_id[first["_id"]].facts["ranking"]
    assert "1 questions were refused" in report.warnings[-1]
    assert by_id[second["_id"]].scores["ndcg@10"].value == 0


def test_any_id_can_name_a_document(tmp_path, dependencies):
    ids = ["a/b", "..", " edge ", "\u00dcn\u00ef", "c:\\d", "x\ty", "%2F", "\u00e9" * 120]
    (tmp_path / "qrels").mkdir()
    documents = [
        json.dumps({"_id": key, "text": f"The lamp is lit, says number {place}."})
        for place, key in enumerate(ids)
    ]
    (tmp_path / "corpus.jsonl").write_text("\n".join(documents))
    (tmp_path / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "lamp"}))
    (tmp_path / "qrels" / "test.tsv").write_text("q\ta/b\t1\n")
    report = evaluate_retrieval(tmp_path, dependencies, RetrievalConfig(), progress=False)
    assert {key for key, _ in report.results[0].facts["ranking"]} == set(ids)


def test_a_limit_draws_the_same_queries_each_time(beir, dependencies):
    runs = [
        evaluate_retrieval(beir, dependencies, RetrievalConfig(), limit=2, progress=False)
        for _ in range(2)
    ]
    assert [r.id for r in runs[0].results] == [r.id for r in runs[1].results]
    assert len(runs[0].results) == 2


def test_equal_runs_give_equal_figures_in_another_cache(beir, dependencies, tmp_path):
    one = evaluate_retrieval(beir, dependencies, RetrievalConfig(), progress=False)
    other = replace(dependencies, cache=tmp_path / "elsewhere")
    two = evaluate_retrieval(beir, other, RetrievalConfig(), progress=False)
    assert one.metrics == two.metrics
    assert [untimed(result) for result in one.results] == [untimed(r) for r in two.results]


def untimed(result):
    return replace(result, facts={k: v for k, v in result.facts.items() if k != "seconds"})


def test_each_retriever_is_measured_by_its_name(beir, dependencies):
    reports = {
        name: evaluate_retrieval(
            beir, dependencies, RetrievalConfig(), retriever=retriever, progress=False
        )
        for name, retriever in RETRIEVERS.items()
    }
    assert {name: report.config["retriever"] for name, report in reports.items()} == {
        name: name for name in ("dense", "bm25", "rrf", "hybrid")
    }
    scores = {name: [r.facts["ranking"] for r in each.results] for name, each in reports.items()}
    assert len({json.dumps(ranking) for ranking in scores.values()}) == len(RETRIEVERS)


FOLLOW_UP = {
    "id": "f1",
    "question": "When does it open?",
    "answers": ["six"],
    "gold": ["bakery"],
    "turns": [
        {"speaker": "user", "text": "Who sells rye bread?"},
        {"speaker": "agent", "text": "The bakery of Iris Vane sells rye bread."},
    ],
}


def test_a_follow_up_is_searched_for_with_what_its_turns_say(questions, dependencies):
    lines = [FOLLOW_UP, FOLLOW_UP | {"id": "f2", "turns": []}]
    (questions / "questions.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    report = evaluate_retrieval(questions, dependencies, RetrievalConfig(), progress=False)
    with_turns, without = report.results
    assert "rye bread" in with_turns.facts["searched"]
    assert with_turns.facts["ranking"][0][0] == "bakery"
    assert "searched" not in without.facts
    assert with_turns.facts["ranking"] != without.facts["ranking"]
