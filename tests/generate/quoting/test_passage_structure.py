"""Headings, questions, labels and boilerplate lead to answers; they are none."""

from generate.config import QuoteConfig
from generate.quoting.code_listing import quotable
from generate.quoting.passage_structure import Role, roles
from generate.quoting.quoter import Quoter
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.passages import passage


def roles_of(text, *headings, **options):
    units = quotable(text)
    return {
        text[unit.start : unit.end]: role
        for unit, role in zip(units, roles(text, units, headings, **options), strict=True)
    }


def quotes(question, text):
    quoter = Quoter(FakeEmbedder(), QuoteConfig())
    return [claim.text for claim in quoter.select(question, [passage(text)]).claims]


def test_each_line_has_its_role():
    text = (
        "Mooring rules\n\nWho may moor here?\n\nMembers may moor for two nights.\n\n"
        "Bring with you:\n\n- two fenders\n\nFigure 2: the quay\n\n© 2021 Harbour. All rights "
        "reserved.\n\nBoat | Fee\nDinghy | 4"
    )
    assert list(roles_of(text, "Mooring rules").values()) == [
        Role.HEADING, Role.QUESTION, Role.SENTENCE, Role.LABEL, Role.SENTENCE, Role.LABEL,
        Role.BOILERPLATE, Role.BOILERPLATE, Role.HEADER, Role.ROW,
    ]  # fmt: skip


def test_a_field_that_holds_a_question_is_one_and_the_next_field_answers_it():
    text = "id: s01\nquestion: When is the lamp lit?\nanswer: thirty minutes before sunset"
    assert list(roles_of(text).values()) == [Role.LINE, Role.QUESTION, Role.LINE]


def test_a_short_line_above_running_text_is_a_heading_though_no_parser_said_so():
    assert roles_of("Winter berths\n\nThe berths close in May.")["Winter berths"] is Role.HEADING


def test_a_table_that_goes_on_from_an_earlier_chunk_has_no_header():
    text = "Dinghy | 4\nCutter | 9"
    assert set(roles_of(text, begins_within_table=True).values()) == {Role.ROW}


def test_a_question_in_the_text_is_answered_by_what_stands_under_it():
    text = (
        "Do members need a permit?\n\nYes, the office sells one for six crowns.\n\n"
        "Do guests need an anchor?\n\nNo, there are buoys."
    )
    assert quotes("Do members need a permit?", text)[0] == (
        "Yes, the office sells one for six crowns."
    )
    assert not any(quote.endswith("?") for quote in quotes("Do guests need an anchor?", text))


def test_a_text_of_headings_alone_answers_nothing():
    assert quotes("What is the price of mooring?", "Price of mooring?\n\nMooring:") == []
