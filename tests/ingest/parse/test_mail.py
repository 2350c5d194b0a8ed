"""Every part of a message that its reader sees is read."""

import base64

import pytest

HEAD = "From: Ines <ines@x.org>\nTo: desk@x.org\nSubject: Rota\nMIME-Version: 1.0\n"


def part(kind, content, *headers):
    return "\n".join([f"Content-Type: {kind}", *headers, "", content])


def multipart(subtype, *parts):
    return part(f'multipart/{subtype}; boundary="b-{subtype}"', "\n".join(
        [*(f"--b-{subtype}\n{each}" for each in parts), f"--b-{subtype}--"]
    ))  # fmt: skip


PLAIN = part("text/plain", "The oil comes on Friday.")
RICH = part(
    "text/html",
    "<p>The oil comes on Friday.</p><table><tr><td>Litres</td><td>40</td></tr></table>",
)
EVENT = (
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Crane\n  check\nDTSTART;TZID=Europe/Oslo:20260504T0930"
    "00\nLOCATION:Quay 4\\, north\nBEGIN:VALARM\nDESCRIPTION:Beep\nEND:VALARM\nEND:VEVENT\n"
    "END:VCALENDAR"
)


@pytest.mark.parametrize(
    ("body", "shown", "hidden"),
    [
        (
            multipart("mixed", RICH, part("text/plain", "-- \nfooter")),
            ["Litres | 40", "footer"],
            [],
        ),
        (multipart("mixed", PLAIN, part("text/plain", "Second part.")), ["Friday.", "Second"], []),
        (multipart("alternative", PLAIN, RICH), ["Litres | 40"], []),
        (
            multipart("alternative", part("text/plain", "Open this in an HTML viewer."), RICH),
            ["Litres | 40"],
            ["viewer"],
        ),
        (
            multipart("alternative", PLAIN, part("text/html", "<b>The oil comes</b> on Friday.")),
            ["The oil comes on Friday."],
            ["Friday.\n\nThe"],
        ),
        (
            multipart("alternative", PLAIN, part("text/calendar", EVENT)),
            [
                "Friday",
                "Summary: Crane check\nStart: 2026-05-04 09:30 Europe/Oslo",
                "Quay 4, north",
            ],
            ["Beep"],
        ),
        (multipart("mixed", PLAIN, part("text/csv", "a,b\n1,2")), ["1 | 2"], []),
        (
            part(
                "text/plain; format=flowed", "A line that \ngoes on.\nAnother.\n> quoted \n> too."
            ),
            ["A line that goes on.\nAnother.\n> quoted too."],
            [],
        ),
    ],
)
def test_every_part_is_read_unless_an_alternative_says_more(parse, body, shown, hidden):
    text = parse(HEAD + body, "a.eml").text
    assert [words for words in shown if words not in text] == []
    assert [words for words in hidden if words in text] == []


def test_a_message_that_its_sender_encoded_is_read(parse):
    inner = "Subject: Inner\nFrom: a@x.org\n\nThe crane lifts nine tonnes."
    encoded = base64.encodebytes(inner.encode()).decode()
    attached = part("message/rfc822", encoded, "Content-Transfer-Encoding: base64")
    text = parse(HEAD + multipart("mixed", PLAIN, attached), "a.eml").text
    assert "Subject: Inner" in text
    assert "nine tonnes" in text


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("Prøve på Ærø, blåbær".encode("cp1252"), "Prøve på Ærø, blåbær"),
        ("Größe €".encode(), "Größe €"),
        (b"=?iso-8859-1?Q?It=92s_five_=80?=", "It\u2019s five €"),
        ("Zażółć gęślą jaźń, książka".encode("cp1250"), "Zażółć gęślą jaźń, książka"),
    ],
)
def test_letters_of_a_subject_are_right_though_nobody_encoded_them(parse, subject, shown):
    head = b"From: a@x.org\nTo: b@x.org\nSubject: " + subject + b"\n\n"
    document = parse(head + b"Text.", "a.eml")
    assert document.title == shown


def test_a_body_is_read_by_the_name_that_programs_give_to_an_encoding(parse):
    body = "Prijs: 5 €".encode("cp1252")
    head = (HEAD + 'Content-Type: text/plain; charset="x-cp1252"\n\n').encode()
    assert "5 €" in parse(head + body, "a.eml").text
