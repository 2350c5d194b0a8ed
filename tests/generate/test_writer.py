"""A model decides whether the passages answer; what it may not say is written again once."""

import json
import logging
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from generate.answer import answer
from generate.compose import TAKEN_BACK
from generate.errors import ModelTimeoutError, ModelUnavailableError
from generate.finalize import NO_EVIDENCE
from generate.llm.port import Delta, Message
from generate.rendering.render import answer_json, sentence_json
from generate.writer import NOT_SAID, NOTHING_WRITTEN, REPEATED_ITSELF
from tests.fakes.model import ScriptedModel
from tests.generate.conftest import ANN, BOB
from tests.generate.guardrails.test_session import Fixed

FERRY = "When does the ferry to Skarö leave the north pier?"
SAID = "The ferry to Skarö leaves the north pier at nine every morning."
WRONG = "Tickets cost 41 crowns."
RIGHT = "Tickets cost 14 crowns."
CHESS = "Who won the chess championship in Reykjavik?"


@dataclass
class TalkingModel(ScriptedModel):
    """Gives a reply after the other; an error among them is raised in its turn."""

    replies: list[object] = field(default_factory=list)
    deadlines: list[float] = field(default_factory=list)

    def stream(self, prompt: Sequence[Message], *, deadline: float) -> Generator[Delta, None, None]:
        self.deadlines.append(deadline)
        reply = self.replies[len(self.prompts)]
        failure = reply if isinstance(reply, Exception) else None
        self.script, self.failure = ("", failure) if failure else (reply, None)
        yield from super().stream(prompt, deadline=deadline)


def ask(make_parts, *replies, question=FERRY, scope=BOB, **config):
    model = TalkingModel(replies=list(replies))
    return answer(question, scope, make_parts(model, **config)), model


def test_the_model_decides_where_the_estimate_is_below_the_cut_of_quotes(make_parts):
    assert answer(CHESS, BOB, make_parts()).status == "no_evidence"
    reply, model = ask(make_parts, f"{SAID} [1]", question=CHESS)
    assert len(model.prompts) == 1
    assert [sentence.text for sentence in reply.sentences] == [SAID]


def test_the_model_is_not_asked_about_something_else(make_parts):
    reply, model = ask(make_parts, question=CHESS, off_topic_confidence=0.5)
    assert model.prompts == []
    assert reply.status == "no_evidence"
    assert reply.nearest


def test_the_model_is_not_asked_without_a_passage(make_parts):
    nobody = replace(BOB, tenant="elsewhere")
    reply, model = ask(make_parts, scope=nobody)
    assert model.prompts == []
    assert reply.status == "no_evidence"


def test_a_withheld_sentence_goes_back_once_with_the_reason(make_parts):
    reply, model = ask(make_parts, f"{SAID} [1] {WRONG} [1]", f"{RIGHT} [1]")
    assert [sentence.text for sentence in reply.sentences] == [SAID, RIGHT]
    assert (reply.status, reply.notice) == ("answered", None)
    first, again = model.prompts
    assert again[: len(first)] == first
    assert [message.role for message in again[len(first) :]] == ["assistant", "user"]
    assert f"- {WRONG} (The source says '14', not '41'.)" in again[-1].content
    assert model.deadlines[0] == model.deadlines[1]


def test_both_requests_are_metered(make_parts):
    reply, model = ask(make_parts, f"{SAID} [1] {WRONG} [1]", f"{RIGHT} [1]")
    assert reply.usage.prompt_tokens == sum(model.count_tokens(str(p)) for p in model.prompts)


def test_where_nothing_is_left_there_is_no_answer_and_no_quote(make_parts):
    reply, model = ask(make_parts, f"{WRONG} [1]", f"{WRONG} [1]")
    assert len(model.prompts) == 2
    assert (reply.status, reply.text) == ("no_evidence", NOT_SAID)
    assert reply.sentences == reply.citations == ()
    assert reply.model == "scripted"
    assert reply.notice.startswith(NO_EVIDENCE)
    assert "1 sentence was left out" in reply.notice
    assert reply.nearest


def test_a_model_that_takes_its_sentence_back_leaves_a_partial_answer(make_parts):
    reply, _ = ask(make_parts, f"{SAID} [1] {WRONG} [1]", NOT_SAID)
    assert [sentence.text for sentence in reply.sentences] == [SAID]
    assert reply.status == "partial"
    assert "1 sentence was left out" in reply.notice


def test_nothing_is_emitted_twice(make_parts):
    emitted = []
    model = TalkingModel(replies=[f"{SAID} [1] {WRONG} [1]", f"{SAID} [1] {RIGHT} [1]"])
    reply = answer(FERRY, BOB, make_parts(model), emit=lambda s, *_: emitted.append(s.text))
    assert emitted == [sentence.text for sentence in reply.sentences] == [SAID, RIGHT]


def test_what_is_redacted_is_not_emitted_twice_either(make_parts):
    rule = {"name": "n", "words": ["nine"], "stages": ["after"], "action": "redact"}
    model = TalkingModel(replies=[f"{SAID} [1] {WRONG} [1]", f"{SAID} [1] {RIGHT} [1]"])
    reply = answer(FERRY, BOB, replace(make_parts(model), policy=Fixed(rule)))
    assert len(reply.sentences) == 2
    assert reply.sentences[1].text == RIGHT


@pytest.mark.parametrize("action", ["block", "redact", "review"])
def test_what_the_policy_found_something_in_is_not_written_again(make_parts, action):
    rule = {"name": "t", "words": ["tickets"], "stages": ["after"], "action": action}
    model = TalkingModel(replies=[f"{SAID} [1] {WRONG} [1]"])
    reply = answer(FERRY, BOB, replace(make_parts(model), policy=Fixed(rule)))
    assert len(model.prompts) == 1
    assert [sentence.text for sentence in reply.sentences] == [SAID]
    assert reply.status == "partial"


def test_an_answer_that_the_policy_stopped_is_not_replaced_by_quotes(make_parts):
    rule = {"name": "f", "words": ["leaves"], "stages": ["after"], "action": "block"}
    model = TalkingModel(replies=[f"{SAID} [1]"])
    reply = answer(FERRY, BOB, replace(make_parts(model), policy=Fixed(rule)))
    assert (reply.status, reply.sentences) == ("blocked", ())


def test_a_withheld_sentence_reaches_no_wire_no_answer_and_no_log(make_parts, caplog):
    caplog.set_level(logging.DEBUG)
    wire = []
    model = TalkingModel(replies=[f"{SAID} [1] {WRONG} [1]", f"{WRONG} [1]"])

    def emit(*released):
        wire.append(json.dumps(sentence_json(*released)))

    reply = answer(FERRY, BOB, make_parts(model), emit=emit)
    assert wire
    released = "".join([*wire, json.dumps(answer_json(reply)), repr(reply), caplog.text])
    assert "41 crowns" not in released
    assert "not '41'" not in released


@pytest.mark.parametrize("error", [ModelTimeoutError("Late."), ModelUnavailableError("Gone.")])
def test_a_second_request_that_fails_leaves_the_sentence_out(make_parts, error):
    reply, _ = ask(make_parts, f"{SAID} [1] {WRONG} [1]", error)
    assert [sentence.text for sentence in reply.sentences] == [SAID]
    assert reply.status == "partial"
    assert "1 sentence was left out" in reply.notice
    nothing, _ = ask(make_parts, f"{WRONG} [1]", error)
    assert nothing.status == "no_evidence"
    assert nothing.model == "quote", "no model had the last word: it is not cached"


def test_a_model_that_does_not_answer_gives_way_to_quotes_by_their_own_rule(make_parts):
    reply, _ = ask(make_parts, ModelUnavailableError("It is down."))
    assert (reply.status, reply.model) == ("answered", "quote")
    assert "It is down." in reply.notice
    unsure, _ = ask(make_parts, ModelUnavailableError("It is down."), question=CHESS)
    assert (unsure.status, unsure.model, unsure.sentences) == ("no_evidence", "quote", ())
    assert "It is down." in unsure.notice


def test_an_empty_reply_is_no_reply(make_parts):
    reply, model = ask(make_parts, " ")
    assert len(model.prompts) == 1
    assert (reply.status, reply.model, reply.notice) == ("answered", "quote", NOTHING_WRITTEN)


def test_dropped_and_marked_sentences_are_not_written_again(make_parts):
    for policy in ("drop", "mark"):
        _, model = ask(make_parts, f"{SAID} [1] {WRONG} [1]", unsupported=policy)
        assert len(model.prompts) == 1


def test_a_second_request_keeps_within_the_models_context(make_parts):
    config = {"context_tokens": 760, "answer_tokens": 64}
    _, model = ask(make_parts, f"{WRONG} [1]", f"{RIGHT} [1]", **config)
    assert model.prompts
    for prompt in model.prompts:
        tokens = sum(model.count_tokens(message.content) for message in prompt)
        assert tokens <= config["context_tokens"] - config["answer_tokens"]


def test_hidden_documents_change_no_byte_that_the_model_gets(shelf, make_parts):
    replies = [f"{SAID} [1] {WRONG} [1]", f"{WRONG} [1]"]
    _, before = ask(make_parts, *replies)
    shelf.put("Tickets to Skarö cost 41 crowns from March on.", allow=["user:ann"])
    _, after = ask(make_parts, *replies)
    assert before.prompts == after.prompts
    _, of_ann = ask(make_parts, *replies, scope=ANN)
    assert "from March on" in of_ann.prompts[0][-1].content


def test_a_model_that_repeats_itself_is_broken_off_and_says_a_sentence_once(make_parts):
    emitted = []
    reply_text = f"{SAID} [1] " + " ".join(f"{SAID.replace(' ', '  ')} [1]" for _ in range(551))
    model = TalkingModel(replies=[reply_text])
    reply = answer(FERRY, BOB, make_parts(model), emit=lambda s, *_: emitted.append(s.text))
    assert emitted == [sentence.text for sentence in reply.sentences] == [SAID]
    assert (reply.status, reply.notice) == ("partial", REPEATED_ITSELF)
    assert model.closed
    assert sum(map(len, model.pieces_sent)) < len(reply_text) / 10


def test_a_sentence_said_twice_is_no_reason_to_break_off(make_parts):
    reply, _ = ask(make_parts, f"{SAID} [1] {RIGHT} [1] {SAID} [1]")
    assert [sentence.text for sentence in reply.sentences] == [SAID, RIGHT]
    assert (reply.status, reply.notice) == ("answered", None)


def test_a_wrong_sentence_without_end_is_withheld_once(make_parts):
    reply, model = ask(make_parts, f"{WRONG} [1] " * 500, f"{WRONG} [1] " * 500)
    assert reply.status == "no_evidence"
    assert "1 sentence was left out" in reply.notice
    assert len(model.prompts) == 2


def test_a_reply_far_over_its_length_is_broken_off_and_its_sentences_stay(make_parts):
    endless = f"{SAID} [1] " + "".join(
        f"The pier has {number} lamps. [1] " for number in range(9999)
    )
    reply, model = ask(make_parts, endless, answer_tokens=64)
    assert [sentence.text for sentence in reply.sentences] == [SAID]
    assert reply.status == "partial"
    assert "far more than it was asked for" in reply.notice
    assert sum(map(len, model.pieces_sent)) < 2_000


HALF = "The ferry to Skarö is painted blue."
"""Half of its words are the passage's."""


def test_half_support_is_shown_of_a_large_model_and_goes_back_to_a_small_one(make_parts):
    large, _ = ask(make_parts, f"{SAID} [1] {HALF} [1]")
    assert [sentence.verdict for sentence in large.sentences] == ["supported", "partial"]
    small, model = ask(make_parts, f"{SAID} {HALF}", NOT_SAID, prompt="small")
    assert [sentence.text for sentence in small.sentences] == [SAID]
    assert f"- {HALF} (" in model.prompts[1][-1].content
    assert (small.status, len(model.prompts)) == ("partial", 2)
    assert "1 sentence was left out" in small.notice


def test_half_support_is_marked_where_the_settings_say_so(make_parts):
    reply, _ = ask(make_parts, f"{SAID} {HALF}", prompt="small", unsupported="mark")
    assert [sentence.verdict for sentence in reply.sentences] == ["supported", "partial"]


def test_what_a_small_model_writes_beside_the_question_is_no_answer(make_parts):
    emitted = []
    model = TalkingModel(replies=[f"{SAID} [1]"])
    parts = make_parts(model, prompt="small", confidence_after=0.9)
    reply = answer(FERRY, BOB, parts, emit=lambda sentence, *_: emitted.append(sentence))
    assert emitted == []
    assert (reply.status, reply.text) == ("no_evidence", NOT_SAID)
    assert reply.sentences == reply.citations == reply.blocks == ()
    assert reply.notice == f"{NO_EVIDENCE} {TAKEN_BACK}"
    assert reply.nearest
    assert reply.model == "scripted"


def test_a_small_models_answer_to_the_question_is_emitted(make_parts):
    emitted = []
    model = TalkingModel(replies=[f"{SAID} [1]"])
    parts = make_parts(model, prompt="small")
    reply = answer(FERRY, BOB, parts, emit=lambda sentence, *_: emitted.append(sentence.text))
    assert (reply.status, emitted) == ("answered", [SAID])
