"""The command line as it is typed: one plain line where it does not fit, help without colour."""

from importlib.metadata import version

import pytest

from api.cli import MODULES, command_tree, main


def output_of(capsys, *arguments):
    capsys.readouterr()
    code = main(arguments)
    output = capsys.readouterr()
    return code, output.out, output.err


def test_the_version_is_the_one_of_the_distribution(capsys):
    assert output_of(capsys, "--version") == (0, f"footnote {version('footnote')}\n", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Missing command. Try: footnote --help"),
        (("serch", "lamp"), "No such command 'serch'. Did you mean 'search'"),
        (("search",), "Missing argument 'QUERY'. Try: footnote search --help"),
        (("search", "lamp", "--top", "3"), "No such option: --top"),
        (("search", "lamp", "--top-k", "many"), "'--top-k': Input should be a valid integer"),
        (("--data", "folder", "search", "lamp"), "No such option: --data"),
        (("ask", "why", "--format", "pdf"), "'pdf' is not one of 'text', 'json', 'markdown'"),
        (("jobs", "list", "--state", "lost"), "'lost' is not one of 'queued', 'running'"),
        (("admin", "key", "create"), "Missing option '--user'. Try: footnote admin key create"),
        (("evaluate", "gate", "--rules", "r.yaml"), "Missing option '--baseline'."),
        (("evaluate", "retrieval", "nowhere"), "nowhere does not exist."),
    ],
)
def test_an_error_of_typing_is_one_plain_line_and_exits_with_2(capsys, arguments, words):
    code, out, err = output_of(capsys, *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("footnote: ")
    assert words in err
    assert err.isascii()


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("words", [(), ("admin",), ("admin", "key"), ("search",)])
def test_help_is_plain_text_without_colour_or_boxes(capsys, words, flag):
    code, out, err = output_of(capsys, *words, flag)
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: footnote {' '.join(words)}".rstrip())
    assert out.isascii()
    assert "\x1b" not in out


def test_each_command_is_in_the_module_that_the_table_names():
    commands = command_tree().commands
    assert [commands[name].name for name in MODULES] == list(MODULES)
