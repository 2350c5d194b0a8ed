"""The tables of docs/openai.md are true."""

import subprocess
import sys

from tests.house.sources import ROOT


def test_the_tables_of_conformance_are_those_that_the_script_writes():
    script = ROOT / "scripts" / "openai_conformance.py"
    result = subprocess.run(
        [sys.executable, script, "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
