"""PDFs to searchable, beside Haystack's and LlamaIndex's pipelines with the same embedder.

    make peers
    .venv/bin/python -m benchmarks.ingestion DATA/nfcorpus --files 300 --rounds 3

DATA/nfcorpus holds ``pdfs/``. Ours is the running service: uploads over HTTP from four clients,
durable jobs, parsing in a sandbox, SQLite, access lists. The peers read the same files in a
process of their own, into memory, with the same embedder on all cores, each with pypdf and with
pypdfium2. Everybody takes part once in a round, in an order drawn anew.
"""

import argparse
import json
import random
import subprocess
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.front_door import chunk_texts, service, upload
from benchmarks.measure import Timed, machine, ratio, tokens_seen
from index.embedding.onnx_embedder import OnnxEmbedder

PYTHON = Path(".venv-peers/bin/python")
PEERS = [(name, reader) for name in ("haystack", "llamaindex") for reader in ("pypdf", "pypdfium2")]
WARM = 8
"""Files that are uploaded before the clock starts, as the peers take some first."""


def ours(folder: Path, files: int) -> dict[str, Any]:
    """Upload some files to a new service; return what it took and made."""
    chosen = sorted((folder / "pdfs").glob("*.pdf"))
    with tempfile.TemporaryDirectory() as kept, service(Path(kept)) as client:
        upload(client, chosen[files : files + WARM])
        before = len(chunk_texts(Path(kept)))
        seconds, states = upload(client, chosen[:files])
        assert set(states) == {"succeeded"}, dict(states)
        texts = chunk_texts(Path(kept))[before:]
    tokens = tokens_seen(OnnxEmbedder.bundled(), texts)
    return {"pieces": len(texts), "tokens": tokens, "seconds": seconds}


def peer(name: str, reader: str, folder: Path, files: int) -> dict[str, Any]:
    """Run a peer's pipeline in an environment of its own."""
    command = [PYTHON, "-m", "benchmarks.peers.ingestion", folder / "pdfs", name]
    told = subprocess.run(
        [*map(str, command), "--reader", reader, "--files", str(files)],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return found


def show(files: int, timed: Sequence[Timed], made: dict[str, dict[str, Any]]) -> None:
    print(f"{machine()}; {files} files, {len(timed[0].seconds)} rounds")
    for one in timed:
        times, low, high = ratio(one, timed[0])
        print(
            f"{one.name:24} {files / one.median:6.2f} documents/s, {one.median:6.1f} s, "
            f"{times:.2f} times our time ({low:.2f} to {high:.2f}); "
            f"{made[one.name]['pieces']} pieces, {made[one.name]['tokens']} tokens"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    given = (options.folder, options.files)
    contestants = [(Timed("footnote", "service"), partial(ours, *given))]
    for name, reader in PEERS:
        run = partial(peer, name, reader, *given)
        contestants.append((Timed(f"{name}, {reader}", "process"), run))
    made: dict[str, dict[str, Any]] = {}
    drawn = random.Random(0)
    for number in range(options.rounds):
        for timed, run in drawn.sample(contestants, len(contestants)):
            made[timed.name] = run()
            timed.seconds.append(made[timed.name]["seconds"])
            print(f"round {number + 1}: {timed.name} {timed.seconds[-1]:.1f} s", flush=True)
    show(options.files, [timed for timed, _ in contestants], made)


if __name__ == "__main__":
    main()
