"""Converted models: whole or not there, made once, and made again when a file is damaged."""

import json
import threading
import time

import pytest

from index.embedding.converted_models import converted_model, is_converted
from index.errors import ModelNotConvertedError


class Converter:
    """Write small files in a model's place, and count how often."""

    def __init__(self):
        self.calls = 0

    def __call__(self, source, new_folder):
        self.calls += 1
        (new_folder / "model.onnx").write_bytes(b"graph of " + (source / "model.bin").read_bytes())
        (new_folder / "tokenizer.json").write_text("{}")
        (new_folder / "limits.json").write_text(json.dumps({"dimension": 3, "max_tokens": 9}))


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "lamps"
    folder.mkdir()
    (folder / "model.bin").write_bytes(b"weights")
    return folder


def test_a_model_is_converted_once(source, tmp_path):
    convert = Converter()
    first, second = (converted_model(source, tmp_path / "c", convert=convert) for _ in range(2))
    assert convert.calls == 1
    assert first == second
    assert (first.dimension, first.max_tokens) == (3, 9)
    assert first.name.startswith("onnx-int8:lamps@")
    assert is_converted(source, tmp_path / "c")


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "limits.json", "record.json"])
@pytest.mark.parametrize("damage", ["changed", "cut", "gone"])
def test_a_damaged_file_is_made_again(source, tmp_path, name, damage):
    convert = Converter()
    model = converted_model(source, tmp_path / "c", convert=convert)
    path = model.folder / name
    before = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(before[:-1] + (b"!" if damage == "changed" else b""))
    assert not is_converted(source, tmp_path / "c")
    assert converted_model(source, tmp_path / "c", convert=convert) == model
    assert path.read_bytes() == before
    assert convert.calls == 2


def test_other_weights_have_another_folder_and_another_name(source, tmp_path):
    convert = Converter()
    old = converted_model(source, tmp_path / "c", convert=convert)
    (source / "model.bin").write_bytes(b"Weights")
    new = converted_model(source, tmp_path / "c", convert=convert)
    assert old.folder != new.folder
    assert old.name != new.name
    assert (new.folder / "model.onnx").read_bytes() == b"graph of Weights"


def test_a_conversion_that_fails_leaves_nothing_and_is_tried_again(source, tmp_path):
    convert = Converter()

    def fail(source, new_folder):
        convert(source, new_folder)
        raise ModelNotConvertedError("no")

    with pytest.raises(ModelNotConvertedError):
        converted_model(source, tmp_path / "c", convert=fail)
    assert [path for path in (tmp_path / "c").iterdir() if path.is_dir()] == []
    converted_model(source, tmp_path / "c", convert=convert)
    assert convert.calls == 2


def test_who_needs_a_model_that_is_being_made_waits_for_it(source, tmp_path):
    convert, at_work, go_on = Converter(), threading.Event(), threading.Event()

    def slow(source, new_folder):
        at_work.set()
        assert go_on.wait(30)
        convert(source, new_folder)

    def second():
        converted_model(source, tmp_path / "c", convert=convert)

    threads = [
        threading.Thread(target=converted_model, args=(source, tmp_path / "c"),
                         kwargs={"convert": slow}),
        threading.Thread(target=second),
    ]  # fmt: skip
    threads[0].start()
    assert at_work.wait(30)
    threads[1].start()
    time.sleep(0.05)
    assert convert.calls == 0
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert convert.calls == 1


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ModelNotConvertedError, match="nowhere"):
        converted_model(tmp_path / "nowhere", tmp_path / "c", convert=Converter())


def test_a_cache_that_cannot_be_written_says_which_setting_to_change(source, tmp_path):
    (tmp_path / "c").write_text("a file")
    with pytest.raises(ModelNotConvertedError, match="FOOTNOTE_MODEL_CACHE"):
        converted_model(source, tmp_path / "c", convert=Converter())


def test_a_model_that_onnxruntime_cannot_run_is_refused_with_the_way_out(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelNotConvertedError, match="torch:"):
        converted_model(tmp_path / "empty", tmp_path / "c")
