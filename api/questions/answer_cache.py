"""Answers kept in memory, given again to the same question while nothing readable has changed.

A key is made of everything that an answer depends on: the question to the letter, its filters, the
conversation, the model, the prompt, the policy, the configuration, and the snapshot's name, which
stands for the classes that the asker may read and their versions. So a change of a readable
document or of the asker's rights makes another key at once, in every process, and a change of what
the asker may not read makes none. Questions that only mean the same are different keys.
"""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from generate.dependencies import AnswerDependencies
from generate.prompting.prompt import PROMPT_VERSION
from generate.prompting.question_rewriter import PROMPT_VERSION as REWRITING_VERSION
from generate.types import Answer, Turn
from index.db.database import Database
from index.db.tables.base import utc_now
from index.documents import whole_documents
from index.types import Scope


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with all that its answer depends on, the store's content and the policy aside."""

    text: str
    scope: Scope
    history: Sequence[Turn]
    filters: Mapping[str, Any] | None
    parts: AnswerDependencies

    def key(self, snapshot: str, policy: str) -> str:
        """Return the key of the answer from a snapshot under a policy; it tells no word of it."""
        parts = self.parts
        retrieval = parts.retrieval
        told = [
            self.scope.tenant, snapshot, policy, self.text, self.filters,
            [asdict(turn) for turn in self.history],
            parts.model.name if parts.model else None, PROMPT_VERSION, REWRITING_VERSION,
            repr(parts.config), repr(retrieval.config), parts.verifier.name,
            retrieval.embedder.name,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def lasting(self, given: Answer, *, judged: bool) -> bool:
        """Tell whether the same question would be answered alike again.

        Not what the policy touched, nor what is owed to a model, a judge or a budget that failed:
        that may be better the next time.
        """
        parts = self.parts
        if given.guard or given.status not in {"answered", "no_evidence"}:
            return False
        if self.history and parts.config.rewriting == "model":
            return False  # the rules stand in silently where the model is late
        if given.status == "no_evidence" and given.confidence < parts.config.confidence:
            return True  # said before any model or judge was asked
        if parts.model is None:
            return not judged
        whole = given.status == "no_evidence" or given.notice is None
        return whole and given.model == parts.model.name


class AnswerCache:
    """At most so many answers. Who has most of them gives way: a tenant's flood costs its own."""

    def __init__(self, entries: int) -> None:
        self._most = entries
        self._lock = threading.Lock()
        self._tenants: dict[str, OrderedDict[str, Answer]] = {}

    def __len__(self) -> int:
        """How many are kept."""
        with self._lock:
            return sum(map(len, self._tenants.values()))

    @property
    def on(self) -> bool:
        """Tell whether anything is ever kept."""
        return self._most > 0

    def get(self, tenant: str, key: str) -> Answer | None:
        """Return an answer, which is then the last to give way."""
        with self._lock:
            held = self._tenants.get(tenant, OrderedDict())
            if key in held:
                held.move_to_end(key)
            return held.get(key)

    def put(self, tenant: str, key: str, given: Answer) -> None:
        """Keep an answer; where there are too many, the oldest of the largest tenant goes."""
        with self._lock:
            self._tenants.setdefault(tenant, OrderedDict())[key] = given
            while sum(map(len, self._tenants.values())) > self._most:
                largest = max(self._tenants, key=lambda name: len(self._tenants[name]))
                self._tenants[largest].popitem(last=False)

    def documents(self) -> set[str]:
        """Return the ids of all documents that the kept answers drew on."""
        with self._lock:
            return {name for given in self._all() for name in given.documents}

    def forget(self, documents: Iterable[str]) -> None:
        """Drop what drew on documents that are gone: no key leads to it, but it holds their words.

        Nobody can tell that it was dropped, since nobody could have got it.
        """
        gone = set(documents)
        with self._lock:
            for tenant, held in self._tenants.items():
                kept = ((key, a) for key, a in held.items() if gone.isdisjoint(a.documents))
                self._tenants[tenant] = OrderedDict(kept)

    def _all(self) -> Iterable[Answer]:
        return (given for held in self._tenants.values() for given in held.values())


def forget_gone(cache: AnswerCache, database: Database, seconds: float) -> None:
    """Drop what drew on documents that were deleted, quarantined or masked, in whatever process.

    Masked is a document that was in the last ``seconds``; call it more often than that.
    """
    if drawn_on := cache.documents():
        since = utc_now() - timedelta(seconds=seconds)
        cache.forget(drawn_on - whole_documents(database, drawn_on, since))
