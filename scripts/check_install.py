"""Check that one torch came, and nothing that fights with it.

torchvision of another build breaks the import of transformers; two torches overwrite each other.
CUDA packages work but are three gigabytes that the base install has no use for.
"""

import os
import sys
from importlib.metadata import distributions


def main() -> int:
    """Return 1 if the environment must not be used, 0 otherwise."""
    names = sorted(package.metadata["Name"].lower() for package in distributions())
    torches = names.count("torch")
    strays = [name for name in names if name in {"torchvision", "torchaudio"}]
    cuda = [name for name in names if name.startswith(("nvidia-", "triton"))]
    if torches != 1 or strays:
        print(f"Expected one torch alone, found {torches} and {strays or 'no strays'}.")
        print("Run `make clean install`.")
        return 1
    if cuda:
        print(f"torch came as a CUDA build ({len(cuda)} extra packages). It works; it is large.")
        print("For the CPU build: make clean install TORCH_INDEX=<an index of CPU builds>")
        return int(os.environ.get("CI") == "true")
    return 0


if __name__ == "__main__":
    sys.exit(main())
