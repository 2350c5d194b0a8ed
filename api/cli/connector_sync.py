"""``footnote ingest --from``: buckets, repositories, sites, Drive and mail, in step, once."""

from collections.abc import Sequence

from api.cli.folder_sync import SOME_FAILED, open_source, print_events
from api.cli.local_store import local_settings
from api.cli.options import print_line
from api.cli.upload_options import Destination, UploadOptions
from index.errors import FootnoteError


def run_places(places: Sequence[str], options: UploadOptions, destination: Destination) -> int:
    """Bring each place in step as a source of its own; return the exit code."""
    has_failed = [_bring_in_step(place, options, destination) for place in places]
    return SOME_FAILED if any(has_failed) else 0


def _bring_in_step(place: str, options: UploadOptions, destination: Destination) -> bool:
    """Bring one place in step, print what happens, and tell whether something failed."""
    from api.composition.connectors import build_connector
    from ingest.connectors.connector_sync import ConnectorSync

    try:
        kind, connector = build_connector(place, local_settings(destination.data))
    except FootnoteError as error:
        print_line(f"failed   {place}: {error}")
        return True
    with open_source(kind, place, options, destination) as (target, source, work):
        return print_events(ConnectorSync(connector, target, source).run, work) > 0
