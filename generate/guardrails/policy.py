"""The policy: which rules hold at which stage, and what they do. One YAML file, checked when read.

A pattern is RE2's syntax (https://github.com/google/re2/wiki/Syntax): matching takes time linear
in the text, whatever the pattern.
"""

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

import re2
import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from generate.errors import PolicyError
from index.detectors import RULES

Stage = Literal["before", "evidence", "after"]
Action = Literal["allow", "redact", "review", "block"]
"""From mild to strict; the strictest that applies to a text is what happens to it."""
Detector = Literal["hidden", "injection", "personal", "secret"]

STAGES: tuple[Stage, ...] = ("before", "evidence", "after")
DETECTORS = 6
"""Raise it when rules or guards find other things in the same text: it is a part of the version."""
DEFAULT_FILE = Path(__file__).parent / "default.yaml"
"""The policy that is shipped."""
_LARGEST = 1_000_000
_FORMATS = frozenset(("qwen3guard", "llama-guard", "classifier"))
_PATTERN_MEMORY = 1 << 22

Word = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]

Likelihood = Annotated[float, Field(ge=0, le=1)]


def _pairs(value: object) -> object:
    return tuple(value.items()) if isinstance(value, dict) else value


class GuardModel(BaseModel):
    """A guard model on an OpenAI-compatible server, and what its levels do besides ``unsafe``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["qwen3guard", "llama-guard"]
    url: str = Field(pattern=r"^https?://")
    name: str = Field(min_length=1, max_length=200)
    """The name under which the server knows the model; each model needs a name of its own."""
    timeout_s: float = Field(5.0, gt=0, le=60)
    controversial: Literal["allow", "review", "block"] = "review"
    """Qwen3Guard's middle level; Llama Guard has none."""
    failure: Literal["hold", "block"] = "block"
    """The action without a verdict: the guard is down, late or off its format."""

    @property
    def identity(self) -> str:
        """Return the text that tells this guard from others."""
        return self.name


class Classifier(BaseModel):
    """A text classifier that transformers loads from a folder of this machine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["classifier"]
    path: Path
    unsafe: Annotated[tuple[tuple[str, Likelihood], ...], BeforeValidator(_pairs)] = Field(
        min_length=1
    )
    """Labels, each with the least likelihood that makes a text unsafe; a mapping in the file."""
    failure: Literal["hold", "block"] = "block"
    controversial: Literal["allow"] = "allow"
    """There is no middle level."""

    @property
    def name(self) -> str:
        """Return the guard's name."""
        return self.path.name

    @property
    def identity(self) -> str:
        """The name and a digest of the files: other weights in the same folder are another one."""
        return f"{self.name}+{_folder_digest(self.path)}"


class PolicyRule(BaseModel):
    """One thing that is looked for, and what happens where it is found."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    stages: tuple[Stage, ...] = STAGES
    detect: Detector | None = None
    """A built-in detector; or give ``words`` or ``pattern``."""
    only: tuple[str, ...] = ()
    """Of the detector's rules these alone; none means all of them."""
    words: tuple[Word, ...] = Field((), max_length=10_000)
    pattern: str | None = Field(None, min_length=1, max_length=2_000)
    model: Annotated[GuardModel | Classifier, Field(discriminator="format")] | None = None
    """Asked about each whole question or sentence; ``action`` is what ``unsafe`` does."""
    action: Action
    """``allow`` exempts what it matches from the rules after it."""
    message: str | None = Field(None, max_length=500)
    """The message to the asker where the rule stops a question or an answer."""

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        if value is not None:
            compile_pattern(value)
        return value

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = (self.detect, self.words or None, self.pattern, self.model)
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError("give exactly one of detect, words, pattern and model")
        if self.model and self.action not in {"review", "block"}:
            raise ValueError("a guard model judges a text as a whole: review or block")
        if self.model and "evidence" in self.stages:
            raise ValueError("a guard model has the stages before and after; name them")
        if self.only and self.detect is None:
            raise ValueError("`only` goes with `detect`")
        if not self.stages:
            raise ValueError("name a stage")
        if self.detect and (unknown := set(self.only) - set(RULES[self.detect])):
            rule_names = ", ".join(RULES[self.detect])
            raise ValueError(f"{self.detect} has no rule {min(unknown)!r}; it has {rule_names}")
        return self


class Policy(BaseModel):
    """All rules. Their order matters to ``allow`` alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[\w.-]+$")]
    """The author's name for it; ``name`` adds a digest of its content."""
    rules: tuple[PolicyRule, ...] = Field((), max_length=500)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [rule.name for rule in self.rules]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two rules are called {min(twice)!r}")
        return self

    @cached_property
    def name(self) -> str:
        """The declared version and a hash of the rules, the detectors' number and the guards.

        Equal names stand for equal policies, the same code that finds and the same guards.
        """
        guards = [rule.model.identity for rule in self.rules if rule.model]
        content = "\n".join((str(DETECTORS), *guards, self.model_dump_json()))
        return f"{self.version}+{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def _folder_digest(folder: Path) -> str:
    """Return a hash of all files of a folder; of one that is not there, that of nothing.

    Raises:
        PolicyError: a file cannot be read.

    """
    whole_digest = hashlib.sha256()
    try:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            with file.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
            whole_digest.update(f"{file.relative_to(folder)} {digest}\n".encode())
    except OSError as error:
        raise PolicyError(f"The classifier in {folder} cannot be read: {error}") from error
    return whole_digest.hexdigest()[:12]


def compile_pattern(pattern: str) -> "re2._Regexp":
    """Compile a pattern of the policy, without regard to case.

    Raises:
        ValueError: it is not RE2's syntax, it would take too much memory, or it matches nothing.

    """
    options = re2.Options()
    options.log_errors, options.case_sensitive = False, False
    options.max_mem = _PATTERN_MEMORY
    try:
        compiled = re2.compile(pattern, options=options)
    except re2.error as error:
        detail = error.args[0]
        reason = detail.decode(errors="replace") if isinstance(detail, bytes) else str(detail)
        raise ValueError(f"not a pattern that RE2 takes: {reason}") from error
    if compiled.search("") is not None:
        raise ValueError("the pattern matches nothing at all, so it would match everywhere")
    return compiled


def read_policy(path: Path) -> Policy:
    """Read a policy.

    Raises:
        PolicyError: the file cannot be read, is not YAML, or does not fit; it says where.

    """
    try:
        if path.stat().st_size > _LARGEST:
            raise PolicyError(f"{path} is larger than {_LARGEST:,} bytes.")
        fields = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise PolicyError(f"{path} cannot be read: {error}") from error
    if not isinstance(fields, dict):
        raise PolicyError(f"{path} does not fit. A policy is a mapping with version and rules.")
    try:
        return Policy.model_validate(fields)
    except ValidationError as error:
        raise PolicyError(f"{path} does not fit. {_describe_errors(error, fields)}") from error


def default_policy() -> Policy:
    """Return the policy that is shipped."""
    return read_policy(DEFAULT_FILE)


def _describe_errors(error: ValidationError, fields: dict[str, object]) -> str:
    """Say where each mistake is, by the rule's name where it has one."""
    return "; ".join(
        f"{_place(item['loc'], fields)}: {item['msg'].removeprefix('Value error, ')}"
        for item in error.errors(include_input=False, include_url=False)
    )


def _place(location: tuple[int | str, ...], fields: dict[str, object]) -> str:
    path = [str(step) for step in location if step not in _FORMATS]
    rules = fields.get("rules")
    if len(location) > 1 and isinstance(location[1], int) and isinstance(rules, list):
        rule = rules[location[1]]
        rule_name = rule.get("name") if isinstance(rule, dict) else None
        path[1] = f"{location[1] + 1}" + (f" ({rule_name})" if rule_name else "")
    return ".".join(path) or "policy"
