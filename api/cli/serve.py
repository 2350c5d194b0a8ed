"""``footnote serve`` and ``footnote worker``: they run until they are stopped."""

import contextlib
import logging
import resource
import signal
import socket
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.command_group import command_group
from api.cli.options import DataFolder, load_settings
from api.errors import UsageError

if TYPE_CHECKING:
    from api.service import ServiceState
    from api.settings import Settings

logger = logging.getLogger(__name__)

BACKLOG = 2048
READY_SECONDS = 60
KEEP_ALIVE_SECONDS = 30
SWITCH_SECONDS = 0.0005
"""How long a thread keeps the interpreter while others want it; Python's default is ten times that.
The event loop wants it at every step of every request, so under load refusals wait for this."""


app = command_group()


@app.command("serve")
def serve_command(
    *,
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="default: FOOTNOTE_HOST or 127.0.0.1")
    ] = None,
    port: Annotated[
        int | None, typer.Option(metavar="N", help="default: FOOTNOTE_PORT or 8000")
    ] = None,
    demo: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="load sample documents and print links to sign in"),
    ] = None,
    data: DataFolder = None,
) -> int:
    """Start the service.

    It runs until SIGINT or SIGTERM; requests under way are finished first.
    """
    import uvicorn

    from api.app import create_app
    from api.http_server.limited_protocol import ConnectionLimits, limited_protocol
    from api.service import build_service
    from api.telemetry.json_logging import configure

    settings = load_settings(data, host=host, port=port)
    if demo is not None and not (demo / "manifest.json").is_file():
        raise UsageError(f"{demo} holds no sample documents: it has no manifest.json.")
    configure(settings.log_level)
    sys.setswitchinterval(SWITCH_SECONDS)
    listener = _listen(settings)
    service = build_service(settings)
    _raise_file_limit()
    limits = ConnectionLimits.of(settings)
    config = uvicorn.Config(
        create_app(service),
        http=limited_protocol(limits),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.stop_seconds,
    )
    address = f"http://{_shown_host(settings.host)}:{listener.getsockname()[1]}"
    threading.Thread(
        target=_greet, args=(service, address, demo), name="greet", daemon=True
    ).start()
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _listen(settings: "Settings") -> socket.socket:
    """Bind first, so that a taken port is one clear line."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(
            f"Cannot listen on {settings.host} port {settings.port}: {reason}. "
            "Choose another with --port."
        ) from error
    listener.listen(BACKLOG)
    listener.set_inheritable(True)
    return listener


def _raise_file_limit() -> None:
    """Let the process open as many files and connections as the system permits it."""
    most, permitted = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != permitted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (permitted, permitted))


def _greet(service: "ServiceState", address: str, demo: Path | None) -> None:
    """Say where the service is once it answers; with ``demo``, load the samples first."""
    from api.operations.readiness import check_readiness

    until = time.monotonic() + READY_SECONDS
    while (
        not check_readiness(service.database, service.background).is_ready
        and time.monotonic() < until
    ):
        time.sleep(0.1)
    if demo is None:
        text = f"Footnote is at {address}. Make a key: footnote admin key create --user YOU"
    else:
        from api.operations.demo import (
            demo_keys,
            load_samples,
            start_questions,
            wait_until_read,
            welcome,
        )

        library = service.pipelines.current.library
        load_samples(library, demo)
        wait_until_read(library, seconds=READY_SECONDS)
        service.start_questions.update(start_questions(demo))
        text = welcome(address, demo_keys(service.database, service.settings.data, demo))
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _shown_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@app.command("worker")
def worker_command(
    *,
    threads: Annotated[int, typer.Option(metavar="N", help="jobs at a time")] = 1,
    metrics_port: Annotated[
        int | None,
        typer.Option(metavar="N", help="serve this process's metrics there, without a key"),
    ] = None,
    data: DataFolder = None,
) -> int:
    """Process documents beside the service.

    It runs until SIGINT or SIGTERM; a job under way is finished first.
    """
    from api.composition.ingestion import ingestion_builder, lease_of, work_queue
    from api.composition.model_switch import InUse
    from api.composition.replacements import Replacements
    from api.composition.store import open_store
    from api.telemetry.job_metrics import job_counter
    from api.telemetry.json_logging import configure
    from api.telemetry.prometheus import Metrics
    from api.telemetry.trace_pipeline import open_tracing
    from index.db.work_watcher import watch_for_work
    from index.erasure import ErasureFollower
    from ingest.queue.leases import jobs_are_due

    if threads < 1:
        raise UsageError("--threads is at least 1.")
    settings = load_settings(data)
    configure(settings.log_level)
    store = open_store(settings)
    store.check()
    in_use = InUse(store.database, ingestion_builder(settings, store, Replacements()))
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    metrics = Metrics()
    with contextlib.ExitStack() as resources:
        tracing = resources.enter_context(open_tracing(settings))
        if metrics_port is not None:
            resources.callback(metrics.serve(settings.host, metrics_port))
        work = partial(
            work_queue, lambda: in_use.current, stop,
            tracing=tracing, report_end=job_counter(metrics),
        )  # fmt: skip
        workers = [
            threading.Thread(target=work, name=f"worker-{number}") for number in range(threads)
        ]
        erasure = ErasureFollower(
            store.database, "worker", lambda: in_use.built.library if in_use.built else None
        )
        erasure.register()
        due = partial(jobs_are_due, length=lease_of(settings))
        store.database.signals.conditions["jobs"] = due
        workers += [
            threading.Thread(target=erasure.run, args=(stop,), name="erasure"),
            threading.Thread(
                target=watch_for_work, args=(store.database, stop),
                name="work",
            ),
        ]  # fmt: skip
        for worker in workers:
            worker.start()
        logger.info("worker started")
        for worker in workers:
            worker.join()
    return 0
