import json

from evaluate.datasets.recorded_outputs import output_of
from evaluate.datasets.schema import Sample
from evaluate.reports.report import report_json, write_report
from evaluate.runners.answers import evaluate_answers
from evaluate.scoring.judging import Judges, judge_output
from generate.answer import answer
from generate.types import Answer, Citation, Usage
from index.types import Scope
from tests.evaluate.conftest import write_lines


def citation(filename, quote, *, start=0, marker=1, answer_start=0):
    return Citation(
        marker=marker,
        document_id=f"id of {filename}",
        document_version=1,
        chunk_id="c",
        title="",
        filename=filename,
        quote=quote,
        start=start,
        end=start + len(quote),
        page=None,
        boxes=(),
        answer_start=answer_start,
        answer_end=answer_start + 10,
        verdict="supported",
        score=1.0,
    )


def answer_of(*citations, status="answered", text="It was built in 1931. [1]"):
    return Answer(status, text, (), citations, Usage(), "snapshot", "quote", confidence=0.9)


SAMPLE = Sample(
    id="q",
    question="When?",
    answers=("1931",),
    gold=("fog horn",),
    evidence=(("The fog horn was built in 1931.",),),
)


def values(sample, answer_given):
    scores = judge_output(sample, output_of(sample.id, answer_given), Judges())
    return {name: score.value for name, score in scores.items()}


def test_a_right_answer_from_the_right_place_scores_full_marks():
    scores = values(SAMPLE, answer_of(citation("fog%20horn", "The fog horn was built in 1931.")))
    for name in ("answer_in_quote@1", "citation_precision", "citation_recall"):
        assert scores[name] == 1
    assert scores["evidence_precision"] == scores["evidence_recall"] == 1
    assert 0 < scores["token_f1"] < 1


def test_the_order_of_the_answer_decides_which_quotes_come_first():
    late = citation("fog%20horn", "Built in 1931.", marker=2, answer_start=20)
    early = citation("ferry%2F1", "It sails at noon.", marker=1)
    scores = values(SAMPLE, answer_of(late, early))
    assert scores["answer_in_quote@1"] == 0
    assert scores["answer_in_quote@2"] == 1
    assert scores["citation_precision"] == 0.5


def test_the_same_place_cited_twice_counts_once():
    one = citation("fog%20horn", "Built in 1931.")
    two = citation("fog%20horn", "Built in 1931.", answer_start=40)
    other = citation("bakery", "Bread.", answer_start=60)
    assert values(SAMPLE, answer_of(one, two, other))["citation_precision"] == 0.5


def test_silence_where_an_answer_was_due_is_a_zero_and_no_precision():
    scores = values(SAMPLE, answer_of(status="no_evidence", text="There is no evidence."))
    assert scores["answer_in_quote@3"] == scores["citation_recall"] == scores["token_f1"] == 0
    assert scores["citation_precision"] is None


def test_a_question_without_an_answer_is_judged_by_abstention_alone():
    sample = Sample(id="u", question="Why?", answerable=False)
    scores = values(sample, answer_of(citation("bakery", "Bread.")))
    assert scores.pop("abstention") == 0
    assert set(scores.values()) == {None}


def test_a_question_set_is_asked_and_measured(questions, dependencies, answering, tmp_path):
    report = evaluate_answers(questions, dependencies, answering, progress=False)
    assert {
        "answer_in_quote@2",
        "citation_precision",
        "citation_recall",
        "abstention_auroc",
        "latency_p50_ms",
        "latency_p95_ms",
    } <= set(report.metrics)
    assert report.counts["questions"] == 5
    assert report.counts["unanswerable"] == 2
    assert report.metrics["abstention_auroc"] is not None
    json.dumps(report_json(report))
    write_report(report, tmp_path / "out")
    assert "Share of wrong answers" in (tmp_path / "out/report.html").read_text()


def test_the_answers_are_those_of_answer_itself(questions, dependencies, answering):
    """Ask ``answer()`` directly and compare: evaluation has no answerer of its own."""
    report = evaluate_answers(questions, dependencies, answering, progress=False)
    library = dependencies.open_store(next(dependencies.cache.glob("*/complete.json")).parent)
    live = answering(library)
    for result in report.results:
        principals = ["group:town/office"] if result.id == "a3" else []
        direct = answer(result.question, Scope.of("default", principals), live)
        if result.id != "a2":  # it has earlier turns
            assert result.facts["answer"] == direct.text
            assert result.facts["status"] == direct.status


def test_only_those_who_may_read_a_document_are_answered_from_it(
    questions, dependencies, answering
):
    report = evaluate_answers(questions, dependencies, answering, progress=False)
    by_id = {result.id: result for result in report.results}
    citations = {key: {c[0] for c in result.facts["citations"]} for key, result in by_id.items()}
    assert all("salary" not in documents for key, documents in citations.items() if key != "a3")


def test_a_question_that_is_refused_is_told_and_does_not_end_the_run(
    questions, dependencies, answering
):
    lines = [json.loads(line) for line in (questions / "questions.jsonl").read_text().splitlines()]
    lines[0]["question"] = "When was the fog horn built? " * 500
    write_lines(questions / "questions.jsonl", lines)
    report = evaluate_answers(questions, dependencies, answering, progress=False)
    refused_result = report.results[0]
    assert refused_result.scores["abstention"].value == 0
    assert "question" in refused_result.facts["refused"].lower()
    assert "1 questions were refused and count as not answered" in report.warnings[-1]
    assert report.counts["questions"] == 5


def test_the_passages_of_a_follow_up_are_those_of_its_rewritten_question(
    questions, dependencies, answering
):
    line = {
        "id": "f1",
        "question": "When does it open?",
        "answers": ["six"],
        "gold": ["bakery"],
        "turns": [{"speaker": "user", "text": "Who sells rye bread?"}],
    }
    (questions / "questions.jsonl").write_text(json.dumps(line) + "\n")
    (result,) = evaluate_answers(questions, dependencies, answering, progress=False).results
    assert "rye bread" in result.facts["searched"]
    assert result.scores["context_precision"].value == 1
