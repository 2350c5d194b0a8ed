"""Code and settings are quoted by the line, prose by the sentence."""

from itertools import pairwise

from generate.quoting.code_listing import quotable

SETTINGS = """server:
  port: 8443
  tls:
    certificate: /etc/ssl/server.pem
    renew_days: 30
limits:
  upload_megabytes: 250"""

FUNCTION = '''def erase(session, document):
    """Delete a document, and note
    who did it."""
    # The rows go first,
    # the bytes later.
    rows = find(session, document)
    return rows'''


def cut(text):
    units = quotable(text)
    return [
        (text[u.start : u.end], None if u.inside is None else text[units[u.inside].start :][:6])
        for u in units
    ]


def test_a_setting_is_a_line_under_the_line_that_it_belongs_to():
    assert cut(SETTINGS) == [
        ("server:", None),
        ("port: 8443", "server"),
        ("tls:", "server"),
        ("certificate: /etc/ssl/server.pem", "tls:\n "),
        ("renew_days: 30", "tls:\n "),
        ("limits:", None),
        ("upload_megabytes: 250", "limits"),
    ]


def test_remarks_stay_whole_and_statements_are_lines():
    assert [text for text, _ in cut(FUNCTION)] == [
        "def erase(session, document):",
        '"""Delete a document, and note\n    who did it."""',
        "# The rows go first,\n    # the bytes later.",
        "rows = find(session, document)",
        "return rows",
    ]
    assert {inside for _, inside in cut(FUNCTION)} == {None, "def er"}


def test_prose_is_cut_into_sentences_however_its_lines_are_broken():
    prose = "The ferry leaves\nthe north pier at nine.\nDogs travel free:\nbicycles do not."
    assert [text for text, _ in cut(prose)] == [
        "The ferry leaves\nthe north pier at nine.",
        "Dogs travel free:\nbicycles do not.",
    ]
    assert all(not unit.line for unit in quotable(prose))


def test_nothing_but_white_space_is_lost():
    for text in (SETTINGS, FUNCTION, SETTINGS + "\n\nThe end. It is over.\n\n" + FUNCTION):
        units = quotable(text)
        joined_units = "".join(text[u.start : u.end] for u in units)
        assert "".join(joined_units.split()) == "".join(text.split())
        assert all(a.end <= b.start for a, b in pairwise(units))
