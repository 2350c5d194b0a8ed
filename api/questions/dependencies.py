"""The collaborators of a search or an ask."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from api.admission.controller import Admission
from api.admission.fair_queue import Asker
from api.questions.answer_cache import AnswerCache
from api.telemetry.prometheus import Metrics
from generate.dependencies import AnswerDependencies
from generate.guardrails.review_queue import ReviewTerms
from generate.llm.registry import Registry
from generate.types import Answer
from index.audit.read_log import ReadLog
from index.db.database import Database
from index.types import Actor
from retrieve.retrieve import RetrievalDependencies


@dataclass(frozen=True, slots=True)
class QuestionDependencies:
    """Everything that searches and asks use; a route is given this and no more."""

    database: Database
    retrieval: Callable[[], RetrievalDependencies]
    """Returns what a search needs, with the embedding model in use."""
    answering: Callable[[str], AnswerDependencies]
    """Returns what an answer needs, with the models of a tenant's tier."""
    registry: Registry
    """The tiers of the tenants, and the prices of the models."""
    admission: Admission
    threads: ThreadPoolExecutor
    """Where searches and answers are computed."""
    answers: AnswerCache
    reads: ReadLog
    metrics: Metrics
    score_later: Callable[[str, Answer], None]
    """Takes a stored answer by its id, for the live scores."""
    review_terms: ReviewTerms
    stall_s: float
    """Seconds after which the reader of a stream that takes nothing is dropped."""
    is_judged: bool
    """A model judges whether sentences are supported."""

    def asker(self, actor: Actor) -> Asker:
        """Return who waits in the fair queue, with the weight of the tenant's tier."""
        tenant = actor.scope.tenant
        return Asker(tenant, actor.owner, self.registry.terms(tenant).weight)
