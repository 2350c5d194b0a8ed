"""The examples run as their README says, against a real service."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.e2e.service import running_service
from tests.house.sources import ROOT

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

HANDBOOK = ROOT / "samples" / "keepers-handbook.md"
QUESTION = "When is the lamp lit?"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with running_service(tmp_path_factory.mktemp("examples")) as running:
        yield running


def run(command, folder, **environment):
    clean = {key: value for key, value in os.environ.items() if not key.startswith("FOOTNOTE_")}
    path = f"{Path(sys.executable).parent}:{clean['PATH']}"
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=600,
        env={**clean, "PATH": path, **environment},
    )  # fmt: skip


def test_the_walk_with_curl_ends_with_the_quote_and_leaves_nothing(service, tmp_path):
    if shutil.which("curl") is None:
        missing("curl", "apt-get install curl")
    output = run(
        ["bash", ROOT / "examples" / "walk.sh", HANDBOOK, QUESTION], tmp_path,
        FOOTNOTE_URL=service.url, FOOTNOTE_KEY=service.key("ann"),
    )  # fmt: skip
    assert output.returncode == 0, output.stdout + output.stderr
    steps = output.stdout
    assert "The job has succeeded." in steps
    assert "thirty minutes before sunset" in steps.partition("5. Follow")[2]
    again = run(
        ["bash", ROOT / "examples" / "walk.sh", ROOT / "samples" / "supply-boat.md", "boat"],
        tmp_path, FOOTNOTE_URL=service.url, FOOTNOTE_KEY="wrong",
    )  # fmt: skip
    assert again.returncode != 0
    assert "unauthorized" in again.stderr


def test_the_python_client_prints_sentences_and_quotes(service, tmp_path):
    output = run(
        [sys.executable, ROOT / "examples" / "client.py", HANDBOOK, QUESTION], tmp_path,
        FOOTNOTE_URL=service.url, FOOTNOTE_KEY=service.key("bob"),
    )  # fmt: skip
    assert output.returncode == 0, output.stdout + output.stderr
    lines = output.stdout.splitlines()
    assert "thirty minutes before sunset" in lines[0]
    assert any(line.startswith("[1] ") and "sunset" in line for line in lines)


def test_openais_own_client_is_answered_cited_followed_resumed_and_refused(service, tmp_path):
    output = run(
        [sys.executable, ROOT / "examples" / "openai_client.py", HANDBOOK, QUESTION], tmp_path,
        FOOTNOTE_URL=service.url, FOOTNOTE_KEY=service.key("carl"),
    )  # fmt: skip
    assert output.returncode == 0, output.stdout + output.stderr
    lines = output.stdout
    assert "chat: " in lines
    assert lines.count("thirty minutes before sunset") >= 3
    assert "the quote stands in the document: True" in lines
    assert "document: False" not in lines
    assert "response.created response.completed" in lines
    assert "background: completed" in lines
    assert "resumed at: 3" in lines
    assert "refused: n invalid_value" in lines
    assert "refused: invalid_api_key" in lines


def test_the_gate_stops_at_a_rule_that_is_broken_and_passes_where_rules_are_kept(tmp_path):
    """Few questions, since the whole set is held against its gates elsewhere (test_gates)."""
    samples, questions = ROOT / "samples" / "evaluation", tmp_path / "questions"
    shutil.copytree(samples, questions)
    lines = (questions / "questions.jsonl").read_text().splitlines(keepends=True)
    (questions / "questions.jsonl").write_text("".join(lines[:4]))
    gate = ["bash", ROOT / "examples" / "gate.sh", questions]
    (tmp_path / "broken.yaml").write_text("rules:\n  - {metric: groundedness, minimum: 1.1}\n")
    other = samples / "baselines" / "answers.json"
    broken = run([*gate, tmp_path / "broken.yaml", other], tmp_path)
    assert broken.returncode == 1, broken.stdout + broken.stderr
    assert "The two runs are of different data" in broken.stdout
    own = (tmp_path / "report" / "report.json").rename(tmp_path / "baseline.json")
    (tmp_path / "kept.yaml").write_text(
        "rules:\n  - {metric: leaks, maximum: 0}\n  - {metric: answer_in_quote@2, fall: 0.03}\n"
    )
    kept = run([*gate, tmp_path / "kept.yaml", own], tmp_path)
    assert kept.returncode == 0, kept.stdout + kept.stderr
    assert (tmp_path / "gate.md").exists()
