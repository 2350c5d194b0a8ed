"""The pages that a website names in its sitemap, as far as its robots.txt lets us fetch them.

Everything is fetched by the one way out, with its rules about addresses, time and size. Links are
not followed: the sitemap is the list, so a page that fails does not hide others, and what the site
takes off the list is deleted.

Sources: https://www.sitemaps.org/protocol.html, RFC 9309 (robots exclusion)
"""

import gzip
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from index.egress.fetcher import Fetcher, check_url
from index.errors import FetchError, FootnoteError, UrlRefusedError
from ingest.connectors.connector import ConnectedFile, OpenedFile
from ingest.errors import BrokenDocumentError, ConnectorError, ParseLimitError
from ingest.parse.common.xml import safe_tree

AGENT = "footnote"
_LONGEST_SITEMAP = 50_000_000
"""Bytes, unpacked: the protocol's own limit."""
_LONGEST_ROBOTS = 512_000
_DEEPEST = 2
"""Indexes of sitemaps name sitemaps; the protocol has one level, and some sites two."""


@dataclass(frozen=True, slots=True)
class CrawlLimits:
    """How much is taken from a site, and how fast."""

    pages: int = 1000
    sitemaps: int = 100
    """Files of sitemaps that are read: indexes, and what they name."""
    pause: float = 1.0
    """Seconds between two pages at least; the site's own ``Crawl-delay`` may be longer."""
    longest_pause: float = 30.0
    """A site that asks for more is not crawled."""


class Sitemap:
    """The pages of a sitemap that are on its own host."""

    def __init__(
        self,
        url: str,
        fetcher: Fetcher,
        limits: CrawlLimits = CrawlLimits(),
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare a connector for a sitemap's URL.

        Raises:
            UrlRefusedError: it is none that is fetched.

        """
        self._url = str(check_url(url))
        self._fetcher = fetcher
        self._limits = limits
        self._wait = pause
        self._pause = limits.pause
        self._has_fetched = False
        self._unread_sitemaps = limits.sitemaps

    def list_files(self) -> list[ConnectedFile]:
        """Return the pages that the sitemap names and robots.txt allows.

        Raises:
            ConnectorError: robots.txt or a sitemap cannot be read, or there are too many pages or
                sitemaps.

        """
        from protego import Protego

        robots = Protego.parse(self._robots())
        delay = robots.crawl_delay(AGENT)
        self._pause = max(self._limits.pause, delay or 0.0)
        if self._pause > self._limits.longest_pause:
            raise ConnectorError(f"The site asks for {self._pause:g} s between two pages.")
        self._unread_sitemaps = self._limits.sitemaps
        marks: dict[str, str | None] = {}
        for page, mark in self._pages(self._url, depth=0):
            if _has_same_host(page, self._url) and robots.can_fetch(page, AGENT):
                marks.setdefault(page, mark)
            if len(marks) > self._limits.pages:
                raise ConnectorError(f"The sitemap names more than {self._limits.pages:,} pages.")
        return [ConnectedFile(page, mark) for page, mark in marks.items()]

    @contextmanager
    def open_file(self, file: ConnectedFile) -> Iterator[OpenedFile]:
        """Fetch one page, after the pause that the site is due."""
        if self._has_fetched:
            self._wait(self._pause)
        self._has_fetched = True
        with self._fetcher.fetch(file.path) as page:
            if not _has_same_host(page.url, self._url):
                raise ConnectorError("The page redirects to another site.")
            yield OpenedFile(_filename(page.filename, page.media_type), page.blocks)

    def _robots(self) -> str:
        """Return the site's robots.txt; nothing where it has none (RFC 9309, 2.3.1)."""
        try:
            body = self._read(urljoin(self._url, "/robots.txt"), _LONGEST_ROBOTS)
        except FetchError as error:
            if error.answered is not None and 400 <= error.answered < 500:  # noqa: PLR2004
                return ""
            raise ConnectorError(f"robots.txt cannot be read: {error}") from error
        return body.decode(errors="replace")

    def _pages(self, url: str, *, depth: int) -> Iterator[tuple[str, str | None]]:
        """Yield the pages of a sitemap, and of those that it names, with their marks."""
        if not self._unread_sitemaps:
            raise ConnectorError(
                f"The sitemap names more than {self._limits.sitemaps:,} sitemaps. Bring in those "
                "that you need one by one."
            )
        self._unread_sitemaps -= 1
        try:
            root = safe_tree(_unpacked(self._read(url, _LONGEST_SITEMAP)), "It is no sitemap.")
        except (BrokenDocumentError, ParseLimitError, FootnoteError) as error:
            raise ConnectorError(f"The sitemap {url} cannot be read: {error}") from error
        kind = root.tag.rpartition("}")[2]
        for entry in root.iterchildren("{*}url", "{*}sitemap"):
            location = (entry.findtext("{*}loc") or "").strip()
            if kind == "urlset" and location:
                modified_at = (entry.findtext("{*}lastmod") or "").strip()
                yield location, modified_at or None
            elif kind == "sitemapindex" and location and depth < _DEEPEST:
                yield from self._pages(location, depth=depth + 1)

    def _read(self, url: str, most: int) -> bytes:
        with self._fetcher.fetch(url) as file:
            read_blocks, size = [], 0
            for block in file.blocks:
                size += len(block)
                if size > most:
                    raise ConnectorError(f"{url} is over {most:,} bytes.")
                read_blocks.append(block)
        return b"".join(read_blocks)


def _unpacked(body: bytes) -> bytes:
    """Return a sitemap that may be packed, at most as long as one may be."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        text = unpacker.decompress(body, _LONGEST_SITEMAP)
    except (zlib.error, gzip.BadGzipFile) as error:
        raise ConnectorError("The packed sitemap is damaged.") from error
    if unpacker.unconsumed_tail:
        raise ConnectorError(f"The sitemap is over {_LONGEST_SITEMAP:,} bytes.")
    return text


def _has_same_host(url: str, other: str) -> bool:
    try:
        return urlsplit(str(check_url(url))).netloc == urlsplit(other).netloc
    except UrlRefusedError:
        return False


def _filename(name: str, media_type: str | None) -> str:
    """Return a name by which the page's kind is known: pages seldom have an ending."""
    is_page = media_type in {"text/html", "application/xhtml+xml"}
    return f"{name}.html" if is_page and "." not in name.rpartition("/")[2] else name
