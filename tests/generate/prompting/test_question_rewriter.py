"""Follow-up questions made to stand alone, by rules and by a model."""

import pytest

from generate.answer import answer
from generate.errors import ModelTimeoutError
from generate.llm.metering import Meter, counting
from generate.prompting.question_rewriter import ModelRewriter, RuleRewriter
from generate.types import Turn, Usage
from tests.fakes.model import ScriptedModel
from tests.generate.conftest import BOB

HISTORY = [
    Turn("user", "When does the ferry to Skarö leave?"),
    Turn("assistant", "The ferry to Skarö leaves the north pier at nine every morning."),
]
ALONE = "Does the ferry to Skarö run on Sundays in winter?"


def by_model(script="", **options):
    return ModelRewriter(ScriptedModel(script, **options))


@pytest.mark.parametrize("rewriter", [RuleRewriter(), by_model(ALONE)], ids=["rules", "model"])
class TestEveryRewriter:
    def test_a_first_question_stays_as_it_is(self, rewriter):
        assert rewriter.rewrite("And on Sundays?", []) == "And on Sundays?"

    def test_a_follow_up_names_what_it_leans_on(self, rewriter):
        question = rewriter.rewrite("And on Sundays?", HISTORY)
        assert "ferry" in question
        assert "Sundays" in question


def test_the_models_line_is_what_is_searched_and_it_is_paid_for():
    with counting(Meter()) as meter:
        question = by_model(f'"{ALONE}"\n').rewrite("And on Sundays?", HISTORY)
    assert question == ALONE
    assert meter.total.completion_tokens > 0


@pytest.mark.parametrize(
    "script",
    ["", " ?! ", "Here is the question:\n" + ALONE, "word " * 200],
    ids=["nothing", "no word", "two lines", "too long"],
)
def test_what_is_no_question_is_left_to_the_rules(script):
    by_rules = RuleRewriter().rewrite("And on Sundays?", HISTORY)
    assert by_model(script).rewrite("And on Sundays?", HISTORY) == by_rules


def test_a_model_that_fails_is_no_failure():
    by_rules = RuleRewriter().rewrite("And on Sundays?", HISTORY)
    question = by_model("When do", failure=ModelTimeoutError("too slow"))
    assert question.rewrite("And on Sundays?", HISTORY) == by_rules


def test_an_answer_searches_with_the_models_question_and_sums_what_both_calls_cost(make_parts):
    def reply(prompt):
        script = "The ferry does not run on Sundays in winter [1]."
        return ALONE if "one line" in prompt[0].content else script

    model = ScriptedModel(reply)
    outcome = answer("And then?", BOB, make_parts(model, rewriting="model"), history=HISTORY)
    assert "Sundays" in outcome.text
    assert len(model.prompts) == 2
    assert outcome.usage.completion_tokens > model.count_tokens(ALONE)
    dependencies = make_parts(ScriptedModel(""), rewriting="rules", off_topic_confidence=0.9)
    plain = answer("And then?", BOB, dependencies)
    assert plain.usage == Usage()


def test_without_a_model_the_rules_rewrite(make_parts):
    assert isinstance(make_parts(None, rewriting="model").rewriter, RuleRewriter)
