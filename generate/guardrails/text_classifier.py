"""A text classifier as a guard: any sequence classification model that transformers loads."""

from collections.abc import Callable, Mapping
from pathlib import Path

from generate.errors import PolicyError
from generate.guardrails.guard_models import Guard, GuardVerdict, ModelGuard
from generate.guardrails.policy import Classifier, GuardModel
from generate.llm.port import Model
from generate.visible_text import visible

_OVERLAP = 32
"""Tokens that two windows of a long text share."""
_MOST_WINDOWS = 64


def guard_of(spec: GuardModel | Classifier, model_at: Callable[[str, str], Model]) -> Guard:
    """Return the guard that a rule asks for; ``model_at`` makes a client of an address and name.

    Raises:
        PolicyError: a classifier cannot be loaded.

    """
    if isinstance(spec, Classifier):
        return ClassifierGuard(spec.path, dict(spec.unsafe))
    return ModelGuard(model_at(spec.url, spec.name), spec.format, timeout_s=spec.timeout_s)


class ClassifierGuard:
    """Calls a text unsafe where a label is likely enough in any part of it.

    Local files only, loaded at construction; one text at a time. A model of several labels at
    once gives each its own likelihood (sigmoid), any other one that they share (softmax).
    """

    def __init__(self, folder: Path, unsafe: Mapping[str, float]) -> None:
        """Load the model; ``unsafe`` has the least likelihood of each label that counts.

        Raises:
            PolicyError: the folder holds no such model, or it lacks a label.

        """
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            self._model = AutoModelForSequenceClassification.from_pretrained(
                folder, local_files_only=True
            ).eval()
        except (OSError, ValueError) as error:
            raise PolicyError(f"No text classifier can be loaded from {folder}.") from error
        label_indexes = {
            label: int(label_index) for label_index, label in self._model.config.id2label.items()
        }
        if unknown := sorted(set(unsafe) - set(label_indexes)):
            label_names = ", ".join(label_indexes)
            raise PolicyError(f"The classifier has no label {unknown[0]!r}; it has {label_names}.")
        self._unsafe = [
            (label, label_indexes[label], threshold) for label, threshold in unsafe.items()
        ]
        self._is_multi_label = self._model.config.problem_type == "multi_label_classification"

    def judge(self, question: str, reply: str | None) -> GuardVerdict:
        """Judge the question, or the reply where there is one; a long text window by window."""
        import torch

        tokens = self._tokenizer(
            visible(question if reply is None else reply), truncation=True, padding=True,
            max_length=min(512, self._tokenizer.model_max_length), stride=_OVERLAP,
            return_overflowing_tokens=True, return_tensors="pt",
        )  # fmt: skip
        tokens.pop("overflow_to_sample_mapping", None)
        windows = {name: values[:_MOST_WINDOWS] for name, values in tokens.items()}
        with torch.inference_mode():
            logits = self._model(**windows).logits.double()
        likelihoods = (
            (logits.sigmoid() if self._is_multi_label else logits.softmax(-1)).amax(0).tolist()
        )
        labels = tuple(
            label
            for label, label_index, threshold in self._unsafe
            if likelihoods[label_index] >= threshold
        )
        return GuardVerdict("unsafe", labels) if labels else GuardVerdict("safe")
