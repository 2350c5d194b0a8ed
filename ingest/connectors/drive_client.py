"""Requests to Google Drive's API, by the one way out, repeated where the API asks for patience.

Sources: https://developers.google.com/workspace/drive/api/reference/rest/v3,
https://developers.google.com/workspace/drive/api/guides/handle-errors
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from index.egress.fetcher import FetchedFile, Fetcher
from index.errors import FetchError, FetchLimitError
from ingest.errors import ConnectorError

API = "https://www.googleapis.com/drive/v3"
_PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds before each repetition."""
_PASSING = frozenset({429, 500, 502, 503, 504})
_RATE_LIMITS = (b'"rateLimitExceeded"', b'"userRateLimitExceeded"')
"""Reasons of a 403 that ask for patience, and refuse nothing."""
_LONGEST_PAGE = 20_000_000
_MOST_PAGES = 10_000
UNAUTHORIZED = 401


class DriveForm(BaseModel):
    """A form of the API; its fields that nothing here needs are not asked for."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class DrivePage(DriveForm):
    """A page of a listing."""

    next_page_token: str | None = None
    incomplete_search: bool = False


class DriveFile(DriveForm):
    """A file or folder, of the API's type ``File``."""

    id: str = Field(pattern=r"^[\w-]{1,200}$")
    name: str
    mime_type: str
    trashed: bool = False
    size: str | None = None
    md5_checksum: str | None = None
    """None for what is no file outside Drive, such as a Google document."""
    modified_time: str | None = None


class DrivePermission(DriveForm):
    """Who else may do something with a file, of the API's type ``Permission``."""

    type: str
    role: str
    email_address: str | None = None
    domain: str | None = None
    deleted: bool = False
    view: str | None = None


class FilePage(DrivePage):
    """A page of ``files.list``."""

    files: list[DriveFile] = []


class PermissionPage(DrivePage):
    """A page of ``permissions.list``."""

    permissions: list[DrivePermission] = []


AnyForm = TypeVar("AnyForm", bound=DriveForm)
AnyPage = TypeVar("AnyPage", bound=DrivePage)


class DriveClient:
    """Reads with one account's token, which is asked for before each request."""

    def __init__(
        self,
        fetcher: Fetcher,
        token: Callable[[], str],
        *,
        api: str = API,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._fetcher = fetcher
        self._token = token
        self._api = api
        self._pause = pause

    def get(self, form: type[AnyForm], path: str, **parameters: str) -> AnyForm:
        """Return one object of the API.

        Raises:
            FetchError: the API does not give it.
            ConnectorError: it is another object than the API describes.

        """
        blocks, size = [], 0
        with self.open(path, **parameters) as answer:
            for block in answer.blocks:
                size += len(block)
                if size > _LONGEST_PAGE:
                    raise ConnectorError(f"Drive's answer is over {_LONGEST_PAGE:,} bytes.")
                blocks.append(block)
        try:
            return form.model_validate_json(b"".join(blocks))
        except ValidationError as error:
            raise ConnectorError("Drive's answer is none that its API describes.") from error

    def pages(self, form: type[AnyPage], path: str, **parameters: str) -> Iterator[AnyPage]:
        """Yield every page of a listing.

        Raises:
            FetchError: the API does not give one of them.
            ConnectorError: a page says that something may be missing, or there is no end of them.

        """
        page = self.get(form, path, **parameters)
        for _ in range(_MOST_PAGES):
            if page.incomplete_search:
                raise ConnectorError("Drive could not search everything. Run it again later.")
            yield page
            if page.next_page_token is None:
                return
            page = self.get(form, path, **parameters, pageToken=page.next_page_token)
        raise ConnectorError(f"Drive's listing has more than {_MOST_PAGES:,} pages.")

    @contextmanager
    def open(self, path: str, **parameters: str) -> Iterator[FetchedFile]:
        """Yield an answer of the API, whose body is read once.

        Raises:
            FetchError: the API refuses, or still has no answer after the last repetition.

        """
        url = f"{self._api}/{path}?{urlencode(parameters)}"
        with ExitStack() as stack:
            yield self._answer(stack, url)

    def _answer(self, stack: ExitStack, url: str) -> FetchedFile:
        for pause in _PAUSES:
            try:
                return self._ask(stack, url)
            except FetchError as error:
                if not _is_passing(error):
                    raise
            self._pause(pause)
        return self._ask(stack, url)

    def _ask(self, stack: ExitStack, url: str) -> FetchedFile:
        headers = {"Authorization": f"Bearer {self._token()}"}
        return stack.enter_context(self._fetcher.fetch(url, headers))


def _is_passing(error: FetchError) -> bool:
    """Tell whether the same request may get another answer in a few seconds."""
    if isinstance(error, FetchLimitError):
        return False
    is_rate_limit = any(reason in error.refusal for reason in _RATE_LIMITS)
    return error.answered is None or error.answered in _PASSING or is_rate_limit
