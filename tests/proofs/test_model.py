"""The index against a naive model that filters first and scans: any history, the same results.

More histories: ``FOOTNOTE_PROOF_CASES=500 pytest tests/proofs``.
"""

import math
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, rule
from rank_bm25 import BM25Okapi

from index.access.classes import add_member, groups_of, remove_member
from index.search.bm25 import K1, B
from index.text.analyzer import analyse
from index.types import Scope
from tests.fakes.store import Shelf

CASES = int(os.environ.get("FOOTNOTE_PROOF_CASES", "25"))
PEOPLE = ["user:ann", "user:bob", "user:cleo"]
GROUPS = ["group:hr/all", "group:sea/all"]
TENANTS = ["north", "south"]
WORDS = ["lamp", "oil", "tide", "fog", "bell", "keeper", "storm", "glass"]

texts = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=3
)
principals = st.sampled_from([*PEOPLE, *GROUPS, "tenant:all"])
allows = st.sets(principals, min_size=1, max_size=2)
denies = st.sets(st.sampled_from([*PEOPLE, *GROUPS]), max_size=1)


@dataclass
class Known:
    """What the model remembers of a document."""

    tenant: str
    texts: list[str]
    allow: set[str]
    deny: set[str]


class Oracle(BM25Okapi):
    """rank_bm25 with an idf that never goes below zero."""

    def _calc_idf(self, nd):
        for word, freq in nd.items():
            self.idf[word] = math.log(1 + (self.corpus_size - freq + 0.5) / (freq + 0.5))


class Histories(RuleBasedStateMachine):
    """Uploads, replacements, deletions, access and group edits, compaction, crashes, searches."""

    documents = Bundle("documents")

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="footnote-proof-"))
        self.shelf = Shelf(self.folder)
        self.model: dict[str, Known] = {}
        self.groups: dict[tuple[str, str], set[str]] = {}
        self.count = 0

    def teardown(self):
        self.shelf.database.engine.dispose()
        shutil.rmtree(self.folder)

    @rule(target=documents, tenant=st.sampled_from(TENANTS), texts=texts, allow=allows, deny=denies)
    def upload(self, tenant, texts, allow, deny):
        self.count += 1
        name = f"{self.count}.txt"
        key = self.shelf.put(
            *texts, filename=name, tenant=tenant, allow=sorted(allow), deny=sorted(deny)
        )
        self.model[key] = Known(tenant, texts, allow, deny)
        return key

    @rule(key=documents, allow=allows, deny=denies)
    def edit_access(self, key, allow, deny):
        self.shelf.move(key, allow=sorted(allow), deny=sorted(deny))
        self.model[key].allow, self.model[key].deny = allow, deny

    @rule(target=documents, key=consumes(documents), texts=texts)
    def replace(self, key, texts):
        old = self.model.pop(key)
        self.shelf.remove(key)
        return self.upload(old.tenant, texts, old.allow, old.deny)

    @rule(key=consumes(documents))
    def delete(self, key):
        self.shelf.remove(key)
        del self.model[key]

    @rule(
        tenant=st.sampled_from(TENANTS), who=st.sampled_from(PEOPLE), group=st.sampled_from(GROUPS)
    )
    def join(self, tenant, who, group):
        with self.shelf.database.write() as session:
            add_member(session, tenant, who, group)
        self.groups.setdefault((tenant, who), set()).add(group)

    @rule(
        tenant=st.sampled_from(TENANTS), who=st.sampled_from(PEOPLE), group=st.sampled_from(GROUPS)
    )
    def leave(self, tenant, who, group):
        with self.shelf.database.write() as session:
            remove_member(session, tenant, who, group)
        self.groups.setdefault((tenant, who), set()).discard(group)

    @rule()
    def publish(self):
        self.shelf.library.save()

    @rule()
    def crash_and_reopen(self):
        self.shelf.library = self.shelf.open()

    @rule(
        tenant=st.sampled_from(TENANTS),
        who=st.sampled_from(PEOPLE),
        words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
        limit=st.integers(1, 12),
    )
    def search(self, tenant, who, words, limit):
        with self.shelf.database.read() as session:
            held = groups_of(session, tenant, who)
        assert held == self.groups.get((tenant, who), set())
        scope = Scope.of(tenant, [who, *held])
        visible = [
            text
            for known in self.model.values()
            if known.tenant == tenant
            and known.allow & scope.principals
            and not known.deny & scope.principals
            for text in known.texts
        ]
        self._same_dense(scope, visible, " ".join(words), limit)
        self._same_lexical(scope, visible, words, limit)

    def _same_dense(self, scope, visible, question, limit):
        query = self.shelf.vector(question)
        with self.shelf.library.read(scope) as reader:
            hits = reader.dense(query, limit)
            chunks = reader.chunks([hit.chunk for hit in hits])
        if not visible:
            assert hits == []
            return
        stored = self.shelf.embedder.embed(visible).astype(np.float16).astype(np.float64)
        scores = stored @ query.astype(np.float64)
        expected = np.sort(scores)[::-1][:limit]
        np.testing.assert_allclose([hit.score for hit in hits], expected, atol=1e-9)
        assert all(chunk.text in visible for chunk in chunks)

    def _same_lexical(self, scope, visible, words, limit):
        terms = analyse(" ".join(words))
        with self.shelf.library.read(scope) as reader:
            hits = reader.lexical(terms, limit)
        if not visible:
            assert hits == []
            return
        oracle = Oracle([analyse(text) for text in visible], k1=K1, b=B)
        scores = np.sort(oracle.get_scores(terms) / (K1 + 1))[::-1]
        expected = [score for score in scores if score > 0][:limit]
        np.testing.assert_allclose([hit.score for hit in hits], expected, atol=1e-6)


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=CASES,
    stateful_step_count=30,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
