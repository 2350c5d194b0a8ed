"""A model for one ask: how long it counts as waiting, and that it stops for who has left."""

import time
from contextlib import contextmanager

import pytest

from api.admission.admitted_model import AdmittedModel
from generate.errors import ModelUnavailableError
from generate.llm.cancellation import AskerGoneError, CancellationToken, cancelled_by
from generate.llm.port import Message
from generate.prompting.question_rewriter import ModelRewriter
from generate.types import Turn
from tests.fakes.model import ScriptedModel

PROMPT = [Message("user", "Say something.")]
EARLIER = [Turn("user", "When does the ferry leave?"), Turn("assistant", "At nine.")]


class Core:
    """Notes when an ask gives its core up and takes it again."""

    def __init__(self):
        self.told = []

    @contextmanager
    def without_core(self):
        self.told.append("aside")
        try:
            yield
        finally:
            self.told.append("back")


@pytest.fixture
def core():
    return Core()


def test_an_ask_is_aside_for_as_long_as_each_reply_takes(core):
    model = AdmittedModel(ScriptedModel("The ferry leaves at nine."), core.without_core)
    for _ in range(2):
        stream = model.stream(PROMPT, deadline=time.monotonic() + 5)
        next(stream)
        assert core.told[-1] == "aside"
        list(stream)
        assert core.told[-1] == "back"
    assert core.told == ["aside", "back"] * 2


def test_an_ask_computes_again_once_its_question_is_rewritten(core):
    model = AdmittedModel(ScriptedModel("When does the ferry to Ardal leave?"), core.without_core)
    ModelRewriter(model).rewrite("And to Ardal?", EARLIER)
    assert core.told == ["aside", "back"]


def test_a_reply_that_fails_or_is_given_up_ends_the_stepping_aside(core):
    broken = AdmittedModel(
        ScriptedModel("Half", failure=ModelUnavailableError()), core.without_core
    )
    with pytest.raises(ModelUnavailableError):
        list(broken.stream(PROMPT, deadline=time.monotonic() + 5))
    stream = broken.stream(PROMPT, deadline=time.monotonic() + 5)
    next(stream)
    stream.close()
    assert core.told == ["aside", "back"] * 2


def test_nothing_is_asked_for_who_has_left(core):
    asker, scripted = CancellationToken(), ScriptedModel("Words.")
    model = AdmittedModel(scripted, core.without_core)
    asker.cancel()
    with cancelled_by(asker), pytest.raises(AskerGoneError):
        list(model.stream(PROMPT, deadline=time.monotonic() + 5))
    assert (scripted.prompts, core.told) == ([], [])
