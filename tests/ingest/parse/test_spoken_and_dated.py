"""Subtitles, contacts and calendars, as people read them."""

import pytest

from ingest.parse import parse_file

VTT = """WEBVTT - The lamp

STYLE
::cue { color: red }

NOTE nobody reads this

intro
00:01.000 --> 00:04.000 align:start
<v Ann>The lamp is lit</v>

00:04.000 --> 00:06.500
<v Ann>thirty minutes &amp; no less <00:05.000><c>before sunset.</c>

00:07.000 --> 00:09.000
<v.loud Bob Low>Who keeps the log?

01:02:03.000 --> 01:02:05.000
I do.
"""
SRT = """1
00:00:01,000 --> 00:00:03,000
<i>The boat</i> comes

2
00:00:03,000 --> 00:00:05,000
The boat comes
{\\an8}on Tuesdays.

3
00:01:05,000 --> 00:01:07,000
Bring oil.
"""
CARDS = """BEGIN:VCARD
VERSION:3.0
N:Lowe;Ann;;Dr.;
FN:Dr. Ann Lowe
ORG:Skerrow Light;Keepers
item1.TEL;TYPE=work,voice:+44 20 7946 0018
EMAIL;TYPE="home":ann@example
 .org
ADR;TYPE=work:;;1 Pier Road;Ardal;;4471;Norway
NOTE:Keeps the keys\\, and\\nthe log.
PHOTO;ENCODING=b:AAAA
END:VCARD
BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Zo=C3=AB
TITLE;ENCODING=QUOTED-PRINTABLE:K=
eeper
END:VCARD
"""
CALENDAR = """BEGIN:VCALENDAR
BEGIN:VEVENT
SUMMARY:Oil is delivered
DTSTART;TZID=Europe/Oslo:20260503T140000
LOCATION:Gull Stack
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def read(tmp_path):
    def run(content, name):
        path = tmp_path / "upload"
        path.write_text(content, newline="")
        return parse_file(path, name)

    return run


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_webvtt_has_a_paragraph_for_each_speaker_with_the_time(read, newline):
    document = read(VTT.replace("\n", newline), "talk.txt")
    assert document.text.split("\n\n") == [
        "[0:01] Ann: The lamp is lit thirty minutes & no less before sunset.",
        "[0:07] Bob Low: Who keeps the log?",
        "[1:02:03] I do.",
    ]
    assert document.media_type == "text/vtt"


def test_subrip_is_joined_and_rolling_lines_stand_once(read):
    document = read(SRT, "boat.srt")
    assert document.text.split("\n\n") == [
        "[0:01] The boat comes on Tuesdays.", "[1:05] Bring oil.",
    ]  # fmt: skip
    assert "-->" in read(SRT, "boat.txt").text  # a text that only quotes it stays as it is


def test_a_long_talk_is_cut_where_sentences_end(read):
    cues = [
        f"{n}\n00:00:{n:02},000 --> 00:00:{n + 1:02},000\nThe watch number {n} lasts four hours.\n"
        for n in range(40)
    ]
    paragraphs = read("\n".join(cues), "long.srt").text.split("\n\n")
    assert len(paragraphs) > 4
    assert all(len(paragraph) < 300 and paragraph.endswith(".") for paragraph in paragraphs)


def test_contacts_have_names_as_headings_and_a_line_for_each_fact(read):
    document = read(CARDS, "people.vcf")
    ann, facts, zoe, role = (document.text[b.start : b.end] for b in document.blocks)
    assert (ann, zoe, role) == ("Dr. Ann Lowe", "Zoë Müller", "Title: Keeper")
    assert facts.split("\n") == [
        "Organisation: Skerrow Light, Keepers",
        "Telephone (work): +44 20 7946 0018",
        "Email (home): ann@example.org",
        "Address (work): 1 Pier Road, Ardal, 4471, Norway",
        "Note: Keeps the keys, and",
        "the log.",
    ]
    assert [block.kind for block in document.blocks] == ["heading", "paragraph"] * 2


def test_a_calendar_has_its_events(read):
    document = read(CALENDAR, "station.ics")
    assert document.text == (
        "Summary: Oil is delivered\nStart: 2026-05-03 14:00 Europe/Oslo\nLocation: Gull Stack"
    )
    assert document.media_type == "text/calendar"
