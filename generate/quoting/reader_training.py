"""Train a reader on questions with known answers, from the embedding model's own weights.

What a reader learned from shows in what it says, to every asker. So it is trained from files that
somebody chose, never from stored questions or feedback: those belong to their authors alone.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
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
    batch: int = 24
    rate: float = 2.5e-4
    tokens: int = 192
    """Question and text together; an answer beyond is left out."""
    frozen_layers: int = 1
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

    Seeded: the same examples on the same machine give the same weights. Checkpoints stand in
    ``out``; a run that was broken off goes on from the last one.
    """
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer, Trainer

    torch.set_num_threads(1)
    torch.manual_seed(config.seed)
    tokenizer = AutoTokenizer.from_pretrained(start, local_files_only=True)
    model = AutoModelForQuestionAnswering.from_pretrained(start, local_files_only=True)
    _freeze(model, config.frozen_layers)
    tokens = min(config.tokens, int(model.config.max_position_embeddings))
    report = _progress_callback(progress)
    trainer = Trainer(
        model=model,
        args=_arguments(out, config),
        train_dataset=_rows(examples, tokenizer, tokens),
        data_collator=partial(_padded, pad=tokenizer.pad_token_id or 0),
        callbacks=[report],
    )
    trainer.train(resume_from_checkpoint=any(out.glob("checkpoint-*")))
    model.eval()
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    return float(report.loss)


def _arguments(out: Path, config: TrainingConfig) -> Any:
    from transformers import TrainingArguments

    return TrainingArguments(
        output_dir=str(out),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch,
        learning_rate=config.rate,
        lr_scheduler_type="linear",
        warmup_steps=0.06,
        weight_decay=0.01,
        train_sampling_strategy="group_by_length",
        seed=config.seed,
        save_steps=500,
        save_total_limit=1,
        logging_steps=0.01,
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        label_names=["start_positions", "end_positions"],
        use_cpu=True,
    )


def _progress_callback(progress: Progress) -> Any:
    """Return a callback that tells ``progress`` of steps and keeps the last loss."""
    from transformers import TrainerCallback

    class LossReport(TrainerCallback):
        """Tells of each logged loss."""

        loss = 0.0

        def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:  # noqa: ARG002 - transformers' signature
            """Pass the smoothed loss on."""
            logs = kwargs.get("logs") or {}
            if "loss" in logs:
                self.loss = float(logs["loss"])
                progress(state.global_step, state.max_steps, self.loss)

    return LossReport()


def _freeze(model: Any, layers: int) -> None:
    base = model.base_model
    for part in (base.embeddings, *base.encoder.layer[:layers]):
        part.requires_grad_(requires_grad=False)


def _rows(examples: Sequence[Example], tokenizer: Any, tokens: int) -> list[dict[str, Any]]:
    """Return the model's inputs; an example without an answer points at the first token."""
    rows = []
    for example in examples:
        coded = tokenizer(
            example.question, example.text, truncation="only_second", max_length=tokens,
            return_offsets_mapping=True,
        )  # fmt: skip
        start, end = _token_span(example, coded.sequence_ids(0), coded.pop("offset_mapping"))
        rows.append({**coded, "start_positions": start, "end_positions": end})
    return rows


def _padded(rows: Sequence[dict[str, Any]], pad: int) -> dict[str, Any]:
    """Return one batch; each row is filled up to the longest."""
    import torch

    longest = max(len(row["input_ids"]) for row in rows)
    batch: dict[str, Any] = {}
    for key in rows[0]:
        values = [row[key] for row in rows]
        if isinstance(values[0], list):
            filler = pad if key == "input_ids" else 0
            values = [value + [filler] * (longest - len(value)) for value in values]
        batch[key] = torch.tensor(values)
    return batch


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
