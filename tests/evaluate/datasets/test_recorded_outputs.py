"""Answers of any system are judged alike, from a file."""

import json

import pytest

from evaluate.datasets.access_matrix import access_matrix
from evaluate.datasets.recorded_outputs import Output, RecordedCitation
from evaluate.datasets.schema import CorpusDocument, Sample
from evaluate.errors import EmptyEvaluationError, InvalidDatasetError
from evaluate.runners.answers import evaluate_answers, evaluate_outputs
from evaluate.scoring.judging import Judges, cited_sentences, judge_output
from generate.types import Judgement
from generate.verification.verifier import AlignmentVerifier
from tests.evaluate.conftest import write_lines


class WordVerifier:
    """Supports a claim if every word of it is in the evidence."""

    name = "words"

    def verify(self, claim, evidence):
        evidence_words = set(" ".join(evidence).lower().split())
        is_supported = set(claim.lower().split()) <= evidence_words
        return Judgement(
            "supported" if is_supported else "unsupported", float(is_supported), "by words"
        )


def test_recorded_outputs_are_scored_without_our_pipeline(questions, tmp_path):
    write_lines(
        tmp_path / "outputs.jsonl",
        [
            {
                "id": "a1",
                "answer": "It was built in 1931 [1].",
                "citations": [{"document": "fog horn", "quote": "It was built in 1931."}],
                "confidence": 0.9,
            },
            {"id": "u1", "abstained": True, "confidence": 0.1, "seconds": 0.5},
        ],
    )
    report = evaluate_outputs(
        questions, tmp_path / "outputs.jsonl", Judges(WordVerifier()), progress=False
    )
    assert report.metrics["answer_in_quote@1"] == 1
    assert report.metrics["abstention_auroc"] == 1
    assert report.metrics["abstention_f1"] == 1
    assert report.metrics["groundedness"] == 1
    assert report.metrics["leaks"] == 0
    assert report.counts["questions"] == 2
    assert any("3 questions have no output" in warning for warning in report.warnings)


def test_a_line_that_does_not_fit_is_named_with_its_number(questions, tmp_path):
    file = tmp_path / "outputs.jsonl"
    write_lines(file, [{"id": "a1"}, {"id": "a2", "seconds": -1}])
    with pytest.raises(InvalidDatasetError, match=r"outputs\.jsonl line 2: seconds"):
        evaluate_outputs(questions, file, Judges(), progress=False)


def test_outputs_of_other_questions_are_refused(questions, tmp_path):
    file = tmp_path / "outputs.jsonl"
    write_lines(file, [{"id": "elsewhere"}])
    with pytest.raises(EmptyEvaluationError, match="has the id of a question"):
        evaluate_outputs(questions, file, Judges(), progress=False)


def test_our_own_answers_written_down_and_read_back_score_the_same(
    questions,
    dependencies,
    answering,
    tmp_path,
):
    from evaluate.datasets.corpus_store import open_corpus
    from evaluate.datasets.loading import load_questions
    from evaluate.runners.answers import ask

    report = evaluate_answers(questions, dependencies, answering, progress=False)
    dataset = load_questions(questions)
    live = answering(open_corpus(dataset, dependencies, progress=False))
    lines = [json.loads(ask(sample, live).model_dump_json()) for sample in dataset.samples]
    write_lines(tmp_path / "outputs.jsonl", lines)
    judges = Judges(AlignmentVerifier(dependencies.embedder), dependencies.embedder)
    again = evaluate_outputs(questions, tmp_path / "outputs.jsonl", judges, progress=False)
    timed = {name for name in report.metrics if name.startswith("latency")}
    ours = {name: value for name, value in report.metrics.items() if name not in timed}
    assert ours == {name: value for name, value in again.metrics.items() if name not in timed}


def test_markers_tell_which_sentence_a_citation_belongs_to():
    output = Output(
        id="q",
        answer="Built in 1931 [1]. It sounds twice. [2]",
        citations=(
            RecordedCitation(document="a", quote="one"),
            RecordedCitation(document="b", quote="two"),
        ),
    )
    assert [(s.text.strip(), s.quotes) for s in cited_sentences(output)] == [
        ("Built in 1931.", ("one",)),
        ("It sounds twice.", ("two",)),
    ]


def test_alce_precision_counts_a_citation_that_is_not_needed_against_the_answer():
    output = Output(
        id="q",
        sentences=("built 1931",),
        answer="built 1931",
        citations=(
            RecordedCitation(document="a", quote="it was built 1931", sentence=0),
            RecordedCitation(document="b", quote="bread is sold", sentence=0),
        ),
    )
    scores = judge_output(Sample(id="q", question="?"), output, Judges(WordVerifier()))
    assert scores["alce_citation_recall"].value == 1
    assert scores["alce_citation_precision"].value == 0.5


def test_alce_counts_two_citations_that_support_only_together():
    output = Output(
        id="q",
        sentences=("built 1931",),
        answer="built 1931",
        citations=(
            RecordedCitation(document="a", quote="it was built then", sentence=0),
            RecordedCitation(document="b", quote="the year was 1931", sentence=0),
        ),
    )
    scores = judge_output(Sample(id="q", question="?"), output, Judges(WordVerifier()))
    assert scores["alce_citation_recall"].value == 1
    assert scores["alce_citation_precision"].value == 1


def test_an_unsupported_sentence_costs_groundedness_and_all_its_citations():
    output = Output(
        id="q",
        sentences=("built 1931", "by giants"),
        answer="built 1931 by giants",
        citations=(
            RecordedCitation(document="a", quote="it was built 1931", sentence=0),
            RecordedCitation(document="a", quote="it was tall", sentence=1),
        ),
    )
    scores = judge_output(Sample(id="q", question="?"), output, Judges(WordVerifier()))
    assert scores["groundedness"].value == 0.5
    assert "by giants" in scores["groundedness"].reason
    assert scores["alce_citation_precision"].value == 0.5


def test_a_document_that_the_asker_may_not_read_is_a_leak():
    matrix = access_matrix(
        [
            CorpusDocument(id="open"),
            CorpusDocument(id="closed", allow=("group:hr/all",)),
            CorpusDocument(id="denied", deny=("user:eve",)),
        ]
    )
    output = Output(id="q", citations=[{"document": k} for k in ("open", "closed", "denied")])
    for principals, count in (((), 1), (("user:eve",), 2), (("group:hr/all",), 0)):
        sample = Sample(id="q", question="?", principals=principals)
        score = judge_output(sample, output, Judges(access=matrix))["leaks"]
        assert score.value == count, principals


def report_of(questions, tmp_path, *lines):
    write_lines(tmp_path / "outputs.jsonl", lines)
    return evaluate_outputs(
        questions, tmp_path / "outputs.jsonl", Judges(WordVerifier()), progress=False
    )


def test_an_empty_answer_is_an_abstention(questions, tmp_path):
    report = report_of(
        questions, tmp_path, {"id": "a1", "answer": " "}, {"id": "u1", "answer": None}
    )
    assert report.counts["abstentions"] == 2
    assert report.metrics["abstention_precision"] == 0.5


def test_a_system_that_names_no_citation_is_judged_by_its_answers(questions, tmp_path):
    report = report_of(questions, tmp_path, {"id": "a1", "answer": "1931"}, {"id": "u1"})
    assert report.headline == "token_f1"
    assert report.metrics["token_f1"] == 1
    for metric in ("answer_in_quote@2", "citation_recall", "alce_citation_recall", "groundedness"):
        assert report.metrics[metric] is None
    assert "no output names what it cites" in report.results[0].scores["citation_recall"].reason


def test_a_confidence_that_is_no_share_ranks_answers_and_calibrates_nothing(questions, tmp_path):
    report = report_of(
        questions,
        tmp_path,
        {"id": "a1", "answer": "1931", "confidence": 7.5},
        {"id": "a2", "answer": "fish", "confidence": -3},
        {"id": "u1", "answer": "", "confidence": -9},
    )
    assert report.metrics["abstention_auroc"] == 1
    assert report.metrics["calibration_error"] is None
    assert all(0 <= x <= 1 and 0 <= y <= 1 for c in report.curves for x, y in c.points)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e400"])
def test_numbers_that_json_does_not_have_are_refused(questions, tmp_path, value):
    file = tmp_path / "outputs.jsonl"
    file.write_text(f'{{"id": "a1", "answer": "1931", "confidence": {value}}}')
    with pytest.raises(InvalidDatasetError, match="line 1: confidence"):
        evaluate_outputs(questions, file, Judges(), progress=False)


def test_answers_are_scored_without_any_corpus(questions, tmp_path):
    lines = [json.loads(line) for line in (questions / "questions.jsonl").read_text().splitlines()]
    write_lines(questions / "questions.jsonl", [{**line, "gold": None} for line in lines])
    for prepare in ((questions / "corpus.jsonl").write_text, None):
        prepare("") if prepare else (questions / "corpus.jsonl").unlink()
        report = report_of(questions, tmp_path, {"id": "a1", "answer": "1931"})
        assert report.metrics["exact_match"] == 1
        assert report.metrics["leaks"] is None


def test_gold_documents_alone_tell_good_answers_from_bad_ones(questions, tmp_path):
    lines = [json.loads(line) for line in (questions / "questions.jsonl").read_text().splitlines()]
    write_lines(questions / "questions.jsonl", [{**line, "answers": None} for line in lines])
    citation = {"document": "fog horn", "quote": "It was built in 1931."}
    report = report_of(
        questions,
        tmp_path,
        {"id": "a1", "answer": "1931", "citations": [citation], "confidence": 1},
    )
    assert report.headline == "citation_recall"
    assert report.metrics["risk_area"] == 0
