"""Question sets as examples: each set's rows come out with the answer where it stands."""

import gzip
import json
import random

import pytest

from evaluate.errors import InvalidDatasetError
from evaluate.training.recipes import as_written, load_recipe, nearest_sentence, unspaced
from generate.quoting.reader_training import Example

TEXT = "The lamp is lit at dusk . It was made by Johan Berg ."


def write(folder, name, *rows):
    with gzip.open(folder / f"{name}.jsonl.gz", "wt") as file:
        for row in rows:
            file.write(json.dumps({"title": "Lamps", "answers": [], **row}) + "\n")


def answer(example):
    return example.text[example.start : example.end]


def test_spaces_that_a_tokeniser_put_in_are_taken_out(tmp_path):
    row = {"question": "who made the lamp", "passage": TEXT, "answers": ["Johan Berg"],
           "answer_starts": [41], "answerable": True}  # fmt: skip
    write(tmp_path, "qed_nq", row)
    (example,) = load_recipe(tmp_path)
    assert example.text == "The lamp is lit at dusk. It was made by Johan Berg."
    assert answer(example) == "Johan Berg"
    assert example.group == "Lamps"


def test_the_sentences_of_a_section_make_its_text(tmp_path):
    rows = [
        {"question": "who made it?", "passage": "It is old.", "answerable": False},
        {"question": "who made it?", "passage": "Johan Berg made it.", "answerable": True},
    ]
    write(tmp_path, "selqa", *rows)
    example = load_recipe(tmp_path)[0]
    assert example.text == "It is old. Johan Berg made it."
    assert answer(example) == "Johan Berg made it."


def test_a_question_for_yes_or_no_is_answered_by_the_sentence_with_its_words(tmp_path):
    row = {"question": "is the lamp lit at dusk", "answers": ["yes"], "answerable": True,
           "passage": "Lamps -- They are old. The lamp is lit at dusk."}  # fmt: skip
    write(tmp_path, "boolq_val", row)
    (example,) = load_recipe(tmp_path)
    assert answer(example) == "The lamp is lit at dusk."


def test_an_answer_that_stands_nowhere_is_left_out(tmp_path):
    row = {"question": "who?", "passage": "It is old.", "answers": ["Ann"], "answerable": True}
    other = {"question": "How?", "passage": "By hand.", "answers": ["By hand"], "answerable": True}
    write(tmp_path, "qamr", row, other)
    assert [one.question for one in load_recipe(tmp_path)] == ["How?"]


def test_a_folder_without_a_set_is_refused(tmp_path):
    with pytest.raises(InvalidDatasetError, match="qed_nq"):
        load_recipe(tmp_path)
    (tmp_path / "qamr.jsonl.gz").write_text("not gzip")
    with pytest.raises(InvalidDatasetError, match="gzipped"):
        load_recipe(tmp_path)


def test_a_typed_question_gets_its_capitals_back():
    example = Example("who was johan berg", "It was made by Johan Berg.", group="Lamps")
    written = {as_written(example, random.Random(seed)).question for seed in range(20)}
    assert written == {"who was johan berg", "Who was Johan Berg?"}


def test_the_nearest_sentence_has_most_words():
    assert nearest_sentence("is the lamp old", "It rains. The lamp is old.") == "The lamp is old."
    assert unspaced("It 's ( here ) , now .") == "It's (here), now."
