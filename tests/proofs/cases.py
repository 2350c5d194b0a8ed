"""Random tenants, groups, access lists and documents' lives, for the proofs of non-interference."""

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from index.types import AccessList, Scope

TENANTS = ["north", "south"]
PEOPLE = ["user:ann", "user:bob", "user:cleo"]
GROUPS = ["group:hr/all", "group:sea/all"]
NOBODY = Scope.of("east", ["user:ann"])
"""Somebody in a tenant without documents: may read nothing at all."""

SENTENCES = [
    "The lamp is lit thirty minutes before sunset.",
    "The lamp is lit forty minutes before sunset.",
    "The keeper writes the log in black ink.",
    "The keeper writes the log in blue ink, never in black ink.",
    "Oil is stored in the lower cellar.",
    "Storm shutters are closed when the wind passes 40 knots.",
    "Storm shutters are closed when the wind passes 60 knots.",
    "The boat comes on Tuesdays at noon.",
    "Annual leave is 25 days.",
    "The bell rings twice in fog, and the lamp burns.",
    "Ann Lowe keeps the keys of the tower.",
    "Fog, oil and glass: the lamp burns oil.",
]
QUESTIONS = [
    "When is the lamp lit?",
    "What ink does the keeper use in the log?",
    "Where is the oil stored?",
    "At what wind are the storm shutters closed?",
    "Who keeps the keys of the tower?",
    "How many days of annual leave are there?",
    "lamp lamp oil fog bell",
    "And who keeps it?",
]
UNUSABLE = "   "
NAMES = ["rules.txt", "log.txt", "notes.txt"]
TITLES = ["Handbook", "Rules", "Rules of the lamp"]
FILTERS = [
    {"filename": "rules.txt"},
    {"attributes.year": {"gte": 2020}},
    {"or": [{"title": "Handbook"}, {"attributes.year": {"lt": 2020}}]},
    {"and": [{"filename": {"nin": ["log.txt"]}}, {"title": {"ne": "Rules"}}]},
    {"no such field": 1},
    {"attributes.year": {"like": 1}},
]

Body = tuple[str, ...]
"""The paragraphs of a document."""

KINDS = {
    "plain": 0.65, "through the queue": 0.1, "while busy": 0.1, "asked in error": 0.05,
    "of two minds": 0.1,
}  # fmt: skip
"""Kinds of cases and their shares: left to chance, a rare kind is now and then not drawn at all."""


@dataclass(frozen=True)
class Paper:
    """A document's whole life."""

    tenant: str
    owner: str
    filename: str
    title: str
    bodies: tuple[Body, ...]
    """One for each version, the searchable one last."""
    access: AccessList
    """At the end of its life."""
    began: AccessList
    """At the upload."""
    renamed: str | None
    """The title it is given after everything was embedded."""
    year: int
    deleted: bool
    marked: bool = False
    """Whether a curator marks it as authoritative after all that."""

    def readable_by(self, scope: Scope) -> bool:
        return not self.deleted and self.tenant == scope.tenant and self.access.admits(scope)


@dataclass(frozen=True)
class Case:
    """A store's whole history, who asks, and what."""

    papers: tuple[Paper, ...]
    askers: tuple[Scope, ...]
    questions: tuple[str, ...]
    filters: dict | None
    candidates: int
    confidence: float
    faiss: bool
    """Whoever nominates rows, FAISS or our own scan, the results are the same."""
    busy: bool
    """Others search, upload and delete while the asker asks."""
    queued: bool
    """Documents go through the front door and a worker, not straight into the tables."""
    seed: int
    """Orders and batches."""


_principals = st.sampled_from([*PEOPLE, *GROUPS, "tenant:all"])
_access = st.builds(
    AccessList.of,
    st.lists(_principals, min_size=1, max_size=2),
    st.lists(st.sampled_from([*PEOPLE, *GROUPS]), max_size=1),
)
_tenants = st.sampled_from([TENANTS[0]] * 3 + [TENANTS[1]])
_questions = st.sampled_from(QUESTIONS)
_filters = st.sampled_from([None] * 12 + FILTERS)
_paragraphs = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3).map(" ".join)
_bodies = st.lists(_paragraphs, min_size=1, max_size=4).map(tuple)


@st.composite
def _papers(draw, number: int, shared: list[Body]) -> Paper:
    body = draw(st.one_of(st.sampled_from(shared), _bodies))
    access = draw(_access)
    return Paper(
        tenant=draw(_tenants),
        owner=f"user:owner{number}",
        filename=draw(st.sampled_from(NAMES)),
        title=draw(st.sampled_from(TITLES)),
        bodies=(*draw(st.lists(_bodies, max_size=1)), body),
        access=access,
        began=draw(st.sampled_from([access, access, draw(_access)])),
        renamed=draw(st.sampled_from([None] * 6 + TITLES)),
        year=draw(st.sampled_from([2018, 2020, 2024])),
        deleted=draw(st.sampled_from([*[False] * 5, True])),
        marked=draw(st.sampled_from([*[False] * 3, True])),
    )


def _disagreeing(paper: Paper, tenant: str) -> list[Paper]:
    """Return two documents that all of a tenant may read, which say different times."""
    everyone = AccessList.of(["tenant:all"])
    return [
        replace(
            paper, tenant=tenant, owner=f"user:side{number}", access=everyone, began=everyone,
            bodies=((sentence,),), deleted=False, marked=bool(number),
        )
        for number, sentence in enumerate(SENTENCES[:2])
    ]  # fmt: skip


@st.composite
def _scopes(draw) -> Scope:
    who = draw(st.sampled_from(PEOPLE))
    groups = draw(st.sets(st.sampled_from(GROUPS)))
    return Scope.of(draw(_tenants), [who, *groups])


@st.composite
def cases(draw, *, papers: int = 10, kind: str = "plain") -> Case:
    """Draw a case of at most so many documents; bodies, names and titles are often shared."""
    shared = draw(st.lists(_bodies, min_size=1, max_size=3))
    count = draw(st.integers(3, papers))
    asked = draw(st.lists(_questions, min_size=1, max_size=2, unique=True))
    drawn = tuple(draw(_papers(number, shared)) for number in range(count))
    askers = tuple(draw(st.lists(_scopes(), min_size=2, max_size=2, unique=True)))
    if kind == "of two minds":
        askers = tuple(replace(asker, tenant=askers[0].tenant) for asker in askers)
        drawn, asked = (*_disagreeing(drawn[0], askers[0].tenant), *drawn), QUESTIONS[:1]
    return Case(
        papers=drawn,
        askers=askers,
        questions=(*asked, UNUSABLE) if kind == "asked in error" else tuple(asked),
        filters=draw(_filters),
        candidates=draw(st.sampled_from([2, 5, 300])),
        confidence=draw(st.sampled_from([0.0, 0.2])),
        faiss=draw(st.booleans()),
        busy=kind == "while busy",
        queued=kind == "through the queue",
        seed=draw(st.integers(0, 2**32)),
    )
