"""The unit and the Containerfile name files that exist."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from api.cli import command_tree
from api.settings import Settings

ROOT = Path(__file__).parents[2]
UNIT = (ROOT / "deploy" / "footnote.service").read_text()
CONTAINERFILE = (ROOT / "deploy" / "Containerfile").read_text()
README = (ROOT / "deploy" / "README.md").read_text()


def instructions(name):
    joined_text = re.sub(r"\\\n", " ", CONTAINERFILE)
    return [line.split(maxsplit=1)[1] for line in joined_text.splitlines() if line.startswith(name)]


def commands_in(text):
    """Yield each ``footnote ...`` command line of a text."""
    joined_text = re.sub(r"\\\n", " ", text)
    for line in joined_text.splitlines():
        for command in re.findall(
            r"(?:^|[\s/])footnote ((?:serve|doctor|admin|backup)[^`&;|]*)", line
        ):
            yield shlex.split(command)


def parsed(command, arguments, parent=None):
    """Return the context of the command that is named; it raises where an option does not fit."""
    context = command.make_context(command.name or "footnote", list(arguments), parent=parent)
    if not hasattr(command, "commands"):
        return context
    _, child, rest = command.resolve_command(context, [*context._protected_args, *context.args])
    return parsed(child, rest, context)


def test_what_the_containerfile_copies_is_in_the_repository():
    copied = [
        source
        for line in instructions("COPY")
        if not line.startswith("--from")
        for source in line.split()[:-1]
    ]
    assert {"api", "evaluate", "generate", "index", "ingest", "retrieve"} <= set(copied)
    assert [source for source in copied if not (ROOT / source).exists()] == []


def test_every_extra_that_the_image_installs_is_declared():
    pyproject = (ROOT / "pyproject.toml").read_text()
    (names,) = re.findall(r'"\.\[([\w,]+)\]"', CONTAINERFILE)
    assert [name for name in names.split(",") if f"\n{name} = [" not in pyproject] == []


def test_every_footnote_command_that_is_deployed_can_be_typed():
    command_lines = [*commands_in(UNIT), *commands_in(CONTAINERFILE), *commands_in(README)]
    command_lines += [["serve"]] if 'CMD ["footnote", "serve"]' in CONTAINERFILE else []
    assert len(command_lines) >= 4
    for arguments in command_lines:
        assert parsed(command_tree(), arguments).command.callback


def test_every_setting_that_is_deployed_exists():
    for name in re.findall(r"FOOTNOTE_([A-Z_]+)=", UNIT + CONTAINERFILE):
        assert name.lower() in Settings.model_fields


def test_systemd_takes_the_unit(tmp_path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed: the unit was not verified")
    program = tmp_path / "footnote"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "footnote.service"
    unit.write_text(UNIT.replace("/opt/footnote/.venv/bin/footnote", str(program)))
    result = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
