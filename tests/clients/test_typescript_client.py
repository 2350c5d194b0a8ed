"""The TypeScript client, compiled and run by node, against a running service."""

import os
import subprocess

from tests.conftest import missing
from tests.house.sources import ROOT

FOLDER = ROOT / "clients" / "typescript"


def is_outdated():
    """Tell whether a source is newer than what was compiled."""
    compiled = FOLDER / "dist" / "index.js"
    sources = (FOLDER / "src").glob("*.ts")
    newest = max(path.stat().st_mtime for path in sources)
    return not compiled.exists() or compiled.stat().st_mtime < newest


def test_node_asks_searches_and_is_refused_as_two_people(served):
    if not (FOLDER / "node_modules" / ".bin" / "tsc").exists():
        missing("The TypeScript compiler", "Run `make typescript`; it needs node 20 with npm.")
    if is_outdated():
        build = subprocess.run(
            ["npm", "run", "--silent", "build"],
            cwd=FOLDER, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert build.returncode == 0, build.stdout + build.stderr
    keys = {"ANN_KEY": served.key("ann"), "BOB_KEY": served.key("bob")}
    result = subprocess.run(
        ["node", "--test", "test/"], cwd=FOLDER, capture_output=True, text=True, check=False,
        env=os.environ | {"FOOTNOTE_URL": served.url} | keys, timeout=120,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    assert "# pass 7" in result.stdout or "pass 7" in result.stdout, result.stdout
