"""The collaborators of an answer. ``api/composition/answering.py`` puts them together."""

from dataclasses import dataclass, field

from generate.citations import Citer
from generate.config import AnswerConfig
from generate.draft import AnswerDraft, Emit, ignore
from generate.guardrails.policy_reload import PolicySource
from generate.guardrails.review_queue import ReviewQueue
from generate.guardrails.session import GuardrailSession
from generate.llm.metering import Pricing, unpriced
from generate.llm.port import Model
from generate.prompting.question_rewriter import ModelRewriter, Rewriter, RuleRewriter
from generate.quoting.quoter import Quoter
from generate.verification.verifier import Verifier
from index.types import Scope
from retrieve.retrieve import RetrievalDependencies


@dataclass(frozen=True, slots=True)
class AnswerDependencies:
    """The collaborators of ``answer()``."""

    retrieval: RetrievalDependencies
    model: Model | None
    """None: the quoting answerer alone."""
    verifier: Verifier
    quoter: Quoter
    config: AnswerConfig = field(default_factory=AnswerConfig)
    policy: PolicySource = field(default_factory=PolicySource)
    review_queue: ReviewQueue | None = None
    """Where this asker's replies wait for a person; none: what would wait is blocked."""
    price: Pricing = unpriced
    """Returns the price of a model's tokens, by the model's name."""

    @property
    def rewriter(self) -> Rewriter:
        """Return the rewriter that makes a follow-up question stand alone."""
        if self.config.rewriting == "model" and self.model is not None:
            return ModelRewriter(self.model)
        return RuleRewriter()

    def start_guardrails(self) -> GuardrailSession:
        """Take the policy that holds now for one whole answer."""
        rules, guards = self.policy.in_force
        return GuardrailSession(rules, guards, self.review_queue)

    def draft(self, scope: Scope, emit: Emit | None, guardrails: GuardrailSession) -> AnswerDraft:
        """Begin an answer for one asker; without ``emit`` it is read when it is whole."""
        citer = Citer(self.retrieval.library, scope)
        return AnswerDraft(citer, self.verifier, emit or ignore, self.config, guardrails)
