"""A place's address chooses its connector, and secrets are read where they are, when needed."""

import pytest
from pydantic import SecretStr

from api.composition.connectors import build_connector, drive_token
from api.errors import UsageError
from api.settings import Settings
from index.errors import FootnoteError
from ingest.errors import ConnectorError


@pytest.fixture
def secrets(tmp_path):
    path = tmp_path / "secret"
    path.write_text("t0ken\n")
    return path


def test_every_kind_of_place_has_its_connector(secrets):
    settings = Settings(drive_token_file=secrets, imap_password_file=secrets)
    for kind, place in {
        "git": "git+https://git.example/x.git#main:docs",
        "sitemap": "sitemap+https://www.example.org/sitemap.xml",
        "drive": "gdrive://1AbC_d-9",
        "mailbox": "imaps://ann@example.org@mail.example.org/INBOX",
    }.items():
        assert build_connector(place, settings)[0] == kind


@pytest.mark.parametrize(
    "place",
    [
        "gdrive://a'b", "imaps://ann:pass@mail.example.org/INBOX", "imap://ann@mail.example/INBOX",
        "ftp://x", "git+ext::sh", "sitemap+file:///etc/passwd",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(place, secrets):
    settings = Settings(drive_token_file=secrets, imap_password_file=secrets)
    with pytest.raises(FootnoteError):
        build_connector(place, settings)


@pytest.mark.parametrize(
    ("place", "setting"),
    [
        ("gdrive://1AbC", "FOOTNOTE_DRIVE_TOKEN_FILE"),
        ("imaps://ann@mail.example.org/INBOX", "FOOTNOTE_IMAP_PASSWORD_FILE"),
    ],
)
def test_a_secret_that_is_missing_is_asked_for_by_its_setting(place, setting):
    with pytest.raises(UsageError, match=setting):
        build_connector(place, Settings())


def test_a_token_is_read_each_time_and_from_either_place(secrets):
    token = drive_token(Settings(drive_token_file=secrets, drive_token=SecretStr("other")))
    assert token() == "t0ken"
    secrets.write_text("new3r")
    assert token() == "new3r"
    assert drive_token(Settings(drive_token=SecretStr(" t0ken\n")))() == "t0ken"


@pytest.mark.parametrize("content", ["two words", "", "t0k\u00e9n", "t0ken\r\nX-Other: 1"])
def test_a_token_that_is_no_token_is_refused_and_not_shown(secrets, content):
    secrets.write_text(content)
    with pytest.raises(UsageError) as caught:
        drive_token(Settings(drive_token_file=secrets))()
    assert not content or content not in str(caught.value)
    secrets.unlink()
    with pytest.raises(UsageError, match="cannot be read"):
        drive_token(Settings(drive_token_file=secrets))()


def test_a_readers_file_that_is_not_there_is_an_error_and_not_an_empty_one(secrets, tmp_path):
    settings = Settings(drive_token_file=secrets, drive_readers=tmp_path / "none.yaml")
    with pytest.raises(ConnectorError):
        build_connector("gdrive://1AbC", settings)
