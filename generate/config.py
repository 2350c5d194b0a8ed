"""The settings of the answering stage. Constants are calibrated on public data: docs/quality.md."""

from dataclasses import dataclass, field
from typing import Literal

from generate.answer_form import AnswerForm


@dataclass(frozen=True, slots=True)
class QuoteConfig:
    """How the quoting answerer picks its sentences."""

    sentences: int = 2
    """The most sentences it quotes."""
    candidates: int = 8
    """Sentences that are embedded; the rest fall to a lexical score first."""
    passages_read: int = 4
    """Passages that a reader reads: those of the best sentences."""
    close_behind: float = 6.0
    """A further sentence is quoted if it is within this of the best, in log odds."""


@dataclass(frozen=True, slots=True)
class AnswerConfig:
    """How a question becomes an answer."""

    passages: int = 8
    """Passages retrieved as evidence."""
    question_characters: int = 4_000
    """Longer questions are refused."""
    confidence: float = 0.14
    """Below this estimate nothing is quoted, and the answer is ``no_evidence``."""
    off_topic_confidence: float = 0.0002
    """Below this estimate a model is not asked: the passages are about something else. From here on
    the model decides whether they answer."""
    confidence_after: float = 0.05
    """Below this estimate of what a model has cited its answer is ``partial``; a small model's is
    taken back."""
    deadline_s: float = 30.0
    """Seconds a model may take; what is released by then stays, nothing is waited for."""
    context_tokens: int = 8_192
    """The model's context length, the answer included."""
    answer_tokens: int = 512
    """Kept free for the answer."""
    prompt: Literal["large", "small"] = "large"
    """The instructions: for large models, or shorter ones for small models."""
    model_settings: str = ""
    """A digest of what the registry says of the models that may write; a cached answer names it."""
    history_share: float = 0.2
    """The part of the prompt's budget that earlier turns may take."""
    unsupported: Literal["drop", "mark", "regenerate"] = "regenerate"
    """How a model's sentence is handled that its quote does not support, or, of a small model, not
    fully: ``drop`` leaves it out, ``mark`` shows it with its verdict, ``regenerate`` asks the model
    once more, then leaves it out."""
    rewriting: Literal["rules", "model"] = "rules"
    """How a follow-up question is made to stand alone for the search: by rules, or by the model."""
    quoting: QuoteConfig = field(default_factory=QuoteConfig)
    form: AnswerForm | None = None
    """Named values that a model is to give in the place of sentences."""

    @property
    def is_model_small(self) -> bool:
        """Tell whether the model is a small one.

        What it writes needs full support and must answer what was asked. Of a large model half
        support and an aside are shown and labelled.
        """
        return self.prompt == "small"

    def least_confidence(self, *, has_model: bool) -> float:
        """Return the estimate below which nothing answers; a model decides most for itself."""
        return self.off_topic_confidence if has_model else self.confidence
