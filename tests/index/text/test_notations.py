"""Normal forms: the same code, number, amount, date or time written otherwise has the same term."""

import pytest

from index.text.analyzer import analyse, document_terms, question_terms
from index.text.notations import notation_terms

SAME = [
    ("KLT4410", "KLT-4410"),
    ("KLT 4410", "KLT-4410"),
    ("klt 4410", "KLT4410"),
    ("KLT\u20114410", "KLT4410"),
    ("AB/77.31-5", "AB-77-31-5"),
    ("BIN-0063", "BIN-63"),
    ("EN 13501", "EN13501"),
    ("v4.7", "4.7"),
    ("version 4.7.2", "v4.7.2"),
    ("NL91 ABNA 0417 1643 00", "NL91ABNA0417164300"),
    ("978-0-306-40615-7", "9780306406157"),
    ("(0431) 555-0134", "0431 5550134"),
    ("+49 431 5550134", "0431/5550134"),
    ("M12 x 60", "M12x60"),
    ("M12 \u00d7 60", "M12x60"),
    ("30 x 20 x 15 cm", "30x20x15cm"),
    ("7,430", "7430"),
    ("7.430", "7430"),
    ("7\u00a0430", "7430"),
    ("7'430", "7430"),
    ("7 430 000", "7,430,000"),
    ("12,43,000", "1243000"),
    ("2,75", "2.75"),
    ("7.430,50", "7,430.50"),
    ("7.43 million", "7,430,000"),
    ("7,43 Mio.", "7430000"),
    ("65 mm", "65mm"),
    ("65 millimetres", "65mm"),
    ("2,5 kg", "2.5kg"),
    ("18 \u00b0C", "18 degrees Celsius"),
    ("35 %", "35%"),
    ("35 percent", "35 Prozent"),
    ("\u20ac7,430", "7430 EUR"),
    ("7430 euro", "\u20ac7.430"),
    ("$9", "9 dollars"),
    ("6th", "sixth"),
]

SAME_DAY = [
    "2027-09-04",
    "2027/9/4",
    "20270904",
    "2027-09-04T08:15",
    "4 September 2027",
    "4th of September, 2027",
    "September 4, 2027",
    "Sept. 4 2027",
    "4-Sep-2027",
    "04.09.2027",
    "4. 9. 2027",
    "4. September 2027",
    "4/9/2027",
    "9/4/2027",
    "04/09/27",
    "4 septembre 2027",
    "4 de septiembre de 2027",
    "4 settembre 2027",
    "4 wrze\u015bnia 2027",
    "4 \u0441\u0435\u043d\u0442\u044f\u0431\u0440\u044f 2027",
    "2027\u5e749\u67084\u65e5",
]

SAME_TIME = ["16:45", "4:45 pm", "4.45 p.m.", "16.45 Uhr", "16h45"]


@pytest.mark.parametrize(("question", "document"), SAME)
def test_a_thing_is_found_however_it_is_written(question, document):
    shared = set(question_terms(question)) & set(document_terms(f"Here: {document}, see below."))
    assert shared - (set(analyse(question)) & set(analyse(document)))


@pytest.mark.parametrize("date", SAME_DAY)
def test_a_date_has_its_iso_form_in_every_notation(date):
    assert "2027-09-04" in notation_terms(f"On {date} it rained.")


@pytest.mark.parametrize("date", ["1/4/2027", "01-04-2027"])
def test_a_date_with_two_readings_has_both(date):
    assert {"2027-04-01", "2027-01-04"} <= set(notation_terms(date))


def test_with_dots_the_day_comes_first():
    assert "2027-01-04" not in notation_terms("01.04.2027")


@pytest.mark.parametrize("date", ["2027-14-04", "40 September", "2027-00-00", "99/99/2027"])
def test_what_is_no_date_has_no_date(date):
    assert not any(form.startswith(("2027-", "--")) for form in notation_terms(date))


@pytest.mark.parametrize("month", ["September 2027", "2027-09", "09/2027", "septiembre de 2027"])
def test_a_month_of_a_year_has_one_form(month):
    assert "2027-09" in notation_terms(month)


@pytest.mark.parametrize("quarter", ["Q3 2027", "2027-Q3", "third quarter of 2027"])
def test_a_quarter_has_one_form(quarter):
    assert "2027-q3" in notation_terms(quarter)


@pytest.mark.parametrize("time", SAME_TIME)
def test_a_time_has_one_form(time):
    assert "16:45" in notation_terms(f"at {time} sharp")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 am", "12 pm"),
        ("KLT-4410", "KLT-4411"),
        ("M12x60", "M10x60"),
        ("7,430", "743"),
        ("4 September 2027", "4 September 2028"),
        ("35 %", "35 kg"),
    ],
)
def test_different_things_share_no_normal_form_of_the_whole(one, other):
    assert set(notation_terms(one)) != set(notation_terms(other))


def test_a_form_that_is_a_word_of_the_text_already_is_not_repeated():
    assert question_terms("in 2027").count("2027") == 1
    assert document_terms("The year 2027, and 2027.").count("2027") == 2


def test_words_without_a_digit_have_no_normal_form():
    assert notation_terms("May the well-known keeper be late by a percent?") == []
