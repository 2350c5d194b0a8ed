"""PDF pages as their reader sees them: order of reading, forms, comments, running lines."""

import pytest

from ingest.parse import parse_file
from ingest.parse.pdf.lines import Frame, TextLine, Word, in_turned_order
from ingest.parse.pdf.right_to_left import PlacedLetter, words_in_reading_order
from tests.fakes.pdf import Print, column, filled_form, garbled_second_page, write_pdf


@pytest.fixture
def parse(tmp_path):
    def parse_bytes(content):
        path = tmp_path / "blob"
        path.write_bytes(content)
        return parse_file(path, "file.pdf")

    return parse_bytes


@pytest.mark.parametrize(
    ("seen", "read"),
    [
        ("םולש", "שלום"),
        ("2027-03-04 ךיראת", "תאריך 2027-03-04"),
        ("04-03-2027 خيرات", "تاريخ 2027-03-04"),
        ("%20 ةبسن", "نسبة 20%"),
        (".3.1.4 הסרג", "גרסה 3.1.4."),
        ("(2 המוק) 8 רדח", "חדר 8 (קומה 2)"),
        (")2 המוק( רדח", "חדר (קומה 2)"),
        ("KX-7 םגד", "דגם KX-7"),
        ("199 5550 44+ :فتاه", "هاتف: +44 5550 199"),
        ("room םולש seven times over", "room שלום seven times over"),
    ],
)  # fmt: skip
def test_a_line_from_right_to_left_is_read_in_its_order(seen, read):
    letters = [
        PlacedLetter(letter, 5.0 * i, 0.1, 5.0 * i + 5, 0.2) for i, letter in enumerate(seen)
    ]
    words = words_in_reading_order(letters, 10.0, is_page_leftward=True)
    assert " ".join(word.text for word in words) == read


def turned_line(text, x):
    words = tuple(
        Word(word, x, 0.1 + 0.1 * i, x + 0.02, 0.18 + 0.1 * i)
        for i, word in enumerate(text.split())
    )
    return TextLine(Frame(1, 600, 800), words, 10.0, turn=90)


def test_lines_turned_clockwise_are_read_from_the_right():
    lines = [turned_line("second line", 0.4), turned_line("first line", 0.45)]
    assert [line.text for line in in_turned_order(lines)] == ["first line", "second line"]


def test_prose_that_was_drawn_across_two_columns_is_read_downwards(parse):
    left = [
        "The pilot boards at the outer",
        "buoy when the wind is low. He",
        "leaves at the quay, and",
        "rests.",
    ]
    right = ["The clerk counts the crates", "on the pier and signs for", "each of them at noon."]
    page = [
        line
        for pair in zip(column(left, x=60), column(right, x=330), strict=False)
        for line in pair
    ]
    text = parse(write_pdf([[*page, column(left, x=60)[3]]])).text
    assert " ".join(left) in text
    assert " ".join(right) in text


def body(number):
    return [
        Print("Quay rules", y=770, size=9),
        *column([f"Rule {number} is long and says"], y=700),
        *column(["much about many other things."], y=600),
        Print(f"Page {number}", y=30, size=9),
    ]


def test_running_lines_of_two_pages_cut_no_sentence(parse):
    first = [*body(1)[:2], *column(["A boat that comes at night must"], y=500), body(1)[3]]
    second = [body(2)[0], *column(["show a white light."], y=700), *body(2)[2:]]
    text = parse(write_pdf([first, second])).text
    assert "comes at night must show a white light." in text
    assert text.count("Quay rules") == 1
    assert "Page 2" not in text


def test_a_note_in_small_print_stands_after_its_paragraph(parse):
    lines = ["The harbour master may close the port when", "the wind is strong and the waves are"]
    first = [*column(lines, y=300), Print("1 Since the year of the flood.", y=120, size=7)]
    second = column(["higher than the pier, or at night."], y=700)
    text = parse(write_pdf([first, second])).text
    assert "the waves are higher than the pier, or at night.\n\n1 Since" in text


def test_a_form_gives_its_values_beside_their_labels_then_comments_and_files(parse):
    document = parse(filled_form())
    assert "Skipper: Ann Berg" in document.text
    assert "Insured: [x]" in document.text
    assert document.text.endswith("Eva: ask the pilot\n\nrota.csv\n\nday | who\nMonday | Ann")
    assert "unseen" not in document.text


def test_a_page_whose_fonts_do_not_say_their_letters_is_left_out_and_named(parse, monkeypatch):
    monkeypatch.setenv("PATH", "")
    document = parse(garbled_second_page())
    assert document.text == "The pilot boards at the outer buoy."
    assert document.warnings[0].startswith("Page 2: the fonts do not say which letters they show")


@pytest.mark.parametrize(
    ("on_line", "off_line", "rise", "after", "read"),
    [
        ("100", "1", 4, "", "100^1"),
        ("100", "1", 4, ",", "100^1,"),
        ("10", "-6", 4, "", "10^-6"),
        ("2019", "12", 3, ".", "2019^12."),
        ("101", "2", -3, "", "101_2"),
        ("000", "22", 0, "", "00022"),
        ("m", "2", 4, "", "m2"),
        ("21", "st", 4, "", "21st"),
    ],
)
def test_raised_and_lowered_digits_join_no_number(parse, on_line, off_line, rise, after, read):
    width = 11 * (0.833 if on_line == "m" else 0.556)
    x = 72 + width * len(on_line)
    prints = [Print("The limit is", y=720), Print(on_line), Print(off_line, x, 700 + rise, 7)]
    if after:
        prints.append(Print(after, x + 7 * 0.556 * len(off_line)))
    assert parse(write_pdf([prints])).text.split() == ["The", "limit", "is", read]
