"""The command line, driven as processes and, where a process adds nothing, in this one."""

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.cli import main
from tests.e2e.service import running_service

pytestmark = pytest.mark.integration

COMMAND = Path(sys.executable).with_name("footnote")
HANDBOOK = """# The handbook

## The lamp

The lamp is lit thirty minutes before sunset. \U0001f4a1 Zoë keeps it.

## The log

The log is written in black ink.
"""


class Shell:
    """Runs `footnote` with a data folder."""

    def __init__(self, folder):
        self.folder = folder
        self.data = folder / "data"

    def run(self, *arguments, data=True, **environment):
        command = [COMMAND, *map(str, arguments), *(["--data", self.data] if data else [])]
        clean = {k: v for k, v in os.environ.items() if not k.startswith("FOOTNOTE_")}
        return subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.folder,
            env={**clean, **environment}, timeout=240,
        )  # fmt: skip

    def json(self, *arguments, **options):
        result = self.run(*arguments, "--json", **options)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    def here(self, *arguments, data=True):
        """Run a command in this process, which has loaded already what each process loads."""
        line = [*map(str, arguments), *(["--data", str(self.data)] if data else [])]
        with (
            contextlib.redirect_stdout(io.StringIO()) as output,
            contextlib.redirect_stderr(io.StringIO()) as errors,
            contextlib.chdir(self.folder),
        ):
            code = main(line)
        return subprocess.CompletedProcess(line, code, output.getvalue(), errors.getvalue())

    def json_here(self, *arguments, data=True):
        result = self.here(*arguments, "--json", data=data)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """Make a store with the handbook for human resources and a public note."""
    shell = Shell(tmp_path_factory.mktemp("cli"))
    books = shell.folder / "books"
    (books / "deep").mkdir(parents=True)
    (books / "deep" / "handbook.md").write_text(HANDBOOK)
    (books / ".hidden.txt").write_text("Never read.")
    (shell.folder / "note.txt").write_text("The boat comes on Tuesdays at noon.")
    result = shell.run("ingest", books, "--allow", "group:hr/all", "--as", "user:ann")
    assert result.returncode == 0, result.stderr
    assert "1 of 1 documents are searchable" in result.stdout
    result = shell.here("ingest", "note.txt", "--allow", "tenant:all")
    assert result.returncode == 0, result.stderr
    return shell


@pytest.fixture(scope="module")
def handbook_text(shell):
    return shell.json_here("parse", "books/deep/handbook.md", data=False)["text"]


def test_search_finds_for_those_who_may_read_and_for_nobody_else(shell):
    results = shell.json("search", "when is the lamp lit", "--as", "group:hr/all")
    assert set(results) == {"passages", "snapshot"}
    assert results["passages"][0]["filename"] == "handbook.md"
    for asker in (["--as", "user:zed"], [], ["--as", "group:hr/other"]):
        hidden = shell.json_here("search", "when is the lamp lit", *asker)
        assert all(p["filename"] == "note.txt" for p in hidden["passages"])


def test_ask_prints_an_answer_whose_quotes_match_what_parse_prints(shell, handbook_text):
    asker = ("--as", "user:ann", "--as", "group:hr/all")
    answer = shell.json_here("ask", "When is the lamp lit?", *asker)
    assert answer["status"] == "answered"
    for citation in answer["citations"]:
        assert handbook_text[citation["start"] : citation["end"]] == citation["quote"]


def test_ask_prints_footnotes_for_people(shell):
    result = shell.run("ask", "When is the lamp lit?", "--as", "user:ann,group:hr/all")
    assert result.returncode == 0, result.stderr
    assert "thirty minutes before sunset" in result.stdout
    assert "[1]" in result.stdout
    assert "handbook.md" in result.stdout


def test_chunks_are_spans_of_the_text(shell, handbook_text):
    chunks = shell.json_here("chunk", "books/deep/handbook.md", data=False)["chunks"]
    assert chunks
    assert all(handbook_text[c["start"] : c["end"]] == c["text"] for c in chunks)


def test_some_files_that_fail_are_named_and_exit_with_3(shell):
    (shell.folder / "empty.txt").write_text("")
    (shell.folder / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    (shell.folder / "fine.txt").write_text("The bell is rung in fog.")
    files = ("empty.txt", "photo.png", "fine.txt")
    result = shell.here("ingest", *files, "--as", "user:eve", "--json")
    assert result.returncode == 3
    outcomes = {d["path"]: d for d in json.loads(result.stdout)["documents"]}
    assert outcomes["fine.txt"]["state"] == "succeeded"
    for name in ("empty.txt", "photo.png"):
        assert outcomes[name]["state"] == "failed"
        assert f"{name}: {outcomes[name]['reason']}" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("search", "lamp", "--as", "ann"),
        ("search", "lamp", "--as", "group:hr"),
        ("search", "lamp", "--as", ""),
        ("ingest", "note.txt", "--allow", "everybody"),
        ("ingest", "nowhere.txt"),
        ("search", "lamp", "--as", "user:ann", "--server", "http://127.0.0.1:1", "--key", "k"),
        ("search", "lamp", "--server", "http://127.0.0.1:1"),
        ("search", "", "--as", "user:ann"),
        ("search", "lamp", "--top-k", "0"),
        ("admin", "key", "create", "--user", "ann smith"),
    ],
)
def test_a_command_line_that_does_not_fit_exits_with_2_and_one_line(shell, arguments):
    result = shell.here(*arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("footnote: ")
    assert "Traceback" not in result.stderr


def test_a_command_line_that_does_not_fit_ends_the_process_with_2(shell):
    result = shell.run("search", "lamp", "--as", "ann")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("footnote: ")
    assert "Traceback" not in result.stderr


def test_a_service_that_is_not_there_is_a_failure_with_one_line(shell):
    result = shell.here("search", "lamp", "--server", "http://127.0.0.1:1", "--key", "k")
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)


def test_a_setting_that_does_not_fit_is_named(shell):
    result = shell.run("search", "lamp", FOOTNOTE_PORT="many")
    assert result.returncode == 2
    assert "FOOTNOTE_PORT" in result.stderr


def test_help_comes_without_loading_anything_heavy(shell):
    code = "import sys, api.cli; api.cli.main(['--help']); print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {"torch", "sqlalchemy", "pydantic", "fastapi", "numpy", "httpx", "unstructured", "rich"}
    assert not heavy & set(result.stdout.split())


def test_a_search_loads_only_what_a_search_needs(shell):
    code = "import sys, api.cli; api.cli.main(sys.argv[1:]); print('MODULES', *sys.modules)"
    command = [sys.executable, "-c", code, "search", "lamp", "--data", shell.data, "--json"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    modules = set(result.stdout.split("MODULES", 1)[1].split())
    heavy = {
        "sentence_transformers",
        "transformers",
        "unstructured",
        "faiss",
        "alembic",
        "fastapi",
        "httpx",
    }
    assert not heavy & modules


def test_commands_that_ask_the_database_alone_load_no_embedding_model(shell):
    commands = (
        "jobs list", "admin queue show", "admin queue failed", "admin queue requeue",
        "admin key list", "admin group list", "admin access DOCUMENT user:ann", "admin usage",
        "admin quarantine list", "admin model list", "admin trash list", "review list",
        "documents findings DOCUMENT --as user:ann", "jobs show JOB --as user:ann",
    )  # fmt: skip
    job = shell.json_here("jobs", "list", "--as", "user:ann")["jobs"][0]
    names = {"DOCUMENT": job["document_id"], "JOB": job["job_id"]}
    lines = [[names.get(word, word) for word in command.split()] for command in commands]
    code = (
        "import json, sys, api.cli\n"
        "for line in json.loads(sys.argv[1]):\n"
        "    assert api.cli.main([*line, '--data', sys.argv[2]]) == 0, line\n"
        "    loaded = {'onnxruntime', 'tokenizers', 'torch'} & set(sys.modules)\n"
        "    assert not loaded, (line, loaded)\n"
    )
    command = [sys.executable, "-c", code, json.dumps(lines), str(shell.data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_registered_group_counts_at_the_command_line(shell):
    result = shell.here("admin", "group", "add", "hr/all", "user:gus")
    assert result.returncode == 0, result.stderr
    results = shell.json_here("search", "when is the lamp lit", "--as", "user:gus")
    assert results["passages"][0]["filename"] == "handbook.md"
    shell.here("admin", "group", "remove", "hr/all", "user:gus")
    results = shell.json_here("search", "when is the lamp lit", "--as", "user:gus")
    assert all(p["filename"] == "note.txt" for p in results["passages"])


def test_commands_speak_to_a_running_service(tmp_path):
    with running_service(tmp_path, FOOTNOTE_SCREEN_SECRET="quarantine") as service:
        shell = Shell(tmp_path)
        key = shell.json_here("admin", "key", "create", "--user", "root", "--role", "admin")
        admin = key["key"]
        remote_options = ["--server", service.url, "--key"]
        key_body = shell.json_here(
            "admin", "key", "create", "--user", "user:ann", "--group", "hr/all", *remote_options,
            admin,
            data=False,
        )  # fmt: skip
        ann = [*remote_options, key_body["key"]]
        (tmp_path / "handbook.md").write_text(HANDBOOK)
        ingest = ("ingest", "handbook.md", "--allow", "group:hr/all")
        outcome = shell.json_here(*ingest, *ann, data=False)
        assert outcome["documents"][0]["state"] == "succeeded"
        answer = shell.json("ask", "When is the lamp lit?", *ann, data=False)
        assert answer["status"] == "answered"
        results = shell.json_here("search", "lamp", *ann, data=False)
        assert results["passages"][0]["filename"] == "handbook.md"
        result = shell.here("search", "lamp", *remote_options, "fn_wrong", data=False)
        assert result.returncode == 1
        assert "401" in result.stderr
        _decide_about_a_version(shell, [*remote_options, admin])


def _decide_about_a_version(shell, admin):
    """Reject what is held at a service: not the version that it is not."""
    (shell.folder / "key.txt").write_text("The lamp key is AKIAQ3EGUMVN2PTKXD4Z.")
    assert shell.here("ingest", "key.txt", *admin, data=False).returncode == 3
    quarantined = shell.json_here("admin", "quarantine", "list", *admin, data=False)["items"][0]
    for verb in ("release", "reject"):
        decide = ("admin", "quarantine", verb, quarantined["document_id"], *admin, "--version")
        result = shell.here(*decide, "2", data=False)
        assert result.returncode == 1
        assert "Version 1 is the one in quarantine now" in result.stderr
    assert shell.here(*decide, "1", data=False).returncode == 0
    assert shell.json_here("admin", "quarantine", "list", *admin, data=False)["items"] == []
