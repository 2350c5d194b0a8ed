"""The chain of models: order, tiers, context, failures, and what is told of them."""

import time

import httpx
import pytest

from generate.answer import answer
from generate.errors import ModelRefusedError, ModelTimeoutError, ModelUnavailableError
from generate.llm.circuit_breaker import Health
from generate.llm.fallback_chain import Route, RoutedModel
from generate.llm.port import Message
from generate.llm.probe import probe
from generate.llm.registry import ModelSpec, Price
from generate.llm.token_counting import guess_tokens, server_counter
from tests.fakes.model import ScriptedModel
from tests.fakes.model_server import running_model_server
from tests.generate.conftest import BOB

PROMPT = [Message("user", "Say something.")]
FERRY = "When does the ferry to Skarö leave the north pier?"


class BrokenModel(ScriptedModel):
    """Fails before the first word."""

    def __init__(self, error):
        super().__init__("", failure=error)


def route(name, model, **settings):
    return Route(ModelSpec(name=name, url="http://model", **settings), model, Health(failures=2))


def read(chain, prompt=PROMPT):
    return list(chain.stream(prompt, deadline=time.monotonic() + 5))


def test_the_first_model_answers_and_every_piece_names_it():
    chain = RoutedModel([route("one", ScriptedModel("Hello.")), route("two", ScriptedModel("No"))])
    deltas = read(chain)
    assert "".join(delta.text for delta in deltas) == "Hello."
    assert {delta.model for delta in deltas} == {"one"}


@pytest.mark.parametrize("error", [ModelUnavailableError, ModelTimeoutError, ModelRefusedError])
def test_a_model_that_fails_before_its_first_word_hands_over_to_the_next(error):
    chain = RoutedModel([route("one", BrokenModel(error())), route("two", ScriptedModel("Yes."))])
    assert {delta.model for delta in read(chain)} == {"two"}


def test_a_model_that_breaks_off_is_not_followed_by_another():
    broken = ScriptedModel("Half a", failure=ModelUnavailableError())
    other = ScriptedModel("Other.")
    with pytest.raises(ModelUnavailableError):
        read(RoutedModel([route("one", broken), route("two", other)]))
    assert other.prompts == []


def test_an_open_circuit_costs_no_request():
    broken = BrokenModel(ModelUnavailableError())
    chain = RoutedModel([route("one", broken), route("two", ScriptedModel("Yes."))])
    for _ in range(5):
        read(chain)
    assert len(broken.prompts) == 2


def test_a_refused_request_does_not_open_the_circuit():
    refusing = BrokenModel(ModelRefusedError())
    chain = RoutedModel([route("one", refusing), route("two", ScriptedModel("Yes."))])
    for _ in range(5):
        read(chain)
    assert len(refusing.prompts) == 5


def test_a_long_prompt_goes_to_the_model_with_room_for_it():
    short = route("short", ScriptedModel("No."), context_tokens=512, answer_tokens=64)
    long = route("long", ScriptedModel("Yes."), context_tokens=8192)
    prompt = [Message("user", "word " * 600)]
    assert {delta.model for delta in read(RoutedModel([short, long]), prompt)} == {"long"}


def test_a_tier_has_its_models_and_those_for_everybody():
    gold = route("gold", ScriptedModel("g"), tiers=("gold",))
    anyone = route("any", ScriptedModel("a"))
    chain = RoutedModel([gold, anyone])
    assert [r.spec.name for r in chain.for_tier("gold").routes] == ["gold", "any"]
    assert [r.spec.name for r in chain.for_tier("standard").routes] == ["any"]
    assert RoutedModel([gold]).for_tier("standard") is None


class ClockedModel(ScriptedModel):
    """Notes how much time it is given."""

    def stream(self, prompt, *, deadline):
        self.seconds = deadline - time.monotonic()
        return super().stream(prompt, deadline=deadline)


def test_each_model_has_its_own_deadline_within_the_answers():
    models = [ClockedModel("", failure=ModelTimeoutError()), ClockedModel("Yes.")]
    chain = RoutedModel(
        [
            route("quick", models[0], deadline_seconds=1, first_token_seconds=1),
            route("slow", models[1], deadline_seconds=60),
        ]
    )
    read(chain)
    assert models[0].seconds == pytest.approx(1, abs=0.5)
    assert models[1].seconds == pytest.approx(5, abs=0.5)
    assert chain.deadline_s == 60


def test_usage_has_its_price():
    chain = RoutedModel([route("one", ScriptedModel("Hi."), price=Price(prompt=1, completion=2))])
    usage = read(chain)[-1].usage
    expected_cost = (usage.prompt_tokens + 2 * usage.completion_tokens) / 1_000_000
    assert usage.cost == pytest.approx(expected_cost)


def test_a_chain_without_a_model_that_works_ends_in_quoting_and_says_so(make_parts):
    chain = RoutedModel([route("one", BrokenModel(ModelUnavailableError("one is down.")))])
    reply = answer(FERRY, BOB, make_parts(chain))
    assert (reply.status, reply.model) == ("answered", "quote")
    assert "one is down." in reply.notice


def test_the_log_names_each_model_that_failed_and_why(caplog):
    broken = route("one", BrokenModel(ModelUnavailableError("one answered 503.")))
    chain = RoutedModel([broken, route("two", ScriptedModel("Yes."))])
    list(chain.stream(PROMPT, deadline=time.monotonic() + 5))
    assert [record.getMessage() for record in caplog.records] == [
        "model one failed: one answered 503."
    ]


def test_the_answer_names_the_model_of_the_chain_that_wrote_it(make_parts):
    text = "The ferry to Skarö leaves the north pier at nine every morning. [1]"
    broken = route("one", BrokenModel(ModelUnavailableError()))
    reply = answer(FERRY, BOB, make_parts(RoutedModel([broken, route("two", ScriptedModel(text))])))
    assert reply.model == "two"


def test_a_server_that_hangs_behind_a_green_health_is_found_stuck():
    with running_model_server(mode="hang") as server:
        spec = ModelSpec(name="tiny", url=server.url)
        assert probe(spec, patience_s=0.3) == "stuck"
        server.mode = "normal"
        assert probe(spec, patience_s=5) == "ok"
        server.mode = "garbage"
        assert probe(spec, patience_s=5) == "down"
        server.mode = "refuse"
        assert probe(spec, patience_s=5) == "refuses"
        server.mode = "unavailable"
        assert probe(spec, patience_s=5) == "down"
    assert probe(spec, patience_s=0.3) == "down"


def test_a_server_counts_tokens_once_for_each_text_and_a_guess_stands_in():
    text = "four words are here, " * 10
    with running_model_server() as server, httpx.Client() as client:
        count = server_counter(client, server.url, "tiny")
        assert count(text) == count(text) == 40
        assert server.token_requests == 1
    with httpx.Client() as client:
        count_after_failure = server_counter(client, server.url, "tiny")
        assert count_after_failure(text) == guess_tokens(text)


def test_a_short_text_is_not_worth_a_request_and_never_counts_too_few():
    with running_model_server() as server, httpx.Client() as client:
        count = server_counter(client, server.url, "tiny")
        assert count("wo\u0142a") == 5
        assert server.token_requests == 0
