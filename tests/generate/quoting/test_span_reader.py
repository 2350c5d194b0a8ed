"""Readers: one contract, training, and what a reader may change."""

import logging

import pytest

from generate.config import QuoteConfig
from generate.errors import TooFewExamplesError
from generate.quoting.onnx_reader import OnnxReader
from generate.quoting.pattern_reader import PatternReader
from generate.quoting.quoter import Quoter
from generate.quoting.reader_export import export_reader
from generate.quoting.reader_training import Example, TrainingConfig, train_reader
from generate.quoting.span_reader import Calibration, Reading, TransformersReader
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.tiny_models import make_reader
from tests.generate.prompting.test_citation_markers import passage

TEXT = "The tower is old. It was opened in May 1889. Johan Berg built it with 312 steps."
SPANS = [(0, 17), (18, 44), (45, 81)]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return make_reader(tmp_path_factory.mktemp("reader"))


@pytest.fixture(scope="module")
def converted(tiny, tmp_path_factory):
    folder = tmp_path_factory.mktemp("converted")
    export_reader(tiny, folder)
    return folder


@pytest.fixture(params=["patterns", "transformers", "onnx"])
def reader(request, tiny, converted):
    return {
        "patterns": PatternReader,
        "transformers": lambda: TransformersReader(str(tiny)),
        "onnx": lambda: OnnxReader(converted),
    }[request.param]()


@pytest.mark.parametrize("question", ["When was it opened?", "Who built it?", "Why?"])
def test_a_reading_lies_in_its_span_and_is_the_same_every_time(reader, question):
    readings = reader.read(question, TEXT, SPANS)
    assert len(readings) == len(SPANS)
    for reading, (start, end) in zip(readings, SPANS, strict=True):
        assert reading is None or start <= reading.start < reading.end <= end
    assert readings == reader.read(question, TEXT, SPANS)
    assert readings[1:] == reader.read(question, TEXT, SPANS[1:])


def test_a_question_longer_than_the_reader_reads_is_cut(reader):
    (reading,) = reader.read("why " * 500, "It is nine.", [(0, 11)])
    assert reading is None or reading.end <= 11


def test_text_beyond_the_readers_length_has_no_reading(reader):
    text = "word " * 600 + "end."
    assert reader.read("Why?", text, [(3000, 3004)]) == [None]


def test_a_converted_reader_reads_as_the_one_it_was_made_from(tiny, tmp_path):
    export_reader(tiny, tmp_path, operators=())  # integers of a tiny random model are far off
    exact, converted = TransformersReader(str(tiny)), OnnxReader(tmp_path)
    for question in ("Who built it?", "When was it opened?", "x y z"):
        for before, after in zip(
            exact.read(question, TEXT, SPANS), converted.read(question, TEXT, SPANS), strict=True
        ):
            assert (after.start, after.end) == (before.start, before.end)
            assert after.score == pytest.approx(before.score, abs=1e-3)


def test_a_conversion_leaves_the_log_as_it_was(tiny, tmp_path):
    export_reader(tiny, tmp_path)
    assert logging.getLogger("index").isEnabledFor(logging.WARNING)


class OneSentence:
    """A reader that is sure of one sentence."""

    name = "one"
    calibration = Calibration(rank=5.0, answerability=1.0, bias=-1.0)

    def read(self, question, text, spans):
        return [
            Reading(start, end, 3.0 if "café" in text[start:end] else -3.0) for start, end in spans
        ]


def test_a_reader_has_a_say_in_the_order_and_in_the_estimate():
    text = f"{TEXT} A café is open in summer."
    config = QuoteConfig(sentences=1)
    selection = Quoter(FakeEmbedder(), config).select("Who built the tower?", [passage(text)])
    led = Quoter(FakeEmbedder(), config, OneSentence()).select(
        "Who built the tower?", [passage(text)]
    )
    assert "Johan Berg" in selection.claims[0].text
    assert "café" in led.claims[0].text
    assert led.confidence > selection.confidence


def examples(documents=12):
    for number in range(documents):
        text = f"The ferry number {number} leaves at nine from the pier."
        start = text.index("nine")
        yield Example("When does it leave?", text, start, start + 4, f"document {number}")
        yield Example("Who is the king?", text, group=f"document {number}")


def test_a_trained_reader_is_saved_with_its_calibration(tiny, tmp_path):
    steps = []
    config = TrainingConfig(epochs=1, batch=4, frozen_layers=1)
    out = tmp_path / "trained"
    figures = train_reader(list(examples()), tiny, out, config, lambda *step: steps.append(step))
    assert steps[-1][0] == steps[-1][1]
    assert 0 <= figures["auroc"] <= 1
    reader = TransformersReader(str(out))
    assert reader.calibration == Calibration.load(out)
    assert reader.calibration.answerability >= 0
    assert reader.read("When does it leave?", TEXT, SPANS)


def test_too_few_documents_are_refused(tiny, tmp_path):
    few = list(examples(1))
    with pytest.raises(TooFewExamplesError):
        train_reader(few, tiny, tmp_path / "out", TrainingConfig(), lambda *_: None)
