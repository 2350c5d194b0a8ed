"""A throwaway PostgreSQL server in a temporary folder, reached through a Unix socket."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

SERVER_USER = "postgres"
"""Whom the server runs as when we are root; PostgreSQL refuses to run as root."""

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=")


def find_binaries() -> Path | None:
    """Return the folder of initdb and postgres, newest version first; none if not installed."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: int(folder.parent.name) if folder.parent.name.isdigit() else 0,
        reverse=True,
    )
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@contextmanager
def running_server(binaries: Path) -> Iterator[str]:
    """Start a server, yield the URL of its maintenance database, stop it and remove its folder."""
    with server_folder() as folder:
        make_cluster(binaries, folder / "data")
        with serving_cluster(binaries, folder / "data", FAST) as url:
            yield url


@contextmanager
def server_folder() -> Iterator[Path]:
    """Make a folder that the server's account may use; it is gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="fn-pg-"))
    give_to_server(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def give_to_server(path: Path) -> None:
    """Let a file or folder be the server's."""
    account = _server_account()
    if account:
        shutil.chown(path, account, account)


def make_cluster(binaries: Path, data: Path) -> None:
    """Make a new database cluster whose user ``footnote`` needs no password."""
    run_as_server([binaries / "initdb", "-D", data, "-U", "footnote", "-A", "trust"])


@contextmanager
def serving_cluster(binaries: Path, data: Path, settings: Iterable[str]) -> Iterator[str]:
    """Serve a cluster through a socket beside it; yield its maintenance database's URL."""
    folder = data.parent
    options = [part for setting in settings for part in ("-c", setting)]
    command = [binaries / "postgres", "-D", data, "-k", folder, *options]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command, user=_server_account(), stdout=log, stderr=log, cwd=folder
        )
    try:
        url = f"postgresql+psycopg://footnote@/postgres?host={folder}"
        _wait_until_ready(url, server, folder / "log")
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


@contextmanager
def fresh_database(server_url: str, template: str = "template0") -> Iterator[str]:
    """Create a copy of a database, of an empty one by default; yield its URL and drop it."""
    name = f"test_{uuid4().hex[:12]}"
    execute(server_url, f'create database "{name}" template "{template}"')
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        execute(server_url, f'drop database if exists "{name}" with (force)')


def _server_account() -> str | None:
    if os.geteuid() != 0:
        return None
    return pwd.getpwnam(SERVER_USER).pw_name


def run_as_server(command: list[object]) -> None:
    """Run one of PostgreSQL's programs as the server's account."""
    account = _server_account()
    done = subprocess.run(
        list(map(str, command)), user=account, cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            execute(url, "select 1")
        except OperationalError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        else:
            return


def execute(url: str, statement: str) -> None:
    """Run one statement, outside of a transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()
