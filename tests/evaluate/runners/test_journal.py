"""An interrupted run goes on where it stopped; another program's or configuration's does not."""

import pytest

from evaluate.datasets.recorded_outputs import Output
from evaluate.runners.journal import FileJournal, NoJournal, code_version
from evaluate.runners.retrieval import evaluate_retrieval
from retrieve.config import RetrievalConfig


class Stopped(Exception):  # noqa: N818 - it stands for an interrupt
    pass


def outputs(journal, made, *, until=None):
    for key in ("a", "b", "c"):
        if key == until:
            raise Stopped
        journal.once(key, Output, lambda key=key: made.append(key) or Output(id=key, answer=key))


def test_what_is_kept_is_not_made_again(tmp_path):
    made = []
    with pytest.raises(Stopped):
        outputs(FileJournal(tmp_path).open("answers", "data", {"k": 1}), made, until="c")
    journal = FileJournal(tmp_path).open("answers", "data", {"k": 1})
    outputs(journal, made)
    assert made == ["a", "b", "c"]
    assert journal.once("b", Output, lambda: Output(id="b")).answer == "b"


def test_a_line_that_was_torn_by_a_crash_is_made_again(tmp_path):
    made = []
    outputs(FileJournal(tmp_path).open("answers", "data", {}), made)
    file = next(tmp_path.glob("*.jsonl"))
    file.write_bytes(file.read_bytes()[:-9])
    outputs(FileJournal(tmp_path).open("answers", "data", {}), made)
    assert made == ["a", "b", "c", "c"]


def test_what_follows_a_torn_line_is_kept(tmp_path):
    made = []
    outputs(FileJournal(tmp_path).open("answers", "data", {}), made)
    file = next(tmp_path.glob("*.jsonl"))
    file.write_bytes(file.read_bytes()[:-9])
    for _ in range(2):
        outputs(FileJournal(tmp_path).open("answers", "data", {}), made)
    assert made == ["a", "b", "c", "c"]


def test_an_answer_with_rare_line_ends_is_kept(tmp_path):
    said = Output(id="a", answer="one\u2028two\x85three\x0cfour\r\nfive")
    FileJournal(tmp_path).open("answers", "data", {}).once("a", Output, lambda: said)
    again = FileJournal(tmp_path).open("answers", "data", {})
    assert again.once("a", Output, lambda: pytest.fail("it is kept")) == said


@pytest.mark.parametrize("change", [("answers", "other", {}), ("answers", "data", {"k": 2})])
def test_other_data_or_another_configuration_begins_anew(tmp_path, change):
    made = []
    outputs(FileJournal(tmp_path).open("answers", "data", {}), made)
    outputs(FileJournal(tmp_path).open(*change), made)
    assert len(made) == 6


def test_a_finished_run_is_forgotten(tmp_path):
    journal = FileJournal(tmp_path).open("answers", "data", {})
    outputs(journal, [])
    journal.finish()
    journal.finish()
    assert list(tmp_path.iterdir()) == []
    NoJournal().open("answers", "data", {}).finish()


def test_retrieval_goes_on_and_gives_the_same_figures(beir, parts, embedder, tmp_path):
    whole = evaluate_retrieval(beir, parts, RetrievalConfig(), progress=False)

    class Torn(FileJournal):
        """Stops the run after its first query."""

        def once(self, key, kind, make):
            if self.asked:
                raise Stopped
            self.asked = True
            return super().once(key, kind, make)

    torn = Torn(tmp_path / "unfinished")
    torn.asked = False
    with pytest.raises(Stopped):
        evaluate_retrieval(beir, parts, RetrievalConfig(), journal=torn, progress=False)
    embedder.seen.clear()
    journal = FileJournal(tmp_path / "unfinished")
    again = evaluate_retrieval(beir, parts, RetrievalConfig(), journal=journal, progress=False)
    assert again.metrics == whole.metrics
    assert len(embedder.seen) == 2


def test_the_code_has_a_version_of_its_own():
    assert len(code_version()) == 16
