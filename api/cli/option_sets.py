"""Sets of options that administrative commands share; each field of a set is an option."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Any, get_type_hints

from api.cli.local_store import open_local_store, operator
from api.cli.options import (
    ApiKey,
    AsJson,
    DataFolder,
    Principals,
    Reason,
    ServerUrl,
    TenantId,
    connect,
    print_json,
    print_line,
    refuse_tenant,
)
from index.author import Author
from index.types import DEFAULT_TENANT

if TYPE_CHECKING:
    from api.cli.http_client import Remote
    from api.composition.store import Store
    from index.db.database import Database


@dataclass(frozen=True, kw_only=True)
class LocalOptions:
    """The options of a command that reads a data folder and nothing else."""

    data: DataFolder = None
    as_json: AsJson = False

    @property
    def author(self) -> Author:
        """The name that the audit log gives to who runs the command on a data folder."""
        return operator()

    @contextmanager
    def open_store(self) -> Iterator["Store"]:
        """Open the database and the original files of the data folder."""
        with open_local_store(self.data) as store:
            yield store

    def print(self, outcome: Any, *lines: str) -> int:
        """Print the outcome as one JSON object where that is wanted, else these lines; return 0."""
        if self.as_json:
            print_json(outcome)
        else:
            for line in lines:
                print_line(line)
        return 0


@dataclass(frozen=True, kw_only=True)
class LocalActOptions(LocalOptions):
    """The options of a command that acts on a data folder and nothing else."""

    reason: Reason = ""

    @property
    def author(self) -> Author:
        """The name that the audit log gives to who runs the command, and the reason given."""
        return operator(self.reason)


@dataclass(frozen=True, kw_only=True)
class StoreOptions(LocalOptions):
    """The options of a command that reads a data folder, or a running service."""

    server: ServerUrl = None
    key: ApiKey = None

    def connect(self) -> "Remote | None":
        """Return a client of the service at ``--server``, or none where the store is local.

        Raises:
            UsageError: the options exclude each other.

        """
        return connect(self.server, self.key, reason=self.author.reason)


@dataclass(frozen=True, kw_only=True)
class StoreActOptions(StoreOptions, LocalActOptions):
    """The options of a command that acts on a data folder, or on a running service."""


@dataclass(frozen=True, kw_only=True)
class OfTenantOptions(LocalOptions):
    """The options of a command that is about one tenant."""

    tenant: TenantId = DEFAULT_TENANT

    def check_tenant(self, database: "Database") -> None:
        """Check that the tenant was made; the default one is always there.

        Raises:
            InvalidRequestError: it was not.

        """
        if self.tenant != DEFAULT_TENANT:
            from api.tenants.life_cycle import require_known

            require_known(database, self.tenant)

    @contextmanager
    def open_store(self) -> Iterator["Store"]:
        """Open the database and the original files of the data folder.

        Raises:
            InvalidRequestError: there is no such tenant.

        """
        with super().open_store() as store:
            self.check_tenant(store.database)
            yield store


@dataclass(frozen=True, kw_only=True)
class LocalTenantActOptions(OfTenantOptions, LocalActOptions):
    """The options of a command that acts on one tenant of a data folder and nothing else."""


@dataclass(frozen=True, kw_only=True)
class TenantOptions(OfTenantOptions, StoreOptions):
    """The options of a command that reads what one tenant has."""

    def connect(self) -> "Remote | None":
        """Return a client of the service at ``--server``, or none where the store is local.

        Raises:
            UsageError: the options exclude each other: a key is of one tenant.

        """
        remote = super().connect()
        if remote is not None:
            refuse_tenant(self.tenant)
        return remote


@dataclass(frozen=True, kw_only=True)
class TenantActOptions(TenantOptions, LocalActOptions):
    """The options of a command that acts on what one tenant has."""


@dataclass(frozen=True, kw_only=True)
class CuratorOptions(TenantOptions):
    """The options of a command that a curator gives, as themselves."""

    principals: Principals

    def connect(self) -> "Remote | None":
        """Return a client of the service at ``--server``, or none where the store is local.

        Raises:
            UsageError: the options exclude each other: a service knows its caller by the key.

        """
        connect(self.server, self.key, self.principals)
        return super().connect()


@dataclass(frozen=True, kw_only=True)
class CuratorActOptions(CuratorOptions, LocalActOptions):
    """The options of a command by which a curator acts."""


def takes_options(command: Callable[..., int]) -> Callable[..., int]:
    """Return a command with an option for each field of its parameter ``options``."""
    hints = get_type_hints(command, include_extras=True)
    kind = hints.pop("options")
    hints_of_kind = get_type_hints(kind, include_extras=True)
    options = {
        field.name: inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=hints_of_kind[field.name],
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
        )
        for field in fields(kind)
    }

    @wraps(command)
    def with_options(*arguments: Any, **values: Any) -> int:
        collected = kind(**{name: values.pop(name) for name in options})
        return command(*arguments, options=collected, **values)

    signature = inspect.signature(command)
    own = [each for each in signature.parameters.values() if each.name != "options"]
    with_options.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*own, *options.values()]
    )
    with_options.__annotations__ = hints | {n: p.annotation for n, p in options.items()}
    return with_options
