"""The whole way from a question to a checked, cited answer, on a real library."""

import os
import random
import time

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generate.answer import answer
from generate.dependencies import AnswerDependencies
from generate.errors import EmptyQuestionError, ModelUnavailableError, QuestionTooLongError
from generate.finalize import BESIDE
from generate.llm.openai_client import ModelEndpoint, OpenAIModel
from generate.types import Answer, Turn
from generate.writer import NO_MODEL, NOT_SAID
from retrieve.retrieve import RetrievalDependencies
from tests.fakes.model import ScriptedModel
from tests.fakes.model_server import running_model_server
from tests.fakes.store import Shelf
from tests.generate.conftest import ANN, BOB, HARBOUR, SECRET

FERRY = "When does the ferry to Skarö leave the north pier?"
SAID = "The ferry to Skarö leaves the north pier at nine every morning."


def assert_sound(shelf: Shelf, reply: Answer, scope, *, may_be_marked: bool = False) -> None:
    """Every sentence is cited and judged; every quote stands where it says, readable."""
    markers = {citation.marker for citation in reply.citations}
    for sentence in reply.sentences:
        assert reply.text[sentence.start : sentence.end] == sentence.text
        assert sentence.markers
        assert set(sentence.markers) <= markers
        verdicts = (
            {"supported", "partial", "unsupported"} if may_be_marked else {"supported", "partial"}
        )
        assert sentence.verdict in verdicts
        for span in sentence.highlights:
            assert sentence.start <= span.start < span.end <= sentence.end
    with shelf.library.read(scope) as reader:
        keys = [hit.chunk for hit in reader.dense(shelf.vector("ferry"), 100)]
        readable = {chunk.chunk_id: chunk for chunk in reader.chunks(keys)}
        for citation in reply.citations:
            chunk = readable[citation.chunk_id]
            text = reader.document_text(chunk.document_key, citation.start, citation.end)
            assert citation.quote == text != ""
            assert chunk.document_id == citation.document_id
            assert citation.verdict in {"supported", "partial", "unsupported"}
            assert citation.answer_end <= len(reply.text)
        for sentence in reply.sentences:
            if context := sentence.context:
                key = next(
                    readable[c.chunk_id].document_key
                    for c in reply.citations
                    if c.marker == sentence.markers[0]
                )
                assert reader.document_text(key, context.start, context.end) == context.text != ""


def test_without_a_model_the_documents_own_sentence_answers(shelf, make_parts):
    reply = answer(FERRY, BOB, make_parts())
    assert reply.status == "answered"
    assert reply.model == "quote"
    assert reply.notice == NO_MODEL
    assert SAID in [citation.quote for citation in reply.citations]
    assert all(citation.verdict == "supported" for citation in reply.citations)
    assert len(reply.sentences) <= 2
    assert_sound(shelf, reply, BOB)


def test_a_question_about_something_absent_gets_no_evidence(make_parts):
    reply = answer("Who won the chess championship in Reykjavik?", BOB, make_parts())
    assert reply.status == "no_evidence"
    assert reply.text == NOT_SAID
    assert reply.citations == reply.sentences == ()
    assert reply.searched == ("harbour.txt",)


def test_hidden_documents_change_nothing(tmp_path, shelf, make_parts):
    lone_shelf = Shelf(tmp_path / "alone")
    lone_shelf.put(*HARBOUR, filename="harbour.txt")
    dependencies = make_parts()
    retrieval = RetrievalDependencies(lone_shelf.library, lone_shelf.embedder)
    other = AnswerDependencies(
        retrieval, None, dependencies.verifier, dependencies.quoter, dependencies.config
    )
    for question in (FERRY, "Why does the ferry to Skarö close in March?"):
        mixed, pure = answer(question, BOB, dependencies), answer(question, BOB, other)
        assert mixed.text == pure.text
        assert mixed.confidence == pure.confidence
        assert [c.quote for c in mixed.citations] == [c.quote for c in pure.citations]


def test_only_those_who_may_read_the_plans_are_told_of_them(shelf, make_parts):
    question = "Why does the harbour master plan to close the ferry to Skarö in March?"
    ann_reply = answer(question, ANN, make_parts())
    assert "plans.txt" in {citation.filename for citation in ann_reply.citations}
    untold = answer(question, BOB, make_parts())
    assert "plans.txt" not in {citation.filename for citation in untold.citations}
    assert "plans.txt" not in untold.searched


def test_a_models_sentence_is_released_with_its_best_span(shelf, make_parts):
    model = ScriptedModel(f"{SAID} [1] Tickets cost 14 crowns. [1]")
    reply = answer(FERRY, BOB, make_parts(model))
    assert reply.status == "answered"
    assert reply.model == "scripted"
    assert reply.notice is None
    assert reply.citations[0].quote == SAID
    assert reply.citations[1].quote == "Tickets cost 14 crowns and are sold on board."
    assert reply.text == f"{SAID} [1] Tickets cost 14 crowns. [1]"
    assert reply.usage.completion_tokens > 0
    assert_sound(shelf, reply, BOB)


def test_sentences_of_one_passage_share_its_number_and_keep_their_own_quotes(shelf, make_parts):
    model = ScriptedModel(f"{SAID} {SECRET[0]} Tickets cost 14 crowns.")
    reply = answer(FERRY, ANN, make_parts(model))
    assert [sentence.markers for sentence in reply.sentences] == [(1,), (2,), (1,)]
    assert [(c.marker, c.filename, c.quote) for c in reply.citations] == [
        (1, "harbour.txt", SAID),
        (2, "plans.txt", SECRET[0]),
        (1, "harbour.txt", "Tickets cost 14 crowns and are sold on board."),
    ]
    assert_sound(shelf, reply, ANN)


def test_a_sentence_that_its_passage_does_not_support_is_left_out(shelf, make_parts):
    model = ScriptedModel(f"{SAID} [1] Queen Margrethe built 27 lighthouses in 1750. [1]")
    reply = answer(FERRY, BOB, make_parts(model))
    assert reply.status == "partial"
    assert [sentence.text for sentence in reply.sentences] == [SAID]
    assert reply.notice.startswith("1 sentence was left out")
    assert_sound(shelf, reply, BOB)


@pytest.mark.parametrize("text", [NOT_SAID, "The documents do not say", f"{NOT_SAID} [1]"])
def test_a_model_that_says_the_documents_do_not_say_is_believed(make_parts, text):
    model = ScriptedModel(text)
    reply = answer(FERRY, BOB, make_parts(model))
    assert reply.status == "no_evidence"
    assert reply.text == NOT_SAID


def test_sentences_are_emitted_in_order_before_the_model_is_done(make_parts):
    model = ScriptedModel(f"{SAID} [1] Tickets cost 14 crowns. [1] Bicycles cost 5 crowns. [1]")
    emissions = []

    def emit(sentence, citations, _place):
        emissions.append((sentence.text, len("".join(model.pieces_sent)), citations))

    reply = answer(FERRY, BOB, make_parts(model), emit=emit)
    assert [text for text, _, _ in emissions] == [s.text for s in reply.sentences]
    assert emissions[0][1] < len(model.script)
    assert tuple(c for _, _, cs in emissions for c in cs) == reply.citations


def test_an_asker_who_leaves_closes_the_models_stream(make_parts):
    model = ScriptedModel(f"{SAID} [1] Tickets cost 14 crowns. [1]")

    def leave(*_released):
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        answer(FERRY, BOB, make_parts(model), emit=leave)
    assert model.closed


def test_what_was_released_before_the_model_broke_off_stays(shelf, make_parts):
    model = ScriptedModel(f"{SAID} [1] Tickets cost", failure=ModelUnavailableError("Broke off."))
    reply = answer(FERRY, BOB, make_parts(model))
    assert reply.status == "partial"
    assert reply.model == "scripted"
    assert [sentence.text for sentence in reply.sentences] == [SAID]
    assert "Broke off." in reply.notice
    assert_sound(shelf, reply, BOB)


@pytest.mark.parametrize("mode", ["reset", "garbage", "unavailable", "slow", "hang", "error"])
def test_quotes_stand_in_for_a_model_server_that_fails(mode, shelf, make_parts):
    with running_model_server(mode=mode, script=SAID) as server, httpx.Client() as client:
        endpoint = ModelEndpoint("tiny", server.url, attempts=2, stall_s=0.3, backoff_s=0.01)
        dependencies = make_parts(OpenAIModel(endpoint, client), deadline_s=0.5)
        began = time.monotonic()
        reply = answer(FERRY, BOB, dependencies)
    assert time.monotonic() - began < 3
    assert (reply.status, reply.model) == ("answered", "quote")
    assert reply.notice
    assert_sound(shelf, reply, BOB)


def test_a_real_server_streams_an_answer(shelf, make_parts):
    with running_model_server(script=f"{SAID} [1]") as server, httpx.Client() as client:
        reply = answer(FERRY, BOB, make_parts(OpenAIModel(ModelEndpoint("t", server.url), client)))
    assert reply.model == "t"
    request = server.requests[0]["messages"]
    words = sum(len(message["content"].split()) for message in request)
    assert reply.usage.prompt_tokens == words
    assert_sound(shelf, reply, BOB)


def test_a_follow_up_is_searched_with_what_came_before(make_parts):
    history = [Turn("user", FERRY), Turn("assistant", SAID)]
    reply = answer("Does it run in winter on Sundays?", BOB, make_parts(), history=history)
    assert any("Sundays" in citation.quote for citation in reply.citations)


@pytest.mark.parametrize("question", ["", "   ", "?!", "\u200b\u200b"])
def test_a_question_without_words_is_refused(question, make_parts):
    with pytest.raises(EmptyQuestionError):
        answer(question, BOB, make_parts())


def test_a_question_beyond_the_limit_is_refused(make_parts):
    with pytest.raises(QuestionTooLongError):
        answer("why " * 2000, BOB, make_parts())


FRAGMENTS = st.sampled_from(
    ["[1]", "[2]", "[99]", "[0]", "[1,2]", "[", "]", ". ", " ", "\n", "\n\n", "- ", "**", "|", SAID,
     "Tickets cost 14 crowns", "Tickets cost 99 crowns.", "Dogs do not travel free.", "<b>", "14",
     "![x](http://e.vil/a.png)", "\u202e", "\u0000", "The documents do not say."]
)  # fmt: skip


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(script=st.lists(FRAGMENTS | st.text(max_size=20), max_size=14).map("".join))
def test_whatever_a_model_says_every_release_is_cited_exactly_and_judged(shelf, make_parts, script):
    reply = answer(FERRY, BOB, make_parts(ScriptedModel(script)))
    assert_sound(shelf, reply, BOB)
    assert reply.status in {"answered", "partial", "no_evidence"}
    assert {citation.filename for citation in reply.citations} <= {"harbour.txt"}


RANDOM_OUTPUTS = int(os.environ.get("FOOTNOTE_PROOF_OUTPUTS", "100"))
PIECES = [
    *("[1]", "[2]", "[12]", "[0]", "[1, 2]", "[1-3]", "[", "]", ". ", "? ", " ", "\n", "\n\n"),
    *("- ", "**", " | ", SAID, NOT_SAID, "41", "not", "<mark>", "&amp;", "[^1]: x", "`", "\\"),
    *("\u202e", "\u0000", "\U0001f6a2", "e\u0301", "\ud83d"),
    *" ".join((*HARBOUR, *SECRET)).split(),
]


def test_random_outputs_release_nothing_but_exact_readable_citations(shelf, make_parts):
    """``FOOTNOTE_PROOF_OUTPUTS=10000`` for a night; seeded, so that a failure comes again."""
    chance = random.Random(5)
    released = 0
    for number in range(RANDOM_OUTPUTS):
        script = " ".join(chance.choices(PIECES, k=chance.randrange(1, 40)))
        model = ScriptedModel(script, size=chance.randrange(1, 30))
        policy = chance.choice(["drop", "mark", "regenerate"])
        reply = answer(FERRY, BOB, make_parts(model, unsupported=policy))
        assert_sound(shelf, reply, BOB, may_be_marked=policy == "mark")
        assert {citation.filename for citation in reply.citations} <= {"harbour.txt"}, number
        released += len(reply.sentences) * (reply.model != "quote")
    assert released > RANDOM_OUTPUTS / 5


def test_a_sentence_that_needs_the_one_before_shows_it(tmp_path, make_parts):
    shelf = Shelf(tmp_path / "tower")
    shelf.put("The tower of Lund stands in the west. It was opened in May 1889 by the mayor.")
    dependencies = make_parts()
    retrieval = RetrievalDependencies(shelf.library, shelf.embedder)
    dependencies = AnswerDependencies(
        retrieval, None, dependencies.verifier, dependencies.quoter, dependencies.config
    )
    reply = answer("When was it opened by the mayor?", BOB, dependencies)
    sentence = next(s for s in reply.sentences if "1889" in s.text)
    if len(reply.sentences) == 1:
        assert sentence.context.text == "The tower of Lund stands in the west."
    (span,) = sentence.highlights
    assert reply.text[span.start : span.end] == "May 1889"
    assert_sound(shelf, reply, BOB)


def test_no_evidence_shows_the_nearest_passages_and_only_readable_ones(make_parts):
    reply = answer("Who won the chess championship in Reykjavik?", BOB, make_parts())
    assert {passage.filename for passage in reply.nearest} == {"harbour.txt"}
    assert all(len(passage.text) <= 300 for passage in reply.nearest)


def test_a_partial_answer_names_what_is_missing(make_parts):
    model = ScriptedModel(f"{SAID} [1] Queen Margrethe built 27 lighthouses in 1750. [1]")
    reply = answer(f"{FERRY} And who built lighthouses?", BOB, make_parts(model))
    assert reply.status == "partial"
    assert "lighthouses" in reply.missing


def test_an_answer_beside_the_question_is_partial_and_says_so(make_parts):
    question = "Who designed the lighthouse lens of Skarö in 1904 for the ferry?"
    model = ScriptedModel("Dogs travel free of charge on the ferry. [2]")
    reply = answer(question, BOB, make_parts(model, confidence=0.0))
    assert [sentence.text for sentence in reply.sentences] == [
        "Dogs travel free of charge on the ferry."
    ]
    assert reply.status == "partial"
    assert reply.notice == BESIDE
    assert reply.confidence < 0.05
    assert {"designed", "lens"} <= set(reply.missing)


def test_an_answer_to_the_question_is_as_sure_as_what_it_cites(make_parts):
    reply = answer(FERRY, BOB, make_parts(ScriptedModel(f"{SAID} [1]")))
    beside = answer(FERRY, BOB, make_parts(ScriptedModel("Bicycles cost 5 crowns. [2]")))
    assert reply.status == "answered"
    assert beside.confidence < reply.confidence


def test_an_unsupported_sentence_is_written_anew_once(make_parts):
    drafts = [f"{SAID} [1] Tickets cost 41 crowns. [1]", "Tickets cost 14 crowns. [1]"]
    model = ScriptedModel(lambda prompt: drafts[len(prompt) > 2])
    reply = answer(FERRY, BOB, make_parts(model, unsupported="regenerate"))
    assert [s.text for s in reply.sentences] == [SAID, "Tickets cost 14 crowns."]
    assert len(model.prompts) == 2
    assert "41 crowns" in model.prompts[1][-1].content
    assert reply.status == "answered"


def test_a_marked_sentence_carries_its_verdict(make_parts):
    model = ScriptedModel(f"{SAID} [1] Tickets cost 41 crowns. [1]")
    reply = answer(FERRY, BOB, make_parts(model, unsupported="mark"))
    assert [s.verdict for s in reply.sentences] == ["supported", "unsupported"]
    assert all(s.markers for s in reply.sentences)
