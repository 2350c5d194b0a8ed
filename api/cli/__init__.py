"""The command line: ``footnote SUBCOMMAND ...``; options follow the subcommand.

Exit codes: 0 done, 1 failed, 2 the command line or its input does not fit, 3 some files failed.
Only light modules are imported here; a command imports what it needs when it runs.
"""

import argparse
import sys
from collections.abc import Sequence

from api.cli import (
    ask as ask_commands,
)
from api.cli import (
    ingest as ingest_commands,
)
from api.cli import (
    jobs as job_commands,
)
from api.cli import (
    maintenance as house_commands,
)
from api.cli import (
    models as registry_commands,
)
from api.cli import (
    policy as policy_commands,
)
from api.cli import (
    reviews as review_commands,
)
from api.cli import (
    serve as serve_commands,
)
from api.cli import (
    stages as stage_commands,
)
from api.cli import (
    train as train_commands,
)
from api.cli.admin import keys_and_groups as admin_commands
from api.cli.admin import screening as screening_commands
from api.cli.evaluate import measure as evaluate_commands
from api.cli.options import complain
from index.errors import FootnoteError

GROUPS = (
    serve_commands,
    ingest_commands,
    job_commands,
    ask_commands,
    stage_commands,
    evaluate_commands,
    train_commands,
    registry_commands,
    policy_commands,
    screening_commands,
    review_commands,
    admin_commands,
    house_commands,
)

FAILED = 1
USAGE = 2
USAGE_CODES = frozenset(
    {"usage", "invalid-principal", "invalid-access-list", "invalid-request", "invalid-filter"}
)
"""Errors of what was typed, as against errors of carrying it out."""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="footnote",
        description="Ask your documents. Every sentence of an answer carries a checked citation.",
    )
    commands = parser.add_subparsers(metavar="SUBCOMMAND", required=True)
    for group in GROUPS:
        group.add_commands(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; an error is one line that says what to do."""
    options = build_parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except FootnoteError as error:
        code = USAGE if error.code in USAGE_CODES else FAILED
        complain(str(error) or error.title)
    except BrokenPipeError:  # the reader has what it wanted: `footnote ask ... | head`
        sys.stderr.close()
        code = 0
    except KeyboardInterrupt:
        complain("Stopped.")
        code = 130
    return code
