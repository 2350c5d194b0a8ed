"""The documentation is true: every setting, error, metric, command and route is in it."""

import importlib.util
import re
import subprocess
import sys

import pytest

from api.cli import command_tree
from api.service import build_service
from api.settings import Settings
from tests.house.sources import ROOT

DOCS = ROOT / "docs"


def load_script():
    spec = importlib.util.spec_from_file_location("footnote_docs", ROOT / "scripts" / "docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_make_docs_would_change_nothing():
    result = subprocess.run(
        [sys.executable, "scripts/docs.py", "--check"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, f"{result.stdout}{result.stderr}\nRun `make docs`."


def test_every_setting_is_documented_with_what_it_does():
    text = (DOCS / "reference" / "configuration.md").read_text()
    for name, field in Settings.model_fields.items():
        assert f"`FOOTNOTE_{name.upper()}`" in text
        assert field.description


def test_every_error_code_is_documented_and_belongs_to_one_meaning():
    text = (DOCS / "reference" / "errors.md").read_text()
    by_code = {}
    for error in load_script().public_errors():
        assert f"`{error.code}`" in text
        assert 400 <= error.status < 600
        assert error.__doc__
        by_code.setdefault(error.code, set()).add(error.status)
    assert all(len(statuses) == 1 for statuses in by_code.values())


def test_every_metric_is_documented(tmp_path):
    text = (DOCS / "observability.md").read_text()
    service = build_service(Settings(data=tmp_path))
    names = {family.name for family in service.metrics.registry.collect()}
    service.resources.close()
    assert len(names) >= 30
    assert [name for name in names if name not in text] == []


def options_of(command):
    for parameter in command.params:
        yield from parameter.opts if parameter.param_type_name == "option" else ()
    for child in getattr(command, "commands", {}).values():
        yield from options_of(child)


def test_every_command_and_flag_is_documented_and_explained():
    text = (DOCS / "reference" / "cli.md").read_text()
    for option in options_of(command_tree()):
        assert f"`{option}" in text
    for words, explanation, _ in load_script().commands("footnote", command_tree()):
        assert f"### `{words}`" in text
        assert explanation


@pytest.mark.parametrize(
    "path", sorted(DOCS.rglob("*.md")), ids=lambda path: str(path.relative_to(DOCS))
)
def test_every_link_to_a_file_leads_somewhere(path):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text()):
        if "://" not in target:
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "samples/README.md",
        "deploy/README.md",
        "examples/README.md",
        "SECURITY.md",
    ],
)
def test_every_link_of_the_front_pages_leads_somewhere(name):
    test_every_link_to_a_file_leads_somewhere(ROOT / name)


def test_the_twenty_things_that_a_stranger_looks_for_are_where_the_table_says():
    text = (DOCS / "research" / "where-would-you-look.md").read_text()
    rows = re.findall(r"^\| \d+ \| .* \| \[([^\]]+)\]\([^)]*\) \| `(.*)` \|$", text, re.MULTILINE)
    assert len(rows) == 20
    for path, words in rows:
        assert words in (ROOT / path).read_text(), path
