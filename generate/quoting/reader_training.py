"""Train a reader on questions with known answers, from the embedding model's own weights.

What a reader learned from shows in what it says, to every asker. So it is trained from files that
somebody chose, never from stored questions or feedback: those belong to their authors alone.
"""

import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from generate.errors import TooFewExamplesError
from generate.quoting.span_reader import Calibration, TransformersReader


@dataclass(frozen=True, slots=True)
class Example:
    """A question, a text, and where the answer stands in it; no place where it has none."""

    question: str
    text: str
    start: int | None = None
    end: int | None = None
    group: str = ""
    """The document: training and held-out questions never share one."""


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How a reader is trained; small, so that two cores and an hour are enough."""

    epochs: int = 2
    batch: int = 8
    rate: float = 2e-4
    tokens: int = 192
    """Question and text together; an answer beyond is left out."""
    frozen_layers: int = 2
    """Lowest transformer blocks that stay as they are, with the word embeddings."""
    seed: int = 5
    held_out: int = 5
    """One document in this many is kept for calibration."""


Progress = Callable[[int, int, float], None]


def train_reader(
    examples: Sequence[Example], start: Path, out: Path, config: TrainingConfig, progress: Progress
) -> dict[str, float]:
    """Train on some documents, calibrate on the others, save the reader, return its figures.

    ``answer_found`` is the share of held-out answers that the reader's span shares a word with,
    ``auroc`` how well its score tells held-out questions with an answer from those without.

    Raises:
        TooFewExamplesError: nothing is left to train on, or to calibrate on.

    """
    held_out_examples = [e for e in examples if zlib.crc32(e.group.encode()) % config.held_out == 0]
    training_examples = [e for e in examples if zlib.crc32(e.group.encode()) % config.held_out != 0]
    if not training_examples or len({e.start is None for e in held_out_examples}) < 2:  # noqa: PLR2004 - both kinds
        raise TooFewExamplesError(
            "A reader needs answerable and unanswerable questions about at least ten documents."
        )
    train(training_examples, start, out, config, progress)
    return _calibrate(held_out_examples, out)


def _calibrate(examples: Sequence[Example], out: Path) -> dict[str, float]:
    """Fit how the reader's score is read: a logistic model on questions it has not seen."""
    reader = TransformersReader(str(out))
    scores, is_correct = [], []
    for example in examples:
        (reading,) = reader.read(example.question, example.text, [(0, len(example.text))])
        scores.append(reading.score if reading else 0.0)
        if example.start is not None and example.end is not None:
            hit = reading is not None and (
                reading.start < example.end and example.start < reading.end
            )
            is_correct.append(float(hit))
    answerable = np.array([example.start is not None for example in examples])
    column = np.array(scores).reshape(-1, 1)
    fitted = LogisticRegression().fit(column, answerable)
    weight = max(float(fitted.coef_[0, 0]), 0.0)
    Calibration(weight, weight, weight * -float(np.median(scores))).save(out)
    return {
        "questions_held_out": float(len(examples)),
        "answer_found": float(np.mean(is_correct)),
        "auroc": _auroc(answerable, column[:, 0]),
    }


def _auroc(positive: np.ndarray[Any, Any], scores: np.ndarray[Any, Any]) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(positive, scores))


def train(
    examples: Sequence[Example],
    start: Path,
    out: Path,
    config: TrainingConfig,
    progress: Progress = lambda _step, _steps, _loss: None,
) -> float:
    """Fine-tune ``start`` with a new question-answering head and save it; return the last loss.

    Seeded: the same examples on the same machine give the same weights.
    """
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    torch.set_num_threads(1)
    torch.manual_seed(config.seed)
    tokenizer = AutoTokenizer.from_pretrained(start, local_files_only=True)
    model = AutoModelForQuestionAnswering.from_pretrained(start, local_files_only=True)
    _freeze(model, config.frozen_layers)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=config.rate, weight_decay=0.01)
    batches = _batches(examples, config)
    tokens = min(config.tokens, int(model.config.max_position_embeddings))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.rate, total_steps=len(batches) + 1, pct_start=0.1
    )
    model.train()
    smoothed = 0.0
    for step, batch in enumerate(batches, 1):
        loss = model(**_encode(batch, tokenizer, tokens)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        value = float(loss.detach())
        smoothed = value if step == 1 else 0.95 * smoothed + 0.05 * value
        progress(step, len(batches), smoothed)
    model.eval()
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    return smoothed


def _freeze(model: Any, layers: int) -> None:
    base = model.base_model
    for part in (base.embeddings, *base.encoder.layer[:layers]):
        part.requires_grad_(requires_grad=False)


def _batches(examples: Sequence[Example], config: TrainingConfig) -> list[list[Example]]:
    """Shuffle in every epoch; texts of like length share a batch, so that little is padding."""
    chance = random.Random(config.seed)
    batches: list[list[Example]] = []
    for _ in range(config.epochs):
        shuffled = chance.sample(list(examples), len(examples))
        for place in range(0, len(shuffled), 16 * config.batch):
            pool = sorted(shuffled[place : place + 16 * config.batch], key=lambda e: len(e.text))
            pool_batches = [pool[i : i + config.batch] for i in range(0, len(pool), config.batch)]
            batches += chance.sample(pool_batches, len(pool_batches))
    return batches


def _encode(batch: Sequence[Example], tokenizer: Any, tokens: int) -> dict[str, Any]:
    """Return the model's inputs; an example without an answer points at the first token."""
    import torch

    coded = tokenizer(
        [e.question for e in batch], [e.text for e in batch], truncation=True,
        max_length=tokens, padding=True, return_offsets_mapping=True, return_tensors="pt",
    )  # fmt: skip
    offsets = coded.pop("offset_mapping").tolist()
    places = [
        _token_span(example, coded.sequence_ids(row), offsets[row])
        for row, example in enumerate(batch)
    ]
    starts, ends = zip(*places, strict=True)
    return {**coded, "start_positions": torch.tensor(starts), "end_positions": torch.tensor(ends)}


def _token_span(
    example: Example, sequence_ids: Sequence[int | None], offsets: Sequence[Sequence[int]]
) -> tuple[int, int]:
    if example.start is None or example.end is None:
        return 0, 0
    inside = [
        i
        for i, part in enumerate(sequence_ids)
        if part == 1 and offsets[i][0] < example.end and example.start < offsets[i][1]
    ]
    whole = inside and offsets[inside[-1]][1] >= example.end
    return (inside[0], inside[-1]) if whole else (0, 0)
