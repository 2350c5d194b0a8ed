"""Print constraints.txt: an exact pin for every distribution but our own.

Local versions (torch's ``+cpu``) are dropped, so that any package index can serve the pins.
"""

from importlib.metadata import distributions

HEADER = """\
# The exact version of every distribution that Footnote is installed and tested with.
# `make constraints` writes this file again from the environment in .venv."""
NOT_PINNED = {"footnote", "pip", "setuptools", "wheel"}


def main() -> None:
    """Print one pin for each line, in the order of the names."""
    installed = {
        (item.metadata["Name"], item.version.partition("+")[0]) for item in distributions()
    }
    print(HEADER)
    for name, version in sorted(installed, key=lambda pair: pair[0].lower()):
        if name.lower() not in NOT_PINNED:
            print(f"{name}=={version}")


if __name__ == "__main__":
    main()
