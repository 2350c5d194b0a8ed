"""Builds the connector of a place by its address."""

from typing import TYPE_CHECKING

from api.errors import UsageError

if TYPE_CHECKING:
    from api.settings import Settings
    from ingest.connectors.connector import Connector
    from ingest.lifecycle.source_registry import Kind

BUCKETS = ("s3://",)
GIT = "git+"
SITEMAP = "sitemap+"


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
    raise UsageError(
        f"{place!r} is no place that there is a connector for: s3://BUCKET/FOLDER, "
        "git+https://HOST/REPOSITORY.git#BRANCH, sitemap+https://HOST/sitemap.xml."
    )
