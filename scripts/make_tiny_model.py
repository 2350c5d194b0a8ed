"""Makes a tiny Llama of random weights, with a tokenizer and a chat template, in a folder.

It says nothing sensible. It is there so that a real model server can be tested without a download.
With ``--brief`` it says the shortest that it may: held to a form by its server, a whole reply.

Usage: python scripts/make_tiny_model.py FOLDER [--brief]
"""

import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

CONTEXT = 16384
"""Tokens; the tokenizer knows few words, so that the prompts of judges take thousands."""
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


BRIEF = ('"', "{", "}", "]", ",", "1")
"""With ``--brief`` the model says the first of these that the grammar allows."""


def make_tiny_model(folder: Path, *, brief: bool = False) -> None:
    """Write weights, configuration and tokenizer; the same bytes every time."""
    tokenizer = _tokenizer()
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=128, intermediate_size=256, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=CONTEXT,
        bos_token_id=1, eos_token_id=2, pad_token_id=0, tie_word_embeddings=False,
    )  # fmt: skip
    model = LlamaForCausalLM(config).to(torch.float32)
    if brief:
        _prefer(model, [tokenizer.convert_tokens_to_ids(piece) for piece in BRIEF])
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _prefer(model: LlamaForCausalLM, tokens: list[int]) -> None:
    """Make some tokens the likeliest after any text, in this order.

    The first number of every hidden state is made large and the same, so that the first weight of
    a token's output is its likelihood.
    """
    with torch.no_grad():
        model.model.embed_tokens.weight[:, 0] = 5.0
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight[0] = 0.0
            layer.mlp.down_proj.weight[0] = 0.0
        model.lm_head.weight[:, 0] = 0.0
        for place, token in enumerate(tokens):
            model.lm_head.weight[token, 0] = 1.0 - place / 10


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
    make_tiny_model(Path(sys.argv[1]), brief="--brief" in sys.argv)
