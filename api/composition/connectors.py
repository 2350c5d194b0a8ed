"""Builds the connector of a place by its address."""

import re
from typing import TYPE_CHECKING

from api.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from api.settings import Settings
    from ingest.connectors.connector import Connector
    from ingest.lifecycle.source_registry import Kind

BUCKETS = ("s3://",)
GIT = "git+"
SITEMAP = "sitemap+"
DRIVE = "gdrive://"
MAIL = "imaps://"


def build_connector(place: str, settings: "Settings") -> "tuple[Kind, Connector]":
    """Return the kind of a place, and what reads it.

    Raises:
        UsageError: the address is of no kind that there is a connector for.
        ConnectorError, UrlRefusedError: the address does not fit its kind.

    """
    if place.startswith(BUCKETS):
        from ingest.connectors.object_store import ObjectStore

        return "bucket", ObjectStore(place)
    if place.startswith(GIT):
        from ingest.connectors.git_repository import GitRepository

        address, _, rest = place.removeprefix(GIT).partition("#")
        branch, _, folder = rest.partition(":")
        return "git", GitRepository(address, branch or None, folder)
    if place.startswith(SITEMAP):
        from api.composition.ingestion import build_fetcher
        from ingest.connectors.sitemap import Sitemap

        return "sitemap", Sitemap(place.removeprefix(SITEMAP), build_fetcher(settings))
    if place.startswith(DRIVE):
        return "drive", _google_drive(place.removeprefix(DRIVE), settings)
    if place.startswith(MAIL):
        return "mailbox", _mail_folder(place.removeprefix(MAIL), settings)
    raise UsageError(
        f"{place!r} is no place that there is a connector for: s3://BUCKET/FOLDER, "
        "git+https://HOST/REPOSITORY.git#BRANCH, sitemap+https://HOST/sitemap.xml, "
        "gdrive://FOLDER, imaps://USER@HOST/FOLDER."
    )


def _google_drive(folder: str, settings: "Settings") -> "Connector":
    from api.composition.ingestion import build_fetcher
    from ingest.connectors.drive_client import DriveClient
    from ingest.connectors.google_drive import GoogleDrive
    from ingest.connectors.reader_map import ReaderMap

    client = DriveClient(build_fetcher(settings), drive_token(settings))
    path = settings.drive_readers
    return GoogleDrive(folder, client, ReaderMap({}) if path is None else ReaderMap.read(path))


def _mail_folder(address: str, settings: "Settings") -> "Connector":
    from ingest.connectors.mail_folder import MailAddress, MailFolder, MailLimits

    path = settings.imap_password_file
    if path is None:
        raise UsageError("Mail needs a password: set FOOTNOTE_IMAP_PASSWORD_FILE.")
    limits = MailLimits(size=settings.upload_limit)
    return MailFolder(MailAddress.parse(address), lambda: _line_of(path), limits)


def drive_token(settings: "Settings") -> "Callable[[], str]":
    """Return a function that returns the token as it is now.

    The function raises UsageError where there is no token any more.

    Raises:
        UsageError: no token is configured.

    """
    path, configured = settings.drive_token_file, settings.drive_token
    if path is None and configured is None:
        raise UsageError("Drive needs a token: set FOOTNOTE_DRIVE_TOKEN_FILE.")

    def current_token() -> str:
        if path is not None:
            token = _line_of(path)
        else:
            token = configured.get_secret_value().strip() if configured else ""
        if not re.fullmatch(r"[!-~]+", token):
            raise UsageError("Drive's token is not one word of printable characters.")
        return token

    return current_token


def _line_of(path: "Path") -> str:
    """Return the secret in a file, without the end of its line."""
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The file {path} cannot be read.") from error
