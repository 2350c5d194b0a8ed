"""Makes a tiny Llama of random weights, with a tokenizer and a chat template, in a folder.

It says nothing sensible. It is there so that a real model server can be tested without a download.

Usage: python scripts/make_tiny_model.py FOLDER
"""

import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

CONTEXT = 2048
SPECIAL = ["<unk>", "<s>", "</s>"]
CHAT = (
    "{{ bos_token }}{% for message in messages %}[{{ message['role'] }}] "
    "{{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant] {% endif %}"
)
TEXTS = [
    "The lamp is lit thirty minutes before sunset. [1] The documents do not say.",
    "Every sentence carries a citation that was checked. [2] The ferry leaves at nine.",
]


def make_tiny_model(folder: Path) -> None:
    """Write weights, configuration and tokenizer; the same bytes every time."""
    tokenizer = _tokenizer()
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=128, intermediate_size=256, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=CONTEXT,
        bos_token_id=1, eos_token_id=2, pad_token_id=0, tie_word_embeddings=False,
    )  # fmt: skip
    LlamaForCausalLM(config).to(torch.float32).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _tokenizer() -> PreTrainedTokenizerFast:
    bytewise = Tokenizer(models.BPE(unk_token=None))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bytewise.train_from_iterator(TEXTS, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bytewise, unk_token="<unk>", bos_token="<s>", eos_token="</s>",
        pad_token="<unk>", chat_template=CHAT, model_max_length=CONTEXT,
    )  # fmt: skip


if __name__ == "__main__":
    make_tiny_model(Path(sys.argv[1]))
