"""A guard model is turned on by one command: it is asked first, and all rules stay."""

import json

import pytest
import yaml

from api.cli import main
from generate.errors import PolicyError
from generate.guardrails.guard_preset import unsafe_labels, with_rule
from generate.guardrails.policy import DEFAULT_FILE, default_policy, read_policy
from index.audit.query import list_acts
from index.db.database import Database
from tests.fakes.database import new_database
from tests.fakes.model_server import running_model_server
from tests.fakes.tiny_models import make_cross_encoder

RULE = {
    "name": "qwen3guard", "stages": ["before"], "action": "block",
    "model": {"format": "qwen3guard", "url": "http://guard/v1", "name": "guard"},
}  # fmt: skip


def qwen(prompt):
    return f"Safety: {'Unsafe' if 'bomb' in prompt else 'Safe'}\nCategories: None"


def llama(prompt):
    return "unsafe\nS9" if "bomb" in prompt else "safe"


@pytest.mark.parametrize(("preset", "speak"), [("qwen3guard", qwen), ("llama-guard", llama)])
def test_a_served_guard_is_asked_and_then_stands_in_the_policy_beside_all_rules(
    tmp_path, capsys, preset, speak
):
    file, data = tmp_path / "policy.yaml", tmp_path / "data"
    new_database(data)
    with running_model_server(speak=speak) as server:
        command = ["policy", "guard", preset, "--url", f"{server.url}/v1", "--name", "guard"]
        at = ["--file", str(file), "--data", str(data), "--reason", "ticket 7", "--json"]
        assert main([*command, *at]) == 0
        assert len(server.requests) == 2
    policy = read_policy(file)
    assert json.loads(capsys.readouterr().out)["version"] == policy.name
    assert policy.rules[:-1] == default_policy().rules
    guard = policy.rules[-1]
    assert (guard.name, guard.stages, guard.action) == (preset, ("before", "after"), "block")
    assert (guard.model.url, guard.model.failure) == (f"{server.url}/v1", "hold")
    database = Database.in_folder(data)
    [row] = list_acts(database, "default")
    database.engine.dispose()
    assert (row.act, row.object, row.reason) == ("policy-guard", policy.name, "ticket 7")


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [
        ("Safety: Safe\nCategories: None", "calls an attack safe"),
        ("Safety: Unsafe\nCategories: None", "harmless question unsafe"),
        ("I am a helpful assistant.", "no verdict"),
    ],
)
def test_a_guard_that_does_not_judge_changes_nothing(tmp_path, capsys, reply, complaint):
    file = tmp_path / "policy.yaml"
    file.write_text("version: mine\nrules: []\n")
    with running_model_server(script=reply) as server:
        command = ["policy", "guard", "qwen3guard", "--url", server.url, "--file", str(file)]
        assert main([*command, "--data", str(tmp_path)]) == 1
    assert complaint in capsys.readouterr().err
    assert file.read_text() == "version: mine\nrules: []\n"
    assert [path.name for path in tmp_path.iterdir()] == ["policy.yaml"]


def test_what_a_preset_needs_is_said(tmp_path, capsys):
    at = ["--file", str(tmp_path / "policy.yaml"), "--data", str(tmp_path)]
    assert main(["policy", "guard", "qwen3guard", *at]) == 2
    assert "--url URL" in capsys.readouterr().err
    assert main(["policy", "guard", "prompt-guard", *at]) == 2
    assert "--folder DIR" in capsys.readouterr().err
    assert main(["policy", "guard", "prompt-guard", "--folder", str(tmp_path), *at]) == 1
    assert "holds no model" in capsys.readouterr().err


def test_a_classifiers_unsafe_label_is_read_from_its_folder(tmp_path):
    def labelled(*labels):
        names = dict(enumerate(labels))
        (tmp_path / "config.json").write_text(json.dumps({"id2label": names}))
        return unsafe_labels(tmp_path)

    assert labelled("BENIGN", "MALICIOUS") == {"MALICIOUS": 0.9}
    assert labelled("LABEL_0", "LABEL_1") == {"LABEL_1": 0.9}
    with pytest.raises(PolicyError, match="it has cat, dog"):
        labelled("cat", "dog")


def test_a_classifier_that_cannot_tell_an_attack_from_a_question_is_refused(tmp_path, capsys):
    folder = make_cross_encoder(tmp_path / "model", labels=2)
    command = ["policy", "guard", "prompt-guard", "--folder", str(folder)]
    file = tmp_path / "policy.yaml"
    assert main([*command, "--file", str(file), "--data", str(tmp_path)]) == 1
    assert "The guard calls" in capsys.readouterr().err
    assert not file.exists()


def test_a_rule_is_appended_with_the_comments_kept_and_replaced_where_it_is_there():
    first = with_rule(DEFAULT_FILE.read_text(), RULE)
    assert first.startswith("# What holds where no other policy is set.")
    other = {**RULE, "model": {**RULE["model"], "url": "http://other/v1"}}
    rules = yaml.safe_load(with_rule(first, other))["rules"]
    assert [rule for rule in rules if rule["name"] == "qwen3guard"] == [other]
    assert len(rules) == len(default_policy().rules) + 1
