"""Models in the real file formats with random weights and a few letters of vocabulary."""

import string
from pathlib import Path
from typing import Any

_WIDTH = 32
_SEED = 7


def make_cross_encoder(folder: Path, *, labels: int = 1) -> Path:
    """Write a BERT cross-encoder that sentence-transformers loads without a network.

    About 100 kB; reads letter by letter, so that it has an opinion on any text.
    """
    from transformers import BertForSequenceClassification

    return _write(folder, BertForSequenceClassification, labels)


def make_reader(folder: Path) -> Path:
    """Write a BERT question-answering model as small as that."""
    from transformers import BertForQuestionAnswering

    return _write(folder, BertForQuestionAnswering, 2)


def _write(folder: Path, kind: Any, labels: int) -> Path:
    import torch
    from transformers import BertConfig, BertTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    letters = [*string.ascii_lowercase, *string.digits, *".,?!"]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]
    words += [f"##{letter}" for letter in letters]
    vocabulary = {word: number for number, word in enumerate(words)}
    BertTokenizer(vocab=vocabulary, model_max_length=128).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(words), hidden_size=_WIDTH, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=2 * _WIDTH, max_position_embeddings=128, initializer_range=0.5,
    )  # fmt: skip
    config.num_labels = labels
    with torch.random.fork_rng():
        torch.manual_seed(_SEED)
        kind(config).save_pretrained(folder)
    return folder


def make_sentence_transformer(folder: Path) -> Path:
    """Write a sentence-transformers model as small as that; it sees 32 tokens."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertModel

    transformer = Transformer(str(_write(folder / "parts", BertModel, 2)), max_seq_length=32)
    modules = [transformer, Pooling(_WIDTH), Normalize()]
    SentenceTransformer(modules=modules, device="cpu").save(str(folder / "model"))
    return folder / "model"
