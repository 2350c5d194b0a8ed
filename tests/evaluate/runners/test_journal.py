"""An interrupted run goes on where it stopped; another program's or configuration's does not."""

import pytest

from evaluate.datasets.recorded_outputs import Output
from evaluate.runners.journal import FileJournal, NoJournal, code_version
from evaluate.runners.retrieval import evaluate_retrieval
from retrieve.config import RetrievalConfig


class Stopped(Exception):  # noqa: N818 - it stands for an interrupt
    pass


def outputs(journal, made_ids, *, until=None):
    for key in ("a", "b", "c"):
        if key == until:
            raise Stopped
        journal.once(
            key, Output, lambda key=key: made_ids.append(key) or Output(id=key, answer=key)
        )


def test_what_is_kept_is_not_made_again(tmp_path):
    made_ids = []
    with pytest.raises(Stopped):
        outputs(FileJournal(tmp_path).open("answers", "data", {"k": 1}), made_ids, until="c")
    journal = FileJournal(tmp_path).open("answers", "data", {"k": 1})
    outputs(journal, made_ids)
    assert made_ids == ["a", "b", "c"]
    assert journal.once("b", Output, lambda: Output(id="b")).answer == "b"


def test_a_line_that_was_torn_by_a_crash_is_made_again(tmp_path):
    made_ids = []
    outputs(FileJournal(tmp_path).open("answers", "data", {}), made_ids)
    file = next(tmp_path.glob("*.jsonl"))
    file.write_bytes(file.read_bytes()[:-9])
    outputs(FileJournal(tmp_path).open("answers", "data", {}), made_ids)
    assert made_ids == ["a", "b", "c", "c"]


def test_what_follows_a_torn_line_is_kept(tmp_path):
    made_ids = []
    outputs(FileJournal(tmp_path).open("answers", "data", {}), made_ids)
    file = next(tmp_path.glob("*.jsonl"))
    file.write_bytes(file.read_bytes()[:-9])
    for _ in range(2):
        outputs(FileJournal(tmp_path).open("answers", "data", {}), made_ids)
    assert made_ids == ["a", "b", "c", "c"]


def test_an_answer_with_rare_line_ends_is_kept(tmp_path):
    output = Output(id="a", answer="one\u2028two\x85three\x0cfour\r\nfive")
    FileJournal(tmp_path).open("answers", "data", {}).once("a", Output, lambda: output)
    again = FileJournal(tmp_path).open("answers", "data", {})
    assert again.once("a", Output, lambda: pytest.fail("it is kept")) == output


@pytest.mark.parametrize("change", [("answers", "other", {}), ("answers", "data", {"k": 2})])
def test_other_data_or_another_configuration_begins_anew(tmp_path, change):
    made_ids = []
    outputs(FileJournal(tmp_path).open("answers", "data", {}), made_ids)
    outputs(FileJournal(tmp_path).open(*change), made_ids)
    assert len(made_ids) == 6


def test_a_finished_run_is_forgotten(tmp_path):
    journal = FileJournal(tmp_path).open("answers", "data", {})
    outputs(journal, [])
    journal.finish()
    journal.finish()
    assert list(tmp_path.iterdir()) == []
    NoJournal().open("answers", "data", {}).finish()


def test_retrieval_goes_on_and_gives_the_same_figures(beir, dependencies, embedder, tmp_path):
    whole = evaluate_retrieval(beir, dependencies, RetrievalConfig(), progress=False)

    class Torn(FileJournal):
        """Stops the run after its first query."""

        def once(self, key, kind, make):
            if self.has_asked:
                raise Stopped
            self.has_asked = True
            return super().once(key, kind, make)

    torn = Torn(tmp_path / "unfinished")
    torn.has_asked = False
    with pytest.raises(Stopped):
        evaluate_retrieval(beir, dependencies, RetrievalConfig(), journal=torn, progress=False)
    embedder.embedded_texts.clear()
    journal = FileJournal(tmp_path / "unfinished")
    again = evaluate_retrieval(
        beir, dependencies, RetrievalConfig(), journal=journal, progress=False
    )
    assert again.metrics == whole.metrics
    assert len(embedder.embedded_texts) == 2


def test_the_code_has_a_version_of_its_own():
    assert len(code_version()) == 16
