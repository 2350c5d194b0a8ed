"""The cost of models is counted on every open meter."""

import time
from contextlib import closing

import pytest

from generate.errors import ModelUnavailableError
from generate.llm.metering import Meter, ask, counting, read_reply
from generate.llm.port import Delta, Message
from generate.types import Usage
from generate.verification.llm_judge import JudgeVerifier
from tests.fakes.model import ScriptedModel

PROMPT = (Message("user", "x" * 300),)


class PricedModel(ScriptedModel):
    """Names another model of its chain, and what that one cost."""

    def stream(self, prompt, *, deadline):
        yield Delta("y", model="chosen")
        yield Delta(usage=Usage(7, 1, 3.0), model="chosen")


def doubled(_model, prompt_tokens, completion_tokens):
    return prompt_tokens + 2 * completion_tokens


def asked(model):
    return closing(ask(model, PROMPT, deadline=time.monotonic() + 5))


def test_what_a_server_tells_is_counted_under_the_name_of_the_model_that_spoke():
    with counting(Meter(doubled)) as meter, asked(PricedModel()) as deltas:
        list(deltas)
    assert meter.usages == {"chosen": Usage(7, 1, 3.0)}


def test_a_reply_that_was_broken_off_is_counted_by_a_guess():
    with counting(Meter(doubled)) as meter, asked(ScriptedModel("y" * 60, size=30)) as deltas:
        next(deltas)
    assert meter.usages == {"scripted": Usage(101, 11, 123)}


def test_a_model_that_fails_in_the_middle_has_cost_what_it_said():
    model = ScriptedModel("y" * 30, size=30, failure=ModelUnavailableError())
    with counting(Meter()) as meter, asked(model) as deltas, pytest.raises(ModelUnavailableError):
        list(deltas)
    assert meter.total == Usage(101, 11)


def test_a_model_that_said_nothing_has_cost_nothing():
    model = ScriptedModel("", failure=ModelUnavailableError())
    with counting(Meter()) as meter, asked(model) as deltas, pytest.raises(ModelUnavailableError):
        list(deltas)
    assert meter.usages == {}


def test_meters_around_a_meter_count_the_same_and_a_closed_one_nothing():
    with counting(Meter()) as outer:
        with counting(Meter()) as inner:
            read_reply(ScriptedModel("Yes."), PROMPT, deadline_s=5, longest=100)
        once = inner.total
        read_reply(ScriptedModel("Yes."), PROMPT, deadline_s=5, longest=100)
    assert inner.total == once != Usage()
    assert outer.total == once.plus(once)


def test_a_judge_whose_reply_is_no_verdict_is_paid_for():
    with counting(Meter()) as meter:
        judgement = JudgeVerifier(ScriptedModel("Well.")).verify("It leaves at nine.", ["At nine."])
    assert not judgement.was_judged
    assert set(meter.usages) == {"scripted"}


def test_what_a_model_says_to_itself_is_counted_and_not_passed_on():
    model = ScriptedModel("<think>" + "y" * 50 + "</think>Yes.", size=7)
    with counting(Meter()) as meter, asked(model) as deltas:
        assert "".join(delta.text for delta in deltas) == "Yes."
    assert meter.total.completion_tokens > 15
