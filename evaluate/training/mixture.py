"""Examples and their contrasts in one list, in a fixed order."""

import random
from collections.abc import Sequence
from pathlib import Path

from evaluate.training.contrasts import ContrastMaker, ContrastShares, Related, Things
from generate.quoting.reader_training import Example


def with_contrasts(examples: Sequence[Example], weights: Path, *, seed: int = 3) -> list[Example]:
    """Return examples and the contrasts made from them, shuffled.

    ``weights`` is the folder of the model that is trained: its word vectors tell which words are
    used alike.
    """
    things = Things.of([example for example in examples if example.start is not None])
    maker = ContrastMaker(things, related_words(weights, things.words), ContrastShares(), seed=seed)
    mixture = [each for example in examples for each in maker.examples(example)]
    random.Random(seed).shuffle(mixture)
    return mixture


def related_words(weights: Path, words: Sequence[str]) -> Related:
    """Read the word vectors of a BERT-like model's folder for words that are one token."""
    from safetensors import safe_open
    from tokenizers import Tokenizer

    vocabulary = Tokenizer.from_file(str(weights / "tokenizer.json")).get_vocab()
    with safe_open(weights / "model.safetensors", "np") as tensors:
        name = next(key for key in tensors.keys() if key.endswith("word_embeddings.weight"))  # noqa: SIM118 - not a dict
        vectors = tensors.get_tensor(name)
    return Related({word: vectors[vocabulary[word]] for word in words if word in vocabulary})
