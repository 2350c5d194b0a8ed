"""``footnote serve`` and ``footnote worker``: what runs until it is stopped."""

import argparse
import contextlib
import logging
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli.options import data_options, settings_of
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


def add_commands(commands: Any) -> None:
    """Add the commands to the parser."""
    serve = commands.add_parser("serve", parents=[data_options()], help="start the service")
    serve.add_argument("--host", metavar="ADDRESS", help="default: FOOTNOTE_HOST or 127.0.0.1")
    serve.add_argument("--port", type=int, metavar="N", help="default: FOOTNOTE_PORT or 8000")
    serve.add_argument(
        "--demo", type=Path, metavar="DIR", help="load sample documents and print keys for them"
    )
    serve.set_defaults(run=run_serve)
    worker = commands.add_parser(
        "worker", parents=[data_options()], help="process documents beside the service"
    )
    worker.add_argument("--threads", type=int, default=1, metavar="N", help="jobs at a time")
    worker.set_defaults(run=run_worker)


def run_serve(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM; requests under way are finished first."""
    import uvicorn

    from api.app import create_app
    from api.service import build_service
    from api.telemetry.json_logging import configure

    settings = settings_of(options, host=options.host, port=options.port)
    if options.demo is not None and not (options.demo / "manifest.json").is_file():
        raise UsageError(f"{options.demo} holds no sample documents: it has no manifest.json.")
    configure(settings.log_level)
    sys.setswitchinterval(SWITCH_SECONDS)
    listener = _listen(settings)
    service = build_service(settings)
    config = uvicorn.Config(
        create_app(service),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=10,
    )
    address = f"http://{_shown_host(settings.host)}:{listener.getsockname()[1]}"
    threading.Thread(
        target=_greet, args=(service, address, options.demo), name="greet", daemon=True
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
        from api.operations.demo import demo_keys, load_samples, wait_until_read, welcome

        library = service.pipelines.current.library
        load_samples(library, demo)
        wait_until_read(library, seconds=READY_SECONDS)
        text = welcome(address, demo_keys(service.database, service.settings.data, demo))
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _shown_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def run_worker(options: argparse.Namespace) -> int:
    """Process the queue until SIGINT or SIGTERM; a job under way is finished first."""
    from api.composition.ingestion import ingestion_builder, work_queue
    from api.composition.model_switch import InUse
    from api.composition.replacements import Replacements
    from api.composition.store import open_store
    from api.telemetry.json_logging import configure

    if options.threads < 1:
        raise UsageError("--threads is at least 1.")
    settings = settings_of(options)
    configure(settings.log_level)
    store = open_store(settings)
    in_use = InUse(store.database, ingestion_builder(settings, store, Replacements()))
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())

    threads = [
        threading.Thread(
            target=work_queue, args=(lambda: in_use.current, stop), name=f"worker-{number}"
        )
        for number in range(options.threads)
    ]
    for thread in threads:
        thread.start()
    logger.info("worker started")
    for thread in threads:
        thread.join()
    return 0
