"""Language models and GPUs by name, from their model cards and data sheets."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelSize:
    """A dense transformer with grouped-query attention."""

    parameters: float
    layers: int
    kv_heads: int
    head_size: int
    card: str
    """The model whose card the numbers are from."""

    @property
    def cache_bytes(self) -> int:
        """Return the bytes of keys and values for a token, at two bytes a number.

        Source: Pope et al., Efficiently Scaling Transformer Inference, 2022, section 2.
        """
        return 2 * self.layers * self.kv_heads * self.head_size * 2


@dataclass(frozen=True, slots=True)
class Gpu:
    """One card; the rates are the data sheet's, without sparsity."""

    memory: float
    """Bytes."""
    bandwidth: float
    """Bytes a second."""
    flops: float
    """Operations a second in bfloat16."""
    price: float
    """Dollars an hour: an order of magnitude of rented cards in 2026; give your own."""


MODELS = {
    "1.5b": ModelSize(1.54e9, 28, 2, 128, "Qwen2.5-1.5B"),
    "3b": ModelSize(3.09e9, 36, 2, 128, "Qwen2.5-3B"),
    "8b": ModelSize(8.03e9, 32, 8, 128, "Llama 3.1 8B"),
    "14b": ModelSize(14.8e9, 48, 8, 128, "Qwen2.5-14B"),
    "32b": ModelSize(32.8e9, 64, 8, 128, "Qwen2.5-32B"),
    "70b": ModelSize(70.6e9, 80, 8, 128, "Llama 3.1 70B"),
}

GPUS = {
    "l4": Gpu(24e9, 0.30e12, 121e12, 0.7),
    "l40s": Gpu(48e9, 0.864e12, 362e12, 1.1),
    "a100": Gpu(80e9, 2.0e12, 312e12, 1.8),
    "h100": Gpu(80e9, 3.35e12, 989e12, 2.8),
    "h200": Gpu(141e9, 4.8e12, 989e12, 3.6),
}
