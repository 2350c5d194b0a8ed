"""A cross-encoder as verifier: any NLI or support model that sentence-transformers loads."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from generate.types import Judgement
from generate.verification.verifier import verdict_of


class CrossEncoderVerifier:
    """Judges (evidence, claim) pairs; local files only, loaded at construction.

    A model with several labels is read by its label ``entailment``; one with a single output is
    read as a logit of support. The evidence is read as a whole and sentence by sentence, and the
    best reading counts (SummaC, Laban et al. 2022).
    """

    def __init__(self, model: str) -> None:
        from sentence_transformers import CrossEncoder

        self.name = f"cross-encoder:{model.rstrip('/').rsplit('/', 1)[-1]}"
        self._model = CrossEncoder(model, device="cpu", local_files_only=True)
        labels = self._model.config.id2label
        self._entailment = next(
            (int(i) for i, label in labels.items() if label.lower().startswith("entail")), 0
        )

    def verify(self, claim: str, evidence: Sequence[str]) -> Judgement:
        """Score the claim by the reading of the evidence that supports it most."""
        readings = [" ".join(evidence), *(evidence if len(evidence) > 1 else ())]
        scores = [self._support(reading, claim) for reading in readings]
        score = max(scores)
        reason = "The model reads support in the source." if score >= 1 / 2 else "It reads none."
        return Judgement(verdict_of(score), score, reason)

    def _support(self, evidence: str, claim: str) -> float:
        logits = np.asarray(
            self._model.predict([(evidence, claim)], batch_size=1, activation_fn=_raw), np.float64
        ).reshape(-1)
        if len(logits) == 1:
            return float(1 / (1 + np.exp(-logits[0])))
        weights = np.exp(logits - logits.max())
        return float(weights[self._entailment] / weights.sum())


def _raw(logits: Any) -> Any:
    return logits
