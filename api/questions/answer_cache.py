"""Caches answers in memory: the same question gets the same answer while nothing readable changes.

A key holds everything that an answer depends on: the exact question, its filters, the conversation,
the model, the prompt, the policy, the configuration, and the snapshot's name, which stands for the
classes that the asker may read and their versions. A change of a readable document or of the
asker's rights makes another key at once, in every process; a change of documents that the asker may
not read does not. Two questions with the same meaning and other words have different keys.
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
from generate.prompting.prompt import PROMPT_VERSIONS
from generate.prompting.question_rewriter import PROMPT_VERSION as REWRITING_VERSION
from generate.types import Answer, Turn
from index.db.database import Database
from index.db.tables.base import utc_now
from index.documents import whole_documents
from index.types import Scope


@dataclass(frozen=True, slots=True)
class CacheableQuestion:
    """A question with everything its answer depends on but the store's content and the policy."""

    text: str
    scope: Scope
    history: Sequence[Turn]
    filters: Mapping[str, Any] | None
    answering: AnswerDependencies

    def key(self, snapshot: str, policy: str) -> str:
        """Return the key of the answer from a snapshot under a policy: a hash without its words."""
        answering = self.answering
        retrieval = answering.retrieval
        depends_on = [
            self.scope.tenant, snapshot, policy, self.text, self.filters,
            [asdict(turn) for turn in self.history],
            answering.model.name if answering.model else None,
            PROMPT_VERSIONS[answering.config.prompt], REWRITING_VERSION, repr(answering.config),
            repr(retrieval.config), answering.verifier.name, retrieval.embedder.name,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(depends_on, sort_keys=True).encode()).hexdigest()

    def is_lasting(self, answer: Answer, *, is_judged: bool) -> bool:
        """Tell whether the same question would get the same answer again.

        An answer that the policy changed would not, nor one that lacks a model, a judge or a budget
        that failed: the next one may be better.
        """
        answering = self.answering
        if answer.guard or answer.status not in {"answered", "no_evidence"}:
            return False
        if self.history and answering.config.rewriting == "model":
            return False  # the rules stand in silently where the model is late
        least = answering.config.least_confidence(has_model=answering.model is not None)
        if answer.status == "no_evidence" and answer.confidence < least:
            return True  # said before any model or judge was asked
        if answering.model is None:
            return not is_judged
        is_whole = answer.status == "no_evidence" or answer.notice is None
        return is_whole and answer.model == answering.model.name


class AnswerCache:
    """Holds a limited number of answers. Beyond it, the tenant with most of them loses one."""

    def __init__(self, entries: int) -> None:
        self._most = entries
        self._lock = threading.Lock()
        self._tenants: dict[str, OrderedDict[str, Answer]] = {}

    def __len__(self) -> int:
        """Return how many answers it holds."""
        with self._lock:
            return sum(map(len, self._tenants.values()))

    @property
    def is_on(self) -> bool:
        """Tell whether it ever holds an answer."""
        return self._most > 0

    def get(self, tenant: str, key: str) -> Answer | None:
        """Return an answer; of its tenant's answers it will then be dropped last."""
        with self._lock:
            answers = self._tenants.get(tenant, OrderedDict())
            if key in answers:
                answers.move_to_end(key)
            return answers.get(key)

    def put(self, tenant: str, key: str, answer: Answer) -> None:
        """Add an answer; where there are too many, drop the oldest of the tenant that has most."""
        with self._lock:
            self._tenants.setdefault(tenant, OrderedDict())[key] = answer
            while sum(map(len, self._tenants.values())) > self._most:
                largest = max(self._tenants, key=lambda name: len(self._tenants[name]))
                self._tenants[largest].popitem(last=False)

    def documents(self) -> set[str]:
        """Return the ids of all documents that the cached answers drew on."""
        with self._lock:
            return {name for answer in self._all() for name in answer.documents}

    def forget(self, documents: Iterable[str]) -> None:
        """Drop the answers that drew on documents that are gone.

        No key leads to them any more, but they hold the documents' words.
        """
        document_ids = set(documents)
        with self._lock:
            for tenant, answers in self._tenants.items():
                remaining = (
                    (key, a) for key, a in answers.items() if document_ids.isdisjoint(a.documents)
                )
                self._tenants[tenant] = OrderedDict(remaining)

    def _all(self) -> Iterable[Answer]:
        return (answer for answers in self._tenants.values() for answer in answers.values())


def forget_gone(cache: AnswerCache, database: Database, seconds: float) -> None:
    """Drop the answers whose documents were deleted, quarantined or masked by any process.

    Masking is noticed for ``seconds``; call it more often than that.
    """
    if drawn_on := cache.documents():
        since = utc_now() - timedelta(seconds=seconds)
        cache.forget(drawn_on - whole_documents(database, drawn_on, since))
