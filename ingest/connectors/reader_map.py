"""The accounts of a place, and the principals that they are here, from a file.

Whoever is not in the file is nobody here: a file can only name people, it never guesses them.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

import yaml

from index.errors import InvalidPrincipalError
from index.types import AccessList, parse_principal
from ingest.errors import ConnectorError

_LONGEST_FILE = 10_000_000


class ReaderMap:
    """Principals by account; upper and lower case of an account are alike."""

    def __init__(self, principals: Mapping[str, str]) -> None:
        """Check each principal.

        Raises:
            InvalidPrincipalError: one of them is malformed.

        """
        self._principals = {
            account.strip().casefold(): parse_principal(principal)
            for account, principal in principals.items()
        }

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a YAML file of lines such as ``ann@example.org: user:ann``.

        Raises:
            ConnectorError: the file cannot be read, or has something else.

        """
        try:
            with path.open("rb") as file:
                entries = yaml.safe_load(file.read(_LONGEST_FILE)) or {}
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ConnectorError(f"The readers' file {path} cannot be read.") from error
        texts = [*entries, *entries.values()] if isinstance(entries, dict) else [None]
        if not all(isinstance(text, str) for text in texts):
            raise ConnectorError(f"{path} must have lines such as 'ann@example.org: user:ann'.")
        try:
            return cls(entries)
        except InvalidPrincipalError as error:
            raise ConnectorError(f"{path}: {error}") from error

    def readers(self, accounts: Iterable[str]) -> AccessList:
        """Return a list that admits the accounts that are somebody here; it may admit nobody.

        A source's list that is narrowed by one that admits nobody is its owner's alone.
        """
        names = {account.strip().casefold() for account in accounts} - {""}
        return AccessList(
            frozenset(self._principals[name] for name in names if name in self._principals)
        )
