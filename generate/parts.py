"""What an answer is made with. Put together in one place: ``api/wiring.py``."""

from dataclasses import dataclass, field

from generate.config import AnswerConfig
from generate.model import Model
from generate.quote import Quoter
from generate.verify import Verifier
from retrieve.retrieve import RetrievalParts


@dataclass(frozen=True, slots=True)
class AnswerParts:
    """The collaborators of ``answer()``."""

    retrieval: RetrievalParts
    model: Model | None
    """None: the quoting answerer alone."""
    verifier: Verifier
    quoter: Quoter
    config: AnswerConfig = field(default_factory=AnswerConfig)
