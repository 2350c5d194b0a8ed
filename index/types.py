"""The nouns everybody shares: principals, scopes, access lists, chunks and hits."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, Self

from index.author import Author
from index.errors import InvalidAccessListError, InvalidPrincipalError

EVERYONE = "tenant:all"
"""The principal that every member of a tenant holds."""

DEFAULT_TENANT = "default"

LOCAL_USER = "user:local"
"""Who somebody at the command line is, unless ``--as`` says otherwise; nobody else is called so."""

_NAME = r"[\w][\w.@+\-]{0,127}"
_PRINCIPAL = re.compile(rf"(user:{_NAME}|group:{_NAME}/{_NAME}(/{_NAME}){{0,7}}|tenant:all)")


def parse_principal(text: str) -> str:
    """Return ``text`` if it is a well-formed principal, in Unicode NFC.

    Raises:
        InvalidPrincipalError: it is not ``user:<id>``, ``group:<source>/<id>`` or ``tenant:all``.

    """
    principal = unicodedata.normalize("NFC", text)
    if not _PRINCIPAL.fullmatch(principal):
        raise InvalidPrincipalError(
            f"{text[:80]!r} is not a principal. Write user:<id>, group:<source>/<id> or "
            "tenant:all; an id is letters, digits and . _ @ + - (at most 128)."
        )
    return principal


@dataclass(frozen=True, slots=True)
class Scope:
    """Who asks: a tenant and the principals held. Every read takes one; there is no default."""

    tenant: str
    principals: frozenset[str]

    @classmethod
    def of(cls, tenant: str, principals: Iterable[str]) -> Self:
        """Validate each principal and add ``tenant:all``."""
        return cls(tenant, frozenset({EVERYONE, *map(parse_principal, principals)}))


@dataclass(frozen=True, slots=True)
class AccessList:
    """Who may read a document: held by somebody in ``allow`` and by nobody in ``deny``."""

    allow: frozenset[str]
    deny: frozenset[str] = frozenset()

    @classmethod
    def of(cls, allow: Iterable[str], deny: Iterable[str] = ()) -> Self:
        """Validate each principal.

        Raises:
            InvalidAccessListError: ``allow`` is empty.
            InvalidPrincipalError: a principal is malformed.

        """
        allow_set = frozenset(map(parse_principal, allow))
        if not allow_set:
            raise InvalidAccessListError("An access list needs at least one principal in allow.")
        return cls(allow_set, frozenset(map(parse_principal, deny)))

    def admits(self, scope: Scope) -> bool:
        """Tell whether the scope's principals may read, tenants aside."""
        return bool(self.allow & scope.principals) and not self.deny & scope.principals

    def narrow(self, other: Self, owner: str) -> Self:
        """Return a list that admits nobody whom either list refuses.

        It may refuse somebody whom both admit by different principals. Where no principal is in
        both, it is the owner's alone.
        """
        if EVERYONE in self.allow:
            allow = other.allow
        elif EVERYONE in other.allow:
            allow = self.allow
        else:
            allow = self.allow & other.allow
        return type(self)(allow or frozenset({owner}), self.deny | other.deny)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of one document as it is embedded, indexed and quoted.

    ``text == document_text[start:end]``; offsets are Unicode code points.
    """

    ordinal: int
    text: str
    start: int
    end: int
    tokens: int
    """Length of ``context`` and ``text`` in the embedder's own tokens."""
    page: int | None = None
    """1-based page of the first character, for formats that have pages."""
    headings: tuple[str, ...] = ()
    """The path of headings above the chunk, outermost first."""
    context: str = ""
    """Title and headings: embedded and indexed with the text, never quoted."""

    @property
    def indexed_text(self) -> str:
        """Return the text that is embedded and analysed: the context, then the chunk."""
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True)
class TextBox:
    """Where a run of the document's text stands on a page.

    ``start`` and ``end`` are code points; the coordinates are shares of the page's width and
    height in [0, 1], the origin top left.
    """

    start: int
    end: int
    page: int
    x0: float
    y0: float
    x1: float
    y1: float


class Hit(NamedTuple):
    """One row that a leg of the search found: the chunk's primary key and its score.

    A tuple, since a search makes hundreds of them.
    """

    chunk: int
    score: float


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk as read back from the store, with what a citation needs of its document."""

    key: int
    """Primary key of the chunk, never shown."""
    chunk_id: str
    document_id: str
    document_key: int
    version: int
    title: str
    filename: str
    sha256: str
    ordinal: int
    text: str
    start: int
    end: int
    page: int | None
    headings: tuple[str, ...]
    context: str = ""
    """The title (as it was then) and the headings: embedded with the text."""
    publisher: str = ""
    """The principal that uploaded the document: its owner."""
    published_at: datetime | None = None
    """When this version was accepted."""
    is_authoritative: bool = False
    """A curator has marked the document."""

    @property
    def tie(self) -> tuple[bool, str, str, str, int, str, int, str]:
        """Return the key that breaks ties; it depends on the document alone, not on row or time."""
        return (
            not self.is_authoritative, self.sha256, self.filename, self.title, self.version,
            self.context, self.ordinal, self.publisher,
        )  # fmt: skip


Role = Literal["reader", "evaluator", "contributor", "curator", "admin"]
"""The roles within a tenant, the least first; ``docs/security.md`` has a table of their rights."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who may change things: a scope, the principal that owns what they upload, a role."""

    scope: Scope
    owner: str
    """``user:<id>``; or a group, where somebody acts locally as a group alone."""
    role: Role = "reader"
    credential: str = ""
    """The id of the key or identity that the person came with; for the audit log alone."""
    reason: str = ""
    """Why they do it, in their own words; for the audit log alone."""

    @property
    def publishes_to_all(self) -> bool:
        """Tell whether they may publish to every group, and to everybody."""
        return self.role == "contributor" or self.is_curator

    @property
    def is_curator(self) -> bool:
        """Tell whether they may change what others uploaded; administrators may, too."""
        return self.role in {"curator", "admin"}

    @property
    def author(self) -> Author:
        """Who the audit log names for what this actor does."""
        return Author(self.owner, self.credential, self.reason)
