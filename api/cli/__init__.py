"""The command line: ``footnote SUBCOMMAND ...``; options follow the subcommand.

Exit codes: 0 done, 1 failed, 2 the command line or its input does not fit, 3 some files failed.
Only light modules are imported here: a group of commands is imported when one of them is named, and
a command imports what it needs when it runs.
"""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException
from typer.main import get_group

from api.cli.command_group import command_group, lazy_group
from api.cli.failures import explain_failure
from api.cli.options import complain, print_line
from index.errors import FootnoteError

MODULES = {
    "serve": "api.cli.serve",
    "worker": "api.cli.serve",
    "ingest": "api.cli.ingest",
    "jobs": "api.cli.jobs",
    "search": "api.cli.ask",
    "ask": "api.cli.ask",
    "mcp": "api.cli.mcp_stdio",
    "parse": "api.cli.stages",
    "chunk": "api.cli.stages",
    "evaluate": "api.cli.evaluate",
    "train": "api.cli.train",
    "models": "api.cli.models",
    "plan": "api.cli.plan",
    "policy": "api.cli.policy",
    "documents": "api.cli.documents",
    "collection": "api.cli.collections",
    "review": "api.cli.reviews",
    "webhook": "api.cli.webhooks",
    "admin": "api.cli.admin",
    "top": "api.cli.top",
    "doctor": "api.cli.maintenance",
    "verify": "api.cli.verify",
    "backup": "api.cli.maintenance",
    "restore": "api.cli.maintenance",
}
"""Which module has which command."""

DESCRIPTION = "Ask your documents. Every sentence of an answer carries a checked citation."

PRIVATE = 0o077
"""No file or folder that a command makes is for other users of the machine."""

FAILED = 1
USAGE = 2
STOPPED = 130
USAGE_CODES = frozenset(
    {"usage", "invalid-principal", "invalid-access-list", "invalid-request", "invalid-filter"}
)
"""Errors of what was typed, as against errors of carrying it out."""


def command_tree() -> TyperGroup:
    """Return the tree of all commands; a branch is imported when it is looked up."""
    app = command_group(DESCRIPTION)
    app.callback(cls=lazy_group(MODULES), context_settings={"help_option_names": ["-h", "--help"]})(
        footnote
    )
    return get_group(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; an error is one line that says what to do."""
    os.umask(PRIVATE)
    words = sys.argv[1:] if arguments is None else list(arguments)
    tree = command_tree()
    try:
        with tree.make_context("footnote", words) as context:
            code: int = tree.invoke(context)
    except typer.Exit as error:
        code = error.exit_code
    except TyperException as error:
        complain(_usage(error))
        code = USAGE
    except FootnoteError as error:
        complain(str(error) or error.title)
        code = USAGE if error.code in USAGE_CODES else FAILED
    except BrokenPipeError:  # the reader has what it wanted: `footnote ask ... | head`
        sys.stderr.close()
        code = 0
    except KeyboardInterrupt:
        complain("Stopped.")
        code = STOPPED
    except Exception as error:  # what files and databases raise; all else goes on as it is
        explanation = explain_failure(error)
        if explanation is None:
            raise
        complain(explanation)
        code = FAILED
    return code


def _print_version(*, is_wanted: bool) -> None:
    if is_wanted:
        from importlib.metadata import version

        print_line(f"footnote {version('footnote')}")
        raise typer.Exit


def footnote(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", help="print the version", is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    """Do nothing but take the options that are written before a command."""


def _usage(error: TyperException) -> str:
    """Say what does not fit, and where the command is explained."""
    context = getattr(error, "ctx", None)
    hint = f" Try: {context.command_path} --help" if context else ""
    message = error.format_message().replace("Value error, ", "")
    end = "" if message.endswith((".", "?")) else "."
    return f"{message}{end}{hint}"
