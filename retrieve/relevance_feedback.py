"""Pseudo-relevance feedback: move the question towards its best passages.

Source: Rocchio, Relevance Feedback in Information Retrieval (1971), without the negative part;
over dense vectors: Li et al., Pseudo Relevance Feedback with Deep Language Models and Dense
Retrievers (2021).
"""

import math

import numpy as np

from index.embedding.embedder import Matrix


def move_question(question: Matrix, passages: Matrix, *, weight: float) -> Matrix:
    """Return the unit vector of ``question + weight * mean(passages)``.

    ``question`` is a unit vector of shape (d,), ``passages`` is (n, d), best first, n at least 1.
    Sums are taken in the order of the rows, in float64, so the result is the same bits each time.
    """
    total = np.zeros(question.shape, dtype=np.float64)
    for passage in passages:
        total += passage
    moved_question = question.astype(np.float64) + weight / len(passages) * total
    length = math.sqrt(math.fsum((moved_question * moved_question).tolist()))
    if length == 0.0:
        return question
    unit: Matrix = (moved_question / length).astype(np.float32)
    return unit
