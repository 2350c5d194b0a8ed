"""The slabs in GPU memory, searched by FAISS on slices of one float16 matrix.

Needs the extra ``gpu`` (a FAISS built for GPUs) and a CUDA build of torch. Never a selector:
``GpuIndexFlat`` has accepted ``sel`` and searched without it.
"""

import threading
from typing import Any

import numpy as np

from index.embedding.embedder import Matrix
from index.errors import NoGpuError
from index.kernels.vector_kernels import Float16, Float32, Int64
from index.search.faiss_scan import BruteScan, sum_error

DEEPEST = 2048
"""FAISS returns no more results than this from a GPU."""

SCRATCH = 512 << 20
"""Bytes of GPU memory that FAISS keeps for its own use."""


class CudaDevice:
    """Matrices are torch tensors, float16, on one card."""

    def __init__(self, card: int) -> None:
        """Open a card.

        Raises:
            NoGpuError: no FAISS for GPUs, no CUDA build of torch, or no such card.

        """
        self._faiss, self._torch = _libraries(card)
        self._card = self._torch.device("cuda", card)
        self._resources = self._faiss.StandardGpuResources()
        self._resources.setTempMemory(SCRATCH)
        self._lock = threading.Lock()  # FAISS's resources serve one search at a time

    def hold(self, vectors: Float16) -> Any:
        """Copy the float16 values as they are."""
        return self._torch.from_numpy(np.array(vectors, dtype=np.float16)).to(self._card)

    def gather(self, matrix: Any, rows: Int64) -> Any:
        """Copy the rows inside the card."""
        return matrix.index_select(0, self._torch.from_numpy(rows).to(self._card))

    def nearest(self, queries: Matrix, matrix: Any, depth: int) -> tuple[Float32, Int64, Float32]:
        """Search with ``faiss.knn_gpu``; both sides must be float16, so the query is rounded."""
        rounded = queries.astype(np.float16)
        with self._lock:
            scores, rows = self._faiss.knn_gpu(
                self._resources,
                self._torch.from_numpy(rounded).to(self._card),
                matrix,
                depth,
                metric=self._faiss.METRIC_INNER_PRODUCT,
            )
            return (
                scores.cpu().numpy(),
                rows.cpu().numpy(),
                sum_error(queries, rounded.astype(np.float32)),
            )


class GpuScan(BruteScan):
    """FAISS on one GPU, and float16 products bounded like those of the CPU."""

    def __init__(self, card: int = 0) -> None:
        super().__init__("gpu", CudaDevice(card), deepest=DEEPEST)


def _libraries(card: int) -> tuple[Any, Any]:
    import faiss
    import torch

    if not hasattr(faiss, "StandardGpuResources"):
        raise NoGpuError("This FAISS has no GPU part; install the extra gpu in place of faiss-cpu.")
    if card >= torch.cuda.device_count():
        raise NoGpuError(f"torch sees {torch.cuda.device_count()} GPUs; number {card} is none.")
    import faiss.contrib.torch_utils  # teaches knn_gpu to take tensors where they lie

    return faiss, torch
