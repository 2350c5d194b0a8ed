"""Texts that do not say how their letters are written."""

import pytest

from benchmarks.language_texts import TEXTS
from ingest.parse.common.encodings import codec_of_label, guess_encoding

PAIRS = [
    ("cp1252", "fr"), ("cp1252", "pt"), ("cp1252", "en"), ("cp1250", "pl"), ("cp1250", "ro"),
    ("cp1254", "tr"), ("cp1251", "ru"), ("koi8_r", "ru"), ("cp1253", "el"), ("cp1255", "he"),
    ("cp1256", "ar"), ("cp932", "ja"), ("euc_jp", "ja"), ("gb18030", "zh-cn"), ("cp950", "zh-tw"),
    ("cp949", "ko"), ("cp874", "th"),
]  # fmt: skip


@pytest.mark.parametrize(("encoding", "language"), PAIRS)
def test_two_hundred_bytes_tell_the_encoding_of_a_language(encoding, language):
    data = TEXTS[language].encode(encoding, "ignore")[:200]
    guess = guess_encoding(data)
    assert data.decode(guess.name, "ignore") == data.decode(encoding, "ignore")


def test_lines_of_two_encodings_are_read_each_in_its_own(parse):
    lines = [*["Blåbær på øya."] * 9]
    data = "\n".join(lines).encode() + b"\n" + "Smørrebrød og kaffe på Åsen.\n".encode("cp1252")
    document = parse(data)
    assert document.text == "\n".join([*lines, "Smørrebrød og kaffe på Åsen.\n"])
    assert document.warnings[0].startswith("1 lines are not UTF-8; they were read as cp1252.")


def test_one_foreign_line_at_the_end_of_a_long_english_text_is_read(parse):
    data = b"The boat leaves at nine, and nobody waits for it.\n" * 200
    line = "Bjørn\u2019s café in Málaga."
    assert parse(data + line.encode("cp1252")).text.endswith(line)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("港の灯台は八時に点灯します。\n鍵は箱の中です。\n", "iso2022_jp"),
        ("Смотритель ведёт журнал, каждый день.\n", "utf-16-le"),
        ("码头的灯八点亮。\n请看登记簿、并签名。\n", "utf-16-be"),
        ("항구의 등대는 여덟 시에 켜집니다.\n", "iso2022_kr"),
    ],
)
def test_escapes_and_wide_letters_are_known_without_a_mark(parse, text, encoding):
    document = parse(text.encode(encoding))
    assert (document.text, document.warnings) == (text, ())


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("ISO-8859-1", "cp1252"), ("windows-1250", "cp1250"), ("x-sjis", "cp932"),
        ("ks_c_5601-1987", "cp949"), ("GB2312", "gb18030"), ("cp-850", "cp850"), ("hex", None),
        ("no such thing", None),
    ],
)  # fmt: skip
def test_a_label_stands_for_what_it_is_used_for(label, codec):
    assert codec_of_label(label) == codec
