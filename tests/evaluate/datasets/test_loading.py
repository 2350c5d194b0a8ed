import gzip
import json

import pytest

from evaluate.datasets.loading import load_claims, load_questions, load_retrieval
from evaluate.errors import EmptyEvaluationError, InvalidDatasetError, UnknownDatasetError


def write_lines(file, *records):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in records) + "\n")


@pytest.fixture
def beir(tmp_path):
    write_lines(
        tmp_path / "corpus.jsonl",
        {"_id": "d1", "title": "One", "text": "first", "metadata": {"url": "x"}},
        {"_id": 2, "text": "second"},
    )
    write_lines(
        tmp_path / "queries.jsonl", {"_id": "q1", "text": "which?"}, {"_id": "q2", "text": "?"}
    )
    write_lines(tmp_path / "qrels/test.tsv", "query-id\tcorpus-id\tscore", "q1\td1\t2", "q1\t2\t0")
    return tmp_path


@pytest.fixture
def questions(tmp_path):
    write_lines(tmp_path / "corpus.jsonl", {"_id": "d1", "text": "first", "allow": ["user:ann"]})
    write_lines(
        tmp_path / "questions.jsonl",
        {
            "id": "q1",
            "question": "Which?",
            "answerable": True,
            "answers": ["first"],
            "gold": ["d1"],
            "evidence": [["first"]],
            "turns": [{"speaker": "user", "text": "Hello"}],
            "principals": ["user:ann"],
        },
        {"id": "q2", "question": "What else?", "answerable": False},
    )
    return tmp_path


def test_a_beir_folder_gives_the_judged_queries(beir):
    dataset = load_retrieval(beir)
    assert [document.id for document in dataset.corpus] == ["d1", "2"]
    assert [sample.id for sample in dataset.samples] == ["q1"]
    assert dataset.samples[0].judgements == {"d1": 2, "2": 0}
    assert dataset.samples[0].gold == ("d1",)


def test_a_question_set_gives_everything_a_line_says(questions):
    first, second = load_questions(questions).samples
    assert first.answers == ("first",)
    assert first.principals == ("user:ann",)
    assert first.turns[0].speaker == "user"
    assert first.evidence == (("first",),)
    assert not second.answerable


def test_the_gold_documents_of_a_question_set_can_judge_retrieval(questions):
    samples = load_retrieval(questions).samples
    assert [sample.judgements for sample in samples] == [{"d1": 1}]


def test_the_fingerprint_changes_with_the_data_and_with_nothing_else(beir):
    before = load_retrieval(beir)
    assert load_retrieval(beir).fingerprint == before.fingerprint
    write_lines(beir / "qrels/test.tsv", "query-id\tcorpus-id\tscore", "q2\td1\t1")
    after = load_retrieval(beir)
    assert after.fingerprint != before.fingerprint
    assert after.corpus_fingerprint == before.corpus_fingerprint


def test_a_judged_query_that_is_not_asked_is_left_out_with_a_warning(beir):
    lines = "query-id\tcorpus-id\tscore", "q9\td1\t1", "q1\td1\t1"
    write_lines(beir / "qrels/test.tsv", *lines)
    dataset = load_retrieval(beir)
    assert [sample.id for sample in dataset.samples] == ["q1"]
    assert "1 judged queries are not in queries.jsonl" in dataset.warnings[0]
    write_lines(beir / "qrels/test.tsv", *lines[:2])
    with pytest.raises(EmptyEvaluationError, match="the first: q9"):
        load_retrieval(beir)


@pytest.mark.parametrize(
    "lines",
    [
        "q1\td1\t2\nq1\t2\t0\n",
        "query-id\tcorpus-id\tscore\r\nq1\td1\t2\r\nq1\t2\t0\r\n",
        "q1\td1\t2.0\nq1\t2\t0.0\n",
        "q1 0 d1 2\nq1 0 2 0\n",
        "q1\t0\td1\t2\nq1\t0\t2\t0\n",
        "q1 \t d1\t2 \n\nq1\t2\t0",
        "\ufeffq1\td1\t2\nq1\t2\t0\n",
    ],
)
def test_judgements_are_read_as_the_common_tools_write_them(beir, lines):
    """With and without a header, from Windows, as numbers with a point, in trec_eval's columns."""
    (beir / "qrels/test.tsv").write_bytes(lines.encode())
    assert load_retrieval(beir).samples[0].judgements == {"d1": 2, "2": 0}


def test_judgements_of_another_split_are_used_where_there_are_none_for_testing(beir):
    (beir / "qrels/test.tsv").rename(beir / "qrels/dev.tsv")
    dataset = load_retrieval(beir)
    assert dataset.samples[0].judgements == {"d1": 2, "2": 0}
    assert "dev.tsv" in dataset.warnings[0]


def test_compressed_files_are_read(beir):
    plain = load_retrieval(beir)
    for name in ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv"):
        (beir / f"{name}.gz").write_bytes(gzip.compress((beir / name).read_bytes()))
        (beir / name).unlink()
    packed = load_retrieval(beir)
    assert (packed.corpus, packed.samples) == (plain.corpus, plain.samples)
    (beir / "corpus.jsonl.gz").write_bytes((beir / "corpus.jsonl.gz").read_bytes()[:-12])
    with pytest.raises(InvalidDatasetError, match="no whole gzip file"):
        load_retrieval(beir)


def test_a_document_that_is_the_query_itself_is_excluded_unless_it_is_judged_relevant(beir):
    write_lines(beir / "queries.jsonl", {"_id": "d1", "text": "first"}, {"_id": 2, "text": "2nd"})
    write_lines(beir / "qrels/test.tsv", "d1\t2\t1", "2\t2\t1")
    itself, relevant = load_retrieval(beir).samples
    assert itself.excluded == ("d1",)
    assert relevant.excluded == ()


def test_what_is_null_is_as_left_out_and_one_text_is_a_list_of_one(questions):
    write_lines(
        questions / "corpus.jsonl",
        {"_id": "d1", "title": None, "text": "first", "allow": "user:ann"},
    )
    write_lines(
        questions / "questions.jsonl",
        {
            "id": 1,
            "question": "Which?",
            "answers": "first",
            "gold": "d1",
            "evidence": ["first", "one"],
            "turns": [{"role": "user", "content": "Hello"}],
            "principals": None,
            "tags": {"hops": 2, "hard": True, "none": None},
        },
    )
    dataset = load_questions(questions)
    assert dataset.corpus[0].title == ""
    assert dataset.corpus[0].allow == ("user:ann",)
    sample = dataset.samples[0]
    assert (sample.id, sample.answers, sample.gold) == ("1", ("first",), ("d1",))
    assert sample.evidence == (("first", "one"),)
    assert (sample.turns[0].speaker, sample.turns[0].text) == ("user", "Hello")
    assert sample.tags == {"hops": "2", "hard": "true"}


def test_half_a_character_becomes_the_sign_for_what_cannot_be_read(questions):
    line = '{"_id": "d1", "text": "an \\ud83d emoji \\ud83d\\ude00 cut in two"}'
    write_lines(questions / "corpus.jsonl", line)
    assert load_questions(questions).corpus[0].text == "an \ufffd emoji \U0001f600 cut in two"


def test_a_judged_document_that_is_not_in_the_corpus_is_a_warning(beir):
    write_lines(beir / "qrels/test.tsv", "query-id\tcorpus-id\tscore", "q1\tgone\t1")
    assert "gone" in load_retrieval(beir).warnings[0]


BAD_LINES = [
    ("corpus.jsonl", '{"_id": "d1"', "corpus.jsonl line 1: not JSON"),
    ("corpus.jsonl", '{"title": "x"}', "corpus.jsonl line 1: _id: Field required"),
    ("corpus.jsonl", '["d1"]', "corpus.jsonl line 1: the line:"),
    (
        "corpus.jsonl",
        '{"_id": "d1"}\n{"_id": "d1"}',
        "corpus.jsonl line 2: id 'd1' is taken by line 1",
    ),
    ("corpus.jsonl", '{"_id": "d1", "allow": ["ann"]}', "line 1: 'ann' is not a principal"),
    ("queries.jsonl", '{"_id": "q1", "text": "  "}', "queries.jsonl line 1: text:"),
    ("qrels/test.tsv", "q\td\ts\nq1\td1", "test.tsv line 2: write query-id, corpus-id and a whole"),
    ("qrels/test.tsv", "q\td\ts\nq1\td1\tgood", "test.tsv line 2: write query-id, corpus-id and"),
]


@pytest.mark.parametrize(("name", "content", "message"), BAD_LINES)
def test_a_bad_line_is_named_with_file_line_and_remedy(beir, name, content, message):
    (beir / name).write_text(content)
    with pytest.raises(InvalidDatasetError) as caught:
        load_retrieval(beir)
    assert message in str(caught.value)


def test_bytes_that_are_not_utf8_are_named_with_their_line(beir):
    (beir / "corpus.jsonl").write_bytes(b'{"_id": "d1"}\n{"_id": "\xff"}')
    with pytest.raises(InvalidDatasetError, match="line 2: not UTF-8"):
        load_retrieval(beir)


def test_a_missing_file_says_what_a_data_set_is_made_of(tmp_path):
    for load in (load_retrieval, load_questions):
        with pytest.raises(UnknownDatasetError, match=r"corpus\.jsonl"):
            load(tmp_path)
    with pytest.raises(UnknownDatasetError):
        load_claims(tmp_path / "claims.jsonl")


def test_a_data_set_without_questions_is_refused(questions):
    (questions / "questions.jsonl").write_text("\n")
    with pytest.raises(EmptyEvaluationError):
        load_questions(questions)


def test_claims_need_one_of_the_three_labels(tmp_path):
    file = tmp_path / "claims.jsonl"
    write_lines(file, {"claim": "c", "evidence": ["e"], "label": "supported"})
    assert load_claims(file)[0].evidence == ("e",)
    write_lines(file, {"claim": "c", "evidence": ["e"], "label": "refuted"})
    with pytest.raises(InvalidDatasetError, match="line 1: label"):
        load_claims(file)
    file.write_text("")
    with pytest.raises(EmptyEvaluationError):
        load_claims(file)
