"""Any sentence-transformers model, run by torch: for those that onnxruntime cannot run."""

from collections.abc import Sequence

import numpy as np

from index.embedding.embedder import RUN_BY_TORCH, Matrix


class SentenceTransformerEmbedder:
    """Any model that sentence-transformers loads from a local folder or the local cache."""

    def __init__(self, model: str) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(1)
        self._model = SentenceTransformer(model, device="cpu", local_files_only=True)
        self.name = f"{RUN_BY_TORCH}{model.rstrip('/').rsplit('/', 1)[-1]}"
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self.max_tokens = int(self._model.max_seq_length or 512)

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Encode one text at a time, so that company changes no bit."""
        rows = [self._model.encode(text, batch_size=1, normalize_embeddings=True) for text in texts]
        return np.asarray(rows, dtype=np.float32).reshape(len(texts), self.dimension)

    def count_tokens(self, text: str) -> int:
        """Count with the model's own tokenizer."""
        return len(self._model.tokenizer.encode(text, add_special_tokens=False))
