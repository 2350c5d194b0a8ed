"""A folder of mail: read to the end, changed in nothing, and no sender takes another's place."""

import pytest

from ingest.connectors.mail_folder import MailAddress, MailFolder, MailLimits
from ingest.errors import ConnectorError
from tests.fakes.mail_server import running_mailbox
from tests.fakes.sources import SourceShelf, run

LIMITS = MailLimits()


@pytest.fixture
def mailbox(tmp_path):
    with running_mailbox(tmp_path) as mailbox:
        yield mailbox


def connect(mailbox, *, folder="INBOX", password="s3cret", limits=LIMITS, context=None):
    address = MailAddress("ann@example.org", "localhost", folder, mailbox.port)
    return MailFolder(address, lambda: password, limits, context or mailbox.context)


def paths(mailbox):
    return [file.path for file in connect(mailbox).list_files()]


def test_nothing_of_the_mailbox_is_changed(mailbox):
    mailbox.put("a@x", "The lamp.")
    run(connect(mailbox), SourceShelf())
    names = {command.partition(" ")[0] for command in mailbox.commands}
    assert names <= {"CAPABILITY", "LOGIN", "EXAMINE", "UID", "LOGOUT"}
    of_messages = [command for command in mailbox.commands if command.startswith("UID")]
    assert all("FETCH" in each and "BODY.PEEK[" in each for each in of_messages)
    assert len(of_messages) == 2


def test_a_message_with_the_id_of_another_does_not_take_its_place(mailbox):
    shelf = SourceShelf()
    mailbox.put("a@x", "The boat comes on Tuesdays.")
    run(connect(mailbox), shelf)
    forged = mailbox.append(b"Message-ID: <a@x>\r\nFrom: eve@example.org\r\n\r\nNever.")
    assert run(connect(mailbox), shelf) == [("added", f"7/{forged}")]
    assert "Tuesdays" in shelf.documents["<a@x>"].sha256


def test_a_message_without_an_id_is_named_by_its_number_and_a_deleted_one_is_left_out(mailbox):
    first, second = mailbox.put(None, "One."), mailbox.put("b@x", "Two.")
    third = mailbox.append(b"message-id:\r\n <c@x>\r\nFrom: a@example.org\r\n\r\nThree.")
    assert paths(mailbox) == [f"7/{first}", "<b@x>", "<c@x>"]
    mailbox.flags = {second: "\\Seen \\Deleted", third: "\\Seen"}
    assert paths(mailbox) == [f"7/{first}", "<c@x>"]


def test_messages_that_are_numbered_differently_keep_their_documents(mailbox):
    shelf = SourceShelf()
    mailbox.put("a@x", "One.")
    assert run(connect(mailbox), shelf) == [("added", "<a@x>")]
    assert run(connect(mailbox), shelf) == []
    mailbox.validity = 8
    assert run(connect(mailbox), shelf) == [("changed", "<a@x>")]


def test_a_long_message_is_read_part_by_part_and_one_that_is_too_long_fails_alone(mailbox):
    text = "The lamp burns whale oil. " * 100_000
    mailbox.put("long@x", text)
    mailbox.put("short@x", "Short.")
    connector = connect(mailbox)
    long, _ = connector.list_files()
    with connector.open_file(long) as opened:
        assert b"".join(opened.blocks).decode().endswith(text)
    parts = [command for command in mailbox.commands if "BODY.PEEK[]" in command]
    assert len(parts) == 3
    limited = connect(mailbox, limits=MailLimits(size=1000))
    assert run(limited, SourceShelf()) == [("added", "<short@x>"), ("failed", "<long@x>")]


def test_a_message_that_is_gone_fails_alone_and_an_empty_folder_has_no_messages(mailbox):
    assert paths(mailbox) == []
    mailbox.put("a@x", "One.")
    connector = connect(mailbox)
    (file,) = connector.list_files()
    mailbox.remove("a@x")
    with (
        pytest.raises(ConnectorError, match="is gone"),
        connector.open_file(file) as opened,
    ):
        list(opened.blocks)


def test_a_folder_with_too_many_messages_is_not_taken_in_part(mailbox):
    mailbox.put("a@x", "One.")
    mailbox.put("b@x", "Two.")
    with pytest.raises(ConnectorError, match="over 1 messages"):
        connect(mailbox, limits=MailLimits(messages=1)).list_files()


def test_a_password_that_is_refused_is_never_shown(mailbox):
    """The fake server repeats it in its answer."""
    for password in ("wr0ng", "wr\r\n0ng", "wr\N{LATIN SMALL LETTER O WITH STROKE}ng"):
        with pytest.raises(ConnectorError) as caught:
            connect(mailbox, password=password).list_files()
        assert password not in str(caught.value)


def test_a_server_that_is_not_who_it_says_is_given_no_password(mailbox):
    import ssl

    with pytest.raises(ConnectorError, match="certificate"):
        connect(mailbox, context=ssl.create_default_context()).list_files()
    assert mailbox.commands == []


def test_a_folder_that_is_not_there_is_an_error(mailbox):
    with pytest.raises(ConnectorError, match="cannot be listed"):
        connect(mailbox, folder="None").list_files()


def test_a_name_of_a_folder_may_have_any_letter(mailbox):
    mailbox.folder = 'Entw&APw-rfe &- \\"Plan\\"'
    assert connect(mailbox, folder='Entw\u00fcrfe & "Plan"').list_files() == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ann@mail.example/INBOX", MailAddress("ann", "mail.example", "INBOX")),
        (
            "ann@example.org@mail.example:1993/Lists/Harbour%20news",
            MailAddress("ann@example.org", "mail.example", "Lists/Harbour news", 1993),
        ),
        ("ann:s3cret@mail.example/INBOX", None),
        ("mail.example/INBOX", None),
        ("ann@mail.example/", None),
        ("ann@mail.example:port/INBOX", None),
        ("ann@mail.example/IN%0D%0ABOX", None),
    ],
)
def test_an_address_names_a_user_a_host_and_a_folder(text, address):
    if address is not None:
        assert MailAddress.parse(text) == address
        return
    with pytest.raises(ConnectorError) as caught:
        MailAddress.parse(text)
    assert "s3cret" not in str(caught.value)
