"""A thing that the question names must stand where the answer stands."""

import pytest

from generate.config import QuoteConfig
from generate.quoting.named_things import NamedText, named_things
from generate.quoting.quoter import Quoter
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.passages import passage


def words(question):
    return [thing.words for thing in named_things(question)]


def lacking(question, text):
    return [t.words for t in named_things(question) if not t.stands_in(NamedText(text))]


def select(question, *texts, **config):
    passages = [passage(text, name=str(i)) for i, text in enumerate(texts)]
    return Quoter(FakeEmbedder(), QuoteConfig(**config)).select(question, passages)


def quotes(selection):
    return [claim.text for claim in selection.claims]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When was order 8812 shipped?", ["order 8812"]),
        ("Whom can I phone at night?", []),
        ("Can I bring a dog?", []),
        ("What happens if I leave early?", []),
        ("When is the form I sign due?", []),
        ("Is a phase I trial needed?", ["phase I"]),
        ("When did World War I end?", ["World War", "War I"]),
        ("Who signed form KX-204/b?", ["KX-204/b"]),
        ("What grew in 1911?", ["1911"]),
        ("Is vitamin K in kale?", ["vitamin K"]),
        ("When did Gustav III reign?", ["Gustav", "Gustav III"]),
        ("Who was Olav IV of Norway?", ["Olav", "Olav IV", "Norway"]),
        ("How many litres are in the tank?", ["litres"]),
        ("What did Astrid Holm paint in the 18th century?", ["Astrid Holm", "18th century"]),
        ("Why is the sky blue?", []),
        ("I wonder if A and B differ", []),
    ],
)
def test_codes_numbers_letters_names_and_units_are_named(question, expected):
    assert words(question) == expected


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("When was order 8812 shipped?", "Orders 8811 and 8812 left on Monday."),
        ("Who signed form KX-204?", "Form KX 204 was signed by the purser."),
        ("Where is screw M6 x 30?", "Screw M6x30 lies in drawer two."),
        ("Who got the 1,450 crown grant?", "A grant of 1450 crowns went to the choir."),
        ("What happened in the 1860s?", "In 1864 the mill burned."),
        ("What was built in the 17th century?", "The gate was built in 1688."),
        ("What began in fiscal 2023?", "In 2022-23 the harbour was dredged."),
        ("Which rule does the EU have?", "The European Union has a rule."),
        ("How do German crews fish?", "Germany fishes with nets."),
        ("Where was Celine born?", "Céline was born at sea."),
        ("How many kilometres is it?", "It is 12 km long."),
        ("What happened on 4 June 2021?", "On 2021-06-04 the pier sank."),
        ("When did World War II end?", "The Second World War ended in 1945."),
        ("What happened on 2021-06-04?", "On 4 June 2021 the pier sank."),
        ("What happened on 04.06.2021?", "On June 4, 2021 the pier sank."),
        ("What sank on 4 June?", "On 2, 3 and 4 June two boats sank."),
        ("Which boat left at 4.45 pm?", "The mail boat left at 16:45."),
        ("Who got \u20ac1,450?", "A grant of 1450 EUR went to the choir."),
    ],
)
def test_the_same_thing_may_be_written_otherwise(question, text):
    assert lacking(question, text) == []


@pytest.mark.parametrize(
    ("question", "text", "other"),
    [
        ("When was order 8812 shipped?", "Order 8811 was shipped on 12 May 2020.", "order 8812"),
        ("When does Fjord 12 expire?", "Fjord 11 expires on 12 May 2027.", "Fjord 12"),
        ("What is the dose of vitamin K?", "The dose of vitamin E is 12 mg.", "vitamin K"),
        ("What does fault C-19 mean?", "Fault C-191 means low oil.", "C-19"),
        ("What sank on 2021-06-04?", "On 4 July 2021 a boat sank.", "06-04"),
        ("What sank on 2021-06-04?", "On 4 June 2020 a boat sank.", "2021"),
        ("How many miles is it?", "It is 12 kilometres long.", "miles"),
        ("Where was Astrid Holm born?", "Ingrid Berg was born in Bergen.", "Astrid Holm"),
    ],
)
def test_another_thing_of_the_same_kind_is_not_the_one(question, text, other):
    assert other in lacking(question, text)
    selection = select(question, text)
    assert other in selection.missing
    assert not selection.is_answer


def test_the_record_that_is_asked_for_stands_alone():
    text = "\n\n".join(f"Berth {n} holds the cutter number {n * 7}." for n in range(11, 31))
    selection = select("What does berth 17 hold?", text)
    assert quotes(selection) == ["Berth 17 holds the cutter number 119."]
    assert selection.missing == ()


def test_what_stands_in_the_heading_above_need_not_be_repeated():
    text = (
        "Pump R-20\n\nThe seal is changed each May.\n\nPump R-30\n\nThe seal is changed each June."
    )
    assert quotes(select("When is the seal of pump R-30 changed?", text)) == [
        "The seal is changed each June."
    ]


def test_a_name_that_another_passage_tells_of_makes_the_answer_partial_only():
    selection = select(
        "When did the ferry of Tindvik start?",
        "The ferry started in 1931. It carries forty cars.",
        "Tindvik has a church.",
    )
    assert selection.missing == ("Tindvik",)
    assert selection.is_answer
