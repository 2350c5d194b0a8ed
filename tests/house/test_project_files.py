"""Workflows, compose file, lock and site name what is there; no service runs for these tests."""

import ast
import importlib.util
import re
import tomllib

import pytest
import yaml

from api.settings import Settings
from tests.house.sources import ROOT, sources

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())


def steps(path):
    for job in yaml.safe_load(path.read_text())["jobs"].values():
        yield from job["steps"]


def load_script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_is_a_workflow_for_checks_tests_nights_and_releases():
    assert {path.stem for path in WORKFLOWS} == {"check", "test", "nightly", "release"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_make_target_of_a_workflow_exists(path):
    commands = [step["run"] for step in steps(path) if "run" in step]
    targets = [name for command in commands for name in re.findall(r"\bmake ([a-z-]+)", command)]
    assert targets
    assert set(targets) <= TARGETS


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_by_its_major_version(path):
    """Prevents a workflow that changes under us, as one that follows a branch does."""
    actions = [step["uses"] for step in steps(path) if "uses" in step]
    assert actions
    assert [name for name in actions if not re.fullmatch(r"[\w-]+/[\w-]+@v\d+", name)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_read_only_and_every_job_ends(path):
    """Prevents a token that could write to the repository from the code of a pull request."""
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())


def test_every_form_for_issues_can_be_read():
    forms = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
    bodies = [yaml.safe_load(form.read_text()) for form in forms if form.stem != "config"]
    assert len(bodies) >= 2
    for form in bodies:
        assert {"name", "description", "body"} <= set(form)


def test_the_hooks_before_a_commit_use_installed_tools():
    (local,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert local["repo"] == "local"
    for hook in local["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].startswith(".venv/bin/")


def settings_of(service):
    return [name for name in service.get("environment", {}) if name.startswith("FOOTNOTE_")]


def test_every_setting_of_the_compose_file_exists():
    names = {name for service in COMPOSE["services"].values() for name in settings_of(service)}
    assert {"FOOTNOTE_DATABASE_URL", "FOOTNOTE_BLOBS", "FOOTNOTE_MODEL_URL"} <= names
    assert [
        n for n in names if n.removeprefix("FOOTNOTE_").lower() not in Settings.model_fields
    ] == []


def test_every_image_of_the_compose_file_is_pinned_or_built_here():
    for name, service in COMPOSE["services"].items():
        image, _, tag = service["image"].rpartition(":")
        if image == "footnote":
            assert "build" in COMPOSE["services"]["service"]
        else:
            assert re.search(r"\d", tag), f"{name}: {service['image']}"
            assert tag != "latest"


def test_every_name_in_the_compose_file_leads_to_a_service_or_a_volume():
    services = COMPOSE["services"]
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        sources = {volume.partition(":")[0] for volume in service.get("volumes", [])}
        files = {source for source in sources if source.startswith("./")}
        assert sources - files <= set(COMPOSE["volumes"])
        assert [file for file in files if not (ROOT / "deploy" / file).is_file()] == []


def test_a_service_waits_for_what_says_that_it_is_healthy():
    """Prevents a start that waits for ever: `service_healthy` needs a health check."""
    services = COMPOSE["services"]
    for service in services.values():
        for name, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert (
                    "healthcheck" in services[name] or services[name]["image"] == "footnote:local"
                )


def test_every_variable_of_the_compose_file_is_in_the_example():
    variables = set(re.findall(r"\$\{(\w+):\?", (ROOT / "deploy" / "compose.yaml").read_text()))
    example = (ROOT / "deploy" / "compose.env.example").read_text()
    assert variables
    assert [name for name in variables if f"\n{name}=" not in f"\n{example}"] == []


def test_the_model_of_the_compose_file_is_the_version_that_is_tested():
    tested = re.search(
        r"==([\d.]+)", (ROOT / "tests" / "vllm" / "requirements.txt").read_text().split("vllm")[-1]
    )
    assert COMPOSE["services"]["model"]["image"].endswith(f":v{tested[1]}")


def pinned(text):
    return dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE))


def test_the_lock_has_the_pinned_versions_with_hashes_and_names_no_host():
    lock = (ROOT / "requirements.lock").read_text()
    constraints = pinned((ROOT / "constraints.txt").read_text())
    locked = pinned(lock)
    assert len(locked) > 100
    drifted = {n: v for n, v in locked.items() if n in constraints and constraints[n] != v}
    assert drifted == {}, "Run `make lock`."
    assert lock.count("--hash=sha256:") > len(locked)
    assert "://" not in lock


def test_the_lock_has_every_dependency():
    text = (
        (ROOT / "pyproject.toml").read_text().partition("dependencies = [")[2].partition("\n]")[0]
    )
    names = re.findall(r'^  "([\w-]+)', text, re.MULTILINE)
    locked = pinned((ROOT / "requirements.lock").read_text())
    assert len(names) > 20
    assert [name for name in names if name not in locked] == [], "Run `make lock`."


def pages_of(entry):
    if isinstance(entry, str):
        yield entry
    else:
        for value in entry.values() if isinstance(entry, dict) else entry:
            yield from pages_of(value)


def test_the_site_has_every_page_in_four_parts():
    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
    titles = [next(iter(entry)) for entry in site["nav"] if isinstance(entry, dict)]
    assert titles == ["Tutorial", "How-tos", "Reference", "Explanation"]
    script = load_script("docs_site")
    listed = set(pages_of([script.expand(entry) for entry in site["nav"]]))
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert listed == pages
    assert site["theme"]["font"] is False


def test_a_link_to_a_source_file_becomes_a_link_into_the_site():
    script = load_script("docs_site")
    assert script.outside("../../index/types.py", "reference/python.md") == "index/types.py"
    assert script.outside("../security.md", "reference/python.md") == ""
    assert script.outside("https://example.org/a", "index.md") == ""


@pytest.mark.parametrize(
    ("tag", "changelog", "count"),
    [
        ("v1.2.0", "# What\n\n## 1.2.0 (2026-12-01)\n", 0),
        ("1.2.0", "# What\n\n## 1.2.0 (2026-12-01)\n", 1),
        ("v1.2.1", "# What\n\n## Unreleased\n", 2),
    ],
)
def test_a_release_needs_the_right_tag_and_a_heading(tag, changelog, count):
    assert len(load_script("release_check").complaints(tag, "1.2.0", changelog)) == count


def test_the_version_is_written_in_one_place():
    """Prevents a service that names another version than its package."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    literals = [
        f"{source.path}:{node.lineno}"
        for source in sources()
        for node in source.nodes(ast.Constant)
        if node.value == version
    ]
    assert literals == []
