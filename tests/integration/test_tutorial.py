"""The tutorial is true: its commands are taken from the page and run, in order."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1200)]

PAGE = (ROOT / "docs" / "tutorial.md").read_text().partition("<!-- run from here -->")[2]
BLOCK = re.compile(r"^```(sh|output)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands_with_outputs():
    """Return each block of commands with the outputs that the page shows below it."""
    blocks = []
    for kind, text in BLOCK.findall(PAGE):
        if kind == "sh":
            blocks.append((text, []))
        else:
            blocks[-1][1].append(text)
    return blocks


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make a folder with the samples and nothing else, as the repository's root has them."""
    folder = tmp_path_factory.mktemp("tutorial")
    shutil.copytree(ROOT / "samples", folder / "samples")
    return folder


def run(commands, folder):
    programs = Path(sys.executable).parent
    clean = {key: value for key, value in os.environ.items() if not key.startswith("FOOTNOTE_")}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands], cwd=folder, capture_output=True, text=True,
        check=False, timeout=600, env={**clean, "PATH": f"{programs}:{os.environ['PATH']}"},
    )  # fmt: skip


def test_every_command_of_the_tutorial_does_what_the_page_says(folder):
    """Prevents a tutorial that a newcomer cannot follow; blocks depend on those before them."""
    blocks = commands_with_outputs()
    printed = {}
    for commands, outputs in blocks:
        result = run(commands, folder)
        assert result.returncode == 0, f"{commands}\n{result.stderr}"
        printed[commands] = result.stdout
        for output in outputs:
            assert squeezed(output) in squeezed(result.stdout), commands
    ingrid = next(
        text for command, text in printed.items() if "earn" in command and "ingrid" in command
    )
    assert "3,720" not in ingrid
    assert (folder / "report" / "report.html").exists()


def squeezed(text):
    """Return a text with its white space and its case made equal: lines wrap with the terminal."""
    return " ".join(text.split()).lower()


def test_the_page_has_the_commands_it_promises():
    text = "\n".join(commands for commands, _ in commands_with_outputs())
    for command in ("ingest", "ask", "search", "parse", "evaluate"):
        assert f"footnote {command} " in text
