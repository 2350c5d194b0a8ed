"""The policy's file: what fits, what is said of what does not, and how a new one is taken up."""

import os
import re
import time

import pytest

from generate.errors import PolicyError
from generate.guardrails.policy import default_policy, read_policy
from generate.guardrails.policy_reload import PolicySource
from generate.guardrails.rule_engine import RuleEngine
from index.detectors import RULES

SOUND = """
version: "7"
rules:
  - name: keys
    detect: secret
    action: redact
"""


def written(path, text, *, at=None):
    path.write_text(text)
    if at is not None:
        os.utime(path, (at, at))
    return path


def test_the_policy_that_is_shipped_fits_and_uses_every_kind_of_stage():
    policy = default_policy()
    assert {stage for rule in policy.rules for stage in rule.stages} == {
        "before", "evidence", "after",
    }  # fmt: skip


def test_the_version_is_declared_and_bound_to_what_the_policy_says(tmp_path):
    one = read_policy(written(tmp_path / "a", SOUND))
    same = read_policy(written(tmp_path / "b", f"# other words\n{SOUND}"))
    other = read_policy(written(tmp_path / "c", SOUND.replace("redact", "block")))
    assert one.name == same.name != other.name
    assert one.name.startswith("7+")
    assert other.name.startswith("7+")


def guarded(model):
    rule = f"stages: [after]\n    model: {{{model}}}"
    return SOUND.replace("detect: secret", rule).replace("redact", "block")


def test_another_guard_model_is_another_version_of_the_same_shape(tmp_path):
    texts = [guarded(f"format: qwen3guard, url: 'http://h', name: {name}") for name in "ab"]
    one, other = (read_policy(written(tmp_path / "policy.yaml", text)).name for text in texts)
    assert one != other
    assert all(re.fullmatch(r"7\+[0-9a-f]{12}", name) for name in (one, other))


def test_other_weights_in_a_classifiers_folder_are_another_version(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    text = guarded(f"format: classifier, path: '{folder}', unsafe: {{BAD: 0.9}}")

    def version(weights):
        (folder / "model.safetensors").write_bytes(weights)
        return read_policy(written(tmp_path / "a", text)).name

    assert version(b"one") == version(b"one") != version(b"two")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rules: [", "cannot be read"),
        ("just words", "mapping"),
        ("rules: []", "version"),
        (SOUND.replace("redact", "explode"), r"rules\.1 \(keys\)\.action"),
        (SOUND.replace("secret", "secrets"), r"rules\.1 \(keys\)\.detect"),
        (SOUND + "  - name: keys\n    detect: hidden\n    action: block\n", "two rules.*'keys'"),
        (SOUND.replace("detect: secret", "pattern: '(a'"), "RE2 takes"),
        (SOUND.replace("detect: secret", r"pattern: '(a)\1'"), "RE2 takes"),
        (SOUND.replace("detect: secret", "pattern: 'a*'"), "match everywhere"),
        (SOUND.replace("detect: secret", "pattern: '(?:a{1000}){1000}'"), "RE2 takes"),
        (SOUND.replace("detect: secret", ""), "exactly one of"),
        (SOUND.replace("detect: secret", "detect: secret\n    words: [a]"), "exactly one of"),
        (SOUND.replace("detect: secret", "detect: personal\n    only: [name]"), "no rule 'name'"),
        (SOUND.replace("action", "stages: [during]\n    action"), r"stages\.0"),
        (SOUND.replace("action", "acton: x\n    action"), "acton"),
    ],
)
def test_a_policy_that_does_not_fit_is_refused_with_the_place_and_the_reason(
    tmp_path, text, expected
):
    with pytest.raises(PolicyError, match=expected):
        read_policy(written(tmp_path / "policy.yaml", text))


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path):
    with pytest.raises(PolicyError, match="cannot be read"):
        read_policy(tmp_path / "none")
    with pytest.raises(PolicyError, match="larger than"):
        read_policy(written(tmp_path / "policy.yaml", SOUND + "#" * 1_000_000))


def test_a_file_that_changes_is_taken_up_without_a_restart(tmp_path):
    path = written(tmp_path / "policy.yaml", SOUND, at=1_000)
    source = PolicySource(path, look_seconds=0)
    assert source.rules.rule("after", "sk-" + "a" * 30).action == "redact"
    written(path, SOUND.replace("redact", "block"), at=2_000)
    assert source.rules.rule("after", "sk-" + "a" * 30).action == "block"
    assert source.state.error is None


def test_a_broken_edit_keeps_the_policy_before_it_and_says_so(tmp_path):
    path = written(tmp_path / "policy.yaml", SOUND, at=1_000)
    source = PolicySource(path, look_seconds=0)
    before = source.state.version
    written(path, "rules: [", at=2_000)
    assert source.rules.policy.name == before
    assert "cannot be read" in source.state.error
    path.unlink()
    assert source.reload().version == before
    written(path, SOUND.replace('"7"', '"8"'), at=3_000)
    assert source.reload().version.startswith("8+")
    assert source.state.error is None


def test_a_first_policy_that_does_not_fit_is_an_error(tmp_path):
    with pytest.raises(PolicyError):
        PolicySource(written(tmp_path / "policy.yaml", "rules: ["))


def test_every_rule_of_every_detector_can_be_chosen_alone(tmp_path):
    for detector, names in RULES.items():
        for name in names:
            text = (
                f'version: "1"\nrules: [{{name: one, detect: {detector}, only: [{name}], '
                "action: block}]"
            )
            assert read_policy(written(tmp_path / "policy.yaml", text)).rules[0].only == (name,)


def test_no_pattern_takes_long_on_any_text(tmp_path):
    """RE2 matches in linear time; a backtracking engine needs longer than the universe is old."""
    text = SOUND.replace("detect: secret", "pattern: '(a+)+c'")
    rules = RuleEngine(read_policy(written(tmp_path / "policy.yaml", text)))
    began = time.process_time()
    assert rules.rule("after", "a" * 2_000 + "b").action == "allow"
    assert time.process_time() - began < 60
