"""CSV files of many dialects, and XML that holds records."""

import time

import pytest

from ingest.parse.common.csv_dialect import find_dialect


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("town;fee\nUlm;1,50\nKiel;2,75\n", "town | fee\nUlm | 1,50\nKiel | 2,75"),
        (
            "town\tnote\nUlm\told, small\nKiel\tby the sea, big\n",
            "town | note\nUlm | old, small\nKiel | by the sea, big",
        ),
        ("town|fee\nUlm|3\n", "town | fee\nUlm | 3"),
        ('\ufefftown,note\nUlm,"said ""no, thanks"""\n', 'town | note\nUlm | said "no, thanks"'),
        ("town,note\n'Ulm','old\nKiel,l'eau\n", "town | note\n'Ulm' | 'old\nKiel | l'eau"),
        ("sep=;\ntown;fee\nUlm;3\n", "town | fee\nUlm | 3"),
        ("tags,n\na;b,3\nc;d,4\n", "tags | n\na;b | 3\nc;d | 4"),
        ('town, note\nUlm, "old, small"\n', "town | note\nUlm | old, small"),
        ('town,note\nUlm,"a \\"big\\" one"\n', 'town | note\nUlm | a "big" one'),
        ("Fares of 2026\n\ntown;fee\nUlm;3\n", "Fares of 2026\n\ntown | fee\nUlm | 3"),
        ('town,note\nUlm,"two\nlines"\n', "town | note\nUlm | two lines"),
        ("town\nUlm\n", "town\nUlm"),
        ('size,n\n5" pipe,3\n6" pipe,4\n', 'size | n\n5" pipe | 3\n6" pipe | 4'),
    ],
)  # fmt: skip
def test_rows_of_any_dialect_are_read(parse, content, text):
    assert parse(content, "a.csv").text == text


def test_quotes_that_come_late_are_read(parse):
    rows = "".join(f"{n},plain {n}\n" for n in range(2_000))
    text = parse(f'id,note\n{rows}9999,"a, ""b"" c"\n', "a.csv").text
    assert text.endswith('\n9999 | a, "b" c')


def test_a_quote_that_never_ends_swallows_no_rows(parse):
    rows = "".join(f"{n},x\n" for n in range(100))
    assert parse(f'id,note\n1,"open\n{rows}', "a.csv").text.endswith("\n99 | x")


def test_the_name_decides_where_the_rows_do_not():
    assert find_dialect("one\ntwo\n", "a.tsv").separator == "\t"
    assert find_dialect("one\ntwo\n", "a.csv").separator == ","


def test_a_dialect_is_told_in_time_of_the_text():
    begin = time.monotonic()
    find_dialect('"' * 400_001 + ",;\t|" * 100_000, "a.csv")
    assert time.monotonic() - begin < 10


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        (
            '<stock day="2026-03-03"><part no="R-7" fee="8.5">Rope</part><part no="R-9"/></stock>',
            "day: 2026-03-03\n\nno: R-7\nfee: 8.5\npart: Rope\n\nno: R-9",
        ),
        (
            '<all><order id="4"><who vip="no"><name>Ann</name></who><line n="2"/></order></all>',
            "id: 4\nwho.vip: no\nwho.name: Ann\nline.n: 2",
        ),
        (
            "<a><host><port>80</port></host><log><level>low</level></log></a>",
            "host.port: 80\n\nlog.level: low",
        ),
        ('<set><property name="limit" value="30"/><f name="Fee">8</f></set>', "limit: 30\nFee: 8"),
        ("<n:a xmlns:n='urn:x'><n:b n:k='1'>two</n:b><n:c>3</n:c></n:a>", "b.k: 1\nb: two\nc: 3"),
        ('<sign day="2026"/>', "day: 2026"),
    ],
)  # fmt: skip
def test_xml_of_records_keeps_names_and_attributes(parse, xml, text):
    assert parse(f"<?xml version='1.0'?>{xml}", "a.xml").text == text


@pytest.mark.parametrize(
    "xml",
    [
        '<article id="x"><title>Head</title><sec id="s1"><p>Words.</p></sec></article>',
        '<doc><line rend="i">One <b>bold</b> word.</line></doc>',
    ],
)
def test_xml_of_a_document_is_read_without_attributes(parse, xml):
    text = parse(f"<?xml version='1.0'?>{xml}", "a.xml").text
    assert "rend" not in text
    assert "s1" not in text
