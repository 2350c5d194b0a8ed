"""Examples for a reader, from our question sets and from SQuAD's format."""

import json

import pytest

from evaluate.authoring.reader_examples import load_examples
from evaluate.errors import EmptyEvaluationError, InvalidDatasetError

TEXT = "The ferry leaves at nine. Dogs travel free."


def test_a_question_set_gives_places_and_near_documents(tmp_path):
    rows = [
        {"id": "1", "question": "When is it?", "answers": ["at nine", "nine"], "gold": ["a"]},
        {"id": "2", "question": "Which dogs bite?", "answerable": False},
        {"id": "3", "question": "Who?", "answers": ["nobody"], "gold": ["a"]},
    ]  # fmt: skip
    corpus = [{"_id": "a", "text": TEXT}, {"_id": "b", "text": "The sea is cold."}]
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)))
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)))
    answered, unanswered = load_examples(tmp_path)
    assert TEXT[answered.start : answered.end] == "nine"
    assert (unanswered.text, unanswered.start) == (TEXT, None)


def squad(answers, *, impossible=False):
    question = {"question": "When?", "answers": answers, "is_impossible": impossible}
    return {"data": [{"title": "t", "paragraphs": [{"context": TEXT, "qas": [question]}]}]}


def test_squads_format_is_read(tmp_path):
    file = tmp_path / "train.json"
    file.write_text(json.dumps(squad([{"text": "nine", "answer_start": 20}])))
    (example,) = load_examples(file)
    assert (TEXT[example.start : example.end], example.group) == ("nine", "t")


def test_a_file_that_is_something_else_is_refused(tmp_path):
    file = tmp_path / "train.json"
    file.write_text("[]")
    with pytest.raises(InvalidDatasetError):
        load_examples(file)
    file.write_text(json.dumps(squad([], impossible=True)))
    with pytest.raises(EmptyEvaluationError):
        load_examples(file)
