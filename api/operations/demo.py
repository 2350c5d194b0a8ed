"""The sample documents that `make run` loads, and a key for each of the people in them."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.auth.api_keys import create_key, find_caller
from index.db.database import Database
from index.library import Library
from index.types import DEFAULT_TENANT, Actor, Scope
from ingest.queue.jobs import queue_depth
from ingest.upload import Accepted, Upload, accept

OWNER = "user:samples"
KEYS = "demo-keys.json"
LIMIT_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the samples who may ask."""

    user: str
    groups: tuple[str, ...]
    role: str
    about: str


@dataclass(frozen=True, slots=True)
class StartQuestion:
    """A question to begin with, on the page of somebody of the samples."""

    question: str
    shows: str
    """In words: how its answer shows what the product does."""


def load_samples(library: Library, folder: Path) -> list[Accepted]:
    """Upload every document of the manifest; those that are there already stay as they are."""
    actor = Actor(Scope.of(DEFAULT_TENANT, [OWNER]), OWNER, "curator")
    return [
        accept(library, actor, _upload(folder, entry), limit_bytes=LIMIT_BYTES)
        for entry in _manifest(folder)["documents"]
    ]


def wait_until_read(library: Library, *, seconds: float) -> bool:
    """Wait until no job is left, or the time is up; tell which."""
    until = time.monotonic() + seconds
    while queue_depth(library.database):
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def demo_keys(database: Database, data: Path, folder: Path) -> dict[Person, str]:
    """Return a working key for each person, the same as last time where it still works.

    The keys are kept in the data folder, readable to its owner alone.
    """
    path = data / KEYS
    stored_keys = json.loads(path.read_text()) if path.exists() else {}
    keys = {}
    for person in people(folder):
        key = stored_keys.get(person.user)
        if key is None or find_caller(database, key) is None:
            key, _ = create_key(
                database, DEFAULT_TENANT, person.user, groups=person.groups, role=person.role
            )
        keys[person] = key
    _write_privately(path, json.dumps({person.user: key for person, key in keys.items()}))
    return keys


def people(folder: Path) -> list[Person]:
    """Return the people of the manifest."""
    return [
        Person(entry["user"], tuple(entry["groups"]), entry["role"], entry["about"])
        for entry in _manifest(folder)["people"]
    ]


def start_questions(folder: Path) -> dict[str, list[StartQuestion]]:
    """Return the questions that each person of the manifest begins with, by principal."""
    questions: dict[str, list[StartQuestion]] = {}
    for entry in _manifest(folder)["questions"]:
        if "shows" in entry:
            own = questions.setdefault(f"user:{entry['as']}", [])
            own.append(StartQuestion(entry["question"], entry["shows"]))
    return questions


def welcome(address: str, keys: dict[Person, str]) -> str:
    """Return what a newcomer reads: where the page is, who may ask, and how."""
    first = next(iter(keys.values()))
    lines = [f"Footnote is at {address} with sample documents. Open a link to sign in as", ""]
    lines += [
        f"  {person.user + ', ' + person.about:<24} {address}/#key={key}"
        for person, key in keys.items()
    ]
    lines += [
        "",
        "Or ask on the command line:",
        "",
        f"  curl -s {address}/v1/ask -H 'Authorization: Bearer {first}' \\",
        "    -H 'Content-Type: application/json' -d '{\"question\": \"When is the lamp lit?\"}'",
        "",
        "What does a senior keeper earn? Only human resources may know. Stop with Ctrl-C.",
    ]
    return "\n".join(lines)


def _manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def _upload(folder: Path, entry: dict[str, Any]) -> Upload:
    return Upload(
        filename=entry["file"],
        blocks=[(folder / entry["file"]).read_bytes()],
        allow=entry["allow"],
        deny=entry.get("deny", ()),
        title=entry["title"],
    )


def _write_privately(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")
