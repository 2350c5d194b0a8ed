"""One whole service on a port of its own, for all tests of the clients."""

import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn

from tests.api.conftest import House


@dataclass
class Served:
    """A running service, and the keys of its people; a name always is the same person."""

    url: str
    house: House
    keys: dict[str, str] = field(default_factory=dict)

    def key(self, user: str, **terms) -> str:
        if user not in self.keys:
            self.keys[user] = self.house.person(user, **terms).key
        return self.keys[user]


@contextmanager
def on_a_port(app):
    """Serve an application that is started already, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, ws="none", lifespan="off", log_config=None, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: server.run(sockets=[listener]), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clients")
    with House(folder / "data") as house, on_a_port(house.app) as url:
        yield Served(url, house)
