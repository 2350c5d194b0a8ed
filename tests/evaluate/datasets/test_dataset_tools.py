"""Data sets are checked by line, brought in from common formats, and made from documents."""

import csv
import json

import pytest

from api.cli import main
from evaluate.authoring.generator import drafts_of, generate_questions
from evaluate.authoring.llm_generator import written_drafts
from evaluate.authoring.validation import check_questions
from evaluate.datasets.access_matrix import access_matrix
from evaluate.datasets.importers import import_dataset, write_dataset
from evaluate.datasets.loading import load_questions
from evaluate.datasets.recorded_outputs import read_outputs
from evaluate.datasets.sample_scope import scope_of
from evaluate.datasets.schema import CorpusDocument
from evaluate.errors import EmptyEvaluationError, InvalidDatasetError
from generate.llm.port import Delta
from tests.evaluate.conftest import write_lines

SQUAD = {
    "data": [
        {
            "title": "Marrow_Point",
            "paragraphs": [
                {
                    "context": "The fog horn was built in 1931.",
                    "qas": [
                        {"id": "1", "question": "When?", "answers": [{"text": "1931"}] * 2},
                        {"id": "2", "question": "Who?", "is_impossible": True, "answers": []},
                    ],
                }
            ],
        }
    ]
}
HOTPOT = [
    {
        "_id": "h1",
        "question": "Which is older?",
        "answer": "the horn",
        "type": "comparison",
        "context": [["Horn", ["It is of 1931.", " It sounds."]], ["Ferry", ["It is new."]]],
        "supporting_facts": [["Horn", 0], ["Ferry", 0]],
    }
]


def brought_in(tmp_path, content, kind, name="data.json"):
    file = tmp_path / name
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    folder = tmp_path / "out"
    write_dataset(import_dataset(file, kind), folder)
    assert [f for f in check_questions(folder) if f.grade == "error"] == []
    return load_questions(folder)


def test_squad_keeps_answers_once_and_what_cannot_be_answered(tmp_path):
    dataset = brought_in(tmp_path, SQUAD, "squad")
    one, two = dataset.samples
    assert (one.answers, one.answerable) == (("1931",), True)
    assert one.gold == (dataset.corpus[0].id,)
    assert (two.answers, two.gold, two.answerable) == ((), (), False)
    assert dataset.corpus[0].title == "Marrow Point"


def test_hotpot_keeps_supporting_sentences_as_evidence(tmp_path):
    [sample] = brought_in(tmp_path, HOTPOT, "hotpot").samples
    assert sample.evidence == (("It is of 1931.", "It is new."),)
    assert len(sample.gold) == 2
    assert sample.tags == {"kind": "comparison"}


def test_ragas_rows_become_questions_and_outputs_that_can_be_scored(tmp_path):
    row = {
        "user_input": "When?",
        "response": "In 1931.",
        "retrieved_contexts": ["The horn is of 1931.", "Bread."],
        "reference": "1931",
        "reference_contexts": ["The horn is of 1931."],
    }
    dataset = brought_in(tmp_path, [row], "ragas")
    assert dataset.samples[0].answers == ("1931",)
    assert len(dataset.corpus) == 2
    output = read_outputs(tmp_path / "out/outputs.jsonl")["1"]
    assert output.answer == "In 1931."
    assert output.passages[0].document in dataset.samples[0].gold


def test_squad_s_rows_are_read_as_its_articles_are(tmp_path):
    """The form in which sets are listed today: a row for each question."""
    rows = [
        {"id": "1", "title": "Marrow_Point", "context": "The fog horn was built in 1931.",
         "question": "When?", "answers": {"text": ["1931", "1931"], "answer_start": [26, 26]}},
        {"id": "2", "title": "Marrow_Point", "context": "The fog horn was built in 1931.",
         "question": "Who?", "answers": {"text": [], "answer_start": []}},
    ]  # fmt: skip
    nested = brought_in(tmp_path, SQUAD, "squad")
    lines = "\n".join(json.dumps(row) for row in rows)
    for content, name in ((rows, "x.json"), (lines, "x.jsonl"), ({"data": rows}, "y.json")):
        flat = brought_in(tmp_path, content, "squad", name)
        assert (flat.corpus, flat.samples) == (nested.corpus, nested.samples)


@pytest.mark.parametrize(
    "cell",
    [
        '["The horn is of 1931.", "Bread, it\'s good."]',
        "['The horn is of 1931.', \"Bread, it's good.\"]",
        "['The horn is of 1931.' \"Bread, it's good.\"]",
        "['The horn is of 1931.'\n \"Bread, it's good.\"]",
    ],
)
def test_lists_in_a_cell_are_read_as_json_python_and_numpy_write_them(tmp_path, cell):
    file = tmp_path / "x.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerows([["question", "contexts", "answer"], ["When?", cell, "x" * 200_000]])
    imported = import_dataset(file, "ragas")
    assert [d.text for d in imported.corpus] == ["The horn is of 1931.", "Bread, it's good."]


def test_rows_may_be_lines_a_list_columns_or_a_list_under_a_name(tmp_path):
    rows = [
        {"question": "When?\u2028Really?", "ground_truth": "1931", "contexts": ["Of 1931."]}
    ] * 2
    rows = [{**row, "id": str(place)} for place, row in enumerate(rows, start=1)]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    lines = "\r\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    for content in (rows, columns, {"samples": rows}, lines):
        file = tmp_path / "x.jsonl"
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        file.write_bytes(text.encode())
        imported = import_dataset(file, "ragas")
        assert [s.answers for s in imported.samples] == [("1931",)] * 2
        assert imported.samples[0].question == rows[0]["question"]


def test_a_ragas_conversation_becomes_a_question_and_its_turns(tmp_path):
    turns = [
        {"content": "Hello", "type": "human"},
        {"content": "Hi", "type": "ai"},
        {"content": "When?", "type": "human"},
        {"content": "In 1931.", "type": "ai"},
    ]
    row = {"user_input": turns, "reference": "1931", "reference_contexts": ["Of 1931."]}
    [sample] = brought_in(tmp_path, [row], "ragas").samples
    assert sample.question == "When?"
    assert [(t.speaker, t.text) for t in sample.turns] == [("user", "Hello"), ("assistant", "Hi")]


@pytest.mark.parametrize(("content", "kind"), [("[]", "ragas"), ("question\n", "csv")])
def test_a_file_without_questions_is_refused(tmp_path, content, kind):
    file = tmp_path / f"x.{'csv' if kind == 'csv' else 'json'}"
    file.write_text(content)
    with pytest.raises(EmptyEvaluationError):
        import_dataset(file, kind)


def test_a_table_becomes_questions_and_other_columns_tags(tmp_path):
    text = "question,answers,context,answerable,language\nWhen?,1931|in 1931,Of 1931.,yes,en\n"
    text += "Who?,,,no,en\n"
    dataset = brought_in(tmp_path, text, "csv", "data.csv")
    assert dataset.samples[0].answers == ("1931", "in 1931")
    assert dataset.samples[0].tags == {"language": "en"}
    assert not dataset.samples[1].answerable


@pytest.mark.parametrize(
    ("content", "kind", "name", "message"),
    [
        ("{", "squad", "x.json", "line 1: not JSON"),
        ("{}", "squad", "x.json", "no 'data'"),
        ('{"question": "?"}\n{', "ragas", "x.jsonl", "line 2: not JSON"),
        ('[{"answer": "x"}]', "ragas", "x.json", "row 1: question"),
        ("question,principals\nWhy?,nobody\n", "csv", "x.csv", "line 2"),
        ("id,question\n1,Why?\n1,How?\n", "csv", "x.csv", "2 questions have the id '1'"),
    ],
)
def test_a_file_of_another_shape_is_refused_with_the_place(tmp_path, content, kind, name, message):
    file = tmp_path / name
    file.write_text(content)
    with pytest.raises(InvalidDatasetError, match=message):
        import_dataset(file, kind)


def test_every_finding_has_its_line(tmp_path, capsys):
    write_lines(tmp_path / "corpus.jsonl", [{"_id": "a", "text": "Of 1931."}, {"text": "no id"}])
    lines = [
        {"id": "1", "question": "When?", "answers": ["1931"], "gold": ["a"]},
        {"id": "1", "question": "Taken?"},
        {"id": "3", "question": "When?", "answers": ["1887"], "gold": ["a", "b"]},
        {"id": "4", "question": "Who?"},
        {"id": "5", "question": "As whom?", "principals": ["ann"]},
    ]
    write_lines(tmp_path / "questions.jsonl", lines)
    with (tmp_path / "questions.jsonl").open("a") as file:
        file.write("{\n")
    findings = [(f.grade, f.file, f.line) for f in check_questions(tmp_path)]
    assert ("error", "corpus.jsonl", 2) in findings
    assert {line for grade, name, line in findings if (grade, name[0]) == ("error", "q")} == {
        2,
        5,
        6,
    }
    messages = " ".join(f.message for f in check_questions(tmp_path) if f.line == 3)
    assert "'b' is not in the corpus" in messages
    assert "'1887' word for word" in messages
    assert "same question by the same asker as line 1" in messages
    assert main(["evaluate", "dataset", "check", str(tmp_path)]) == 1
    assert "questions.jsonl:2: error: id '1' is taken by line 1" in capsys.readouterr().out


HANDBOOK = CorpusDocument(
    id="handbook",
    title="Handbook",
    text="Handbook\n\nThe lamp\n\nThe lens floats on mercury. The bath holds 86 litres of it.\n\n"
    "A watch is a turn of four hours. It is long. The horn was sounded.\n\n"
    "Grade | Pay\nKeeper | 3,180 crowns\nHead | 4,260 crowns",
    allow=("group:keepers/all",),
)
NEWS = CorpusDocument(
    id="news", title="News", text="News\n\nThe ferry\n\nThe ferry sails at noon. It is full."
)


def test_definitions_tables_and_headings_become_questions_and_vague_sentences_do_not():
    drafts = {draft.question: draft for draft in drafts_of(HANDBOOK)}
    assert drafts["What is the pay for “Keeper”?"].answers == ("3,180 crowns",)
    assert drafts["What does the bath hold?"].answers == ("86 litres of it",)
    assert drafts["What is a watch?"].evidence == ("A watch is a turn of four hours.",)
    assert drafts["What does “Handbook” say about the lamp?"].kind == "heading"
    assert not any("horn" in question or "What is it" in question for question in drafts)


def test_each_asker_is_to_be_answered_from_what_that_asker_may_read():
    askers = [("group:keepers/all",), ("group:visitors/all",)]
    generated = generate_questions([HANDBOOK, NEWS], askers, per_document=10)
    matrix = access_matrix(generated.corpus)
    for sample in generated.samples:
        assert all(matrix[key].admits(scope_of(sample)) for key in sample.gold)
        is_hidden = sample.tags["access"] == "hidden"
        assert not (is_hidden and sample.answerable)
    answerable_by_asker = {(s.question, s.principals): s.answerable for s in generated.samples}
    assert answerable_by_asker["What does the bath hold?", askers[0]]
    assert not answerable_by_asker["What does the bath hold?", askers[1]]
    assert {s.tags["kind"] for s in generated.samples} >= {"definition", "table", "unanswerable"}


def test_the_same_seed_makes_the_same_questions():
    one, two = (generate_questions([HANDBOOK, NEWS], per_document=2) for _ in range(2))
    assert one == two


def test_what_a_readable_document_says_too_is_not_called_hidden():
    copy = NEWS.model_copy(update={"id": "copy", "text": HANDBOOK.text, "title": "Copy"})
    generated = generate_questions([HANDBOOK, copy], [()], per_document=10)
    assert all(s.tags["access"] == "open" for s in generated.samples)


class Writer:
    """A model that writes what it is told to."""

    name = "scripted"

    def __init__(self, *replies):
        self.replies = list(replies)

    def stream(self, prompt, *, deadline):
        yield Delta(self.replies.pop(0))

    def count_tokens(self, text):
        return len(text)


def test_a_model_s_question_is_kept_only_where_the_passage_has_its_answer():
    good = '```json\n{"question": "How much mercury?", "answer": "86 litres"}\n```'
    for reply, count in ((good, 1), ('{"question": "?", "answer": "99 litres"}', 0), ("no", 0)):
        drafts = list(written_drafts([HANDBOOK], Writer(reply), per_document=1))
        assert len(drafts) == count, reply
    [draft] = written_drafts([HANDBOOK], Writer(good), per_document=1)
    assert draft.answers == ("86 litres",)


def test_a_set_is_made_and_checked_from_the_command_line(tmp_path, capsys):
    from tests.house.sources import ROOT

    data = ["--data", str(tmp_path / "data")]
    everyone = ["--allow", "tenant:all"]
    paths = [str(ROOT / "samples/supply-boat.md"), str(ROOT / "samples/visiting.html")]
    assert main(["ingest", *paths, *everyone, *data]) == 0
    out = tmp_path / "made"
    generate = ["evaluate", "dataset", "generate", "--out", str(out), *data, "--json"]
    assert main(generate) == 0
    printed = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert printed["documents"] == 2
    assert printed["questions"] > printed["unanswerable"] > 0
    assert main(["evaluate", "dataset", "check", str(out)]) == 0

    def askers(*options):
        assert main([*generate, *options]) == 0
        lines = (out / "questions.jsonl").read_text().splitlines()
        return {tuple(json.loads(line)["principals"]) for line in lines}

    ann, crew, bob = "user:ann", "group:sea/crew", "user:bob"
    assert askers("--as", ann, "--as", crew) == askers("--as", f"{ann},{crew}") == {(crew, ann)}
    assert askers("--as", ann, "--ask-as", f"{bob},{crew}") == {(ann,), (crew, bob)}
    assert askers("--ask-as", ann, "--ask-as", bob) == {(ann,), (bob,)}
    assert askers() == {("user:local",)}
