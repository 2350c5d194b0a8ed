"""Where the policy comes from, and how a running service takes up a new one."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from generate.errors import PolicyError
from generate.guardrails.guard_models import Guard
from generate.guardrails.policy import Classifier, GuardModel, Policy, default_policy, read_policy
from generate.guardrails.rule_engine import RuleEngine

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""Between two looks at the file."""


@dataclass(frozen=True, slots=True)
class PolicyState:
    """Which policy holds, and what is wrong with the file if it is not the file's."""

    version: str
    source: str
    """The file, or ``built in``."""
    error: str | None


class PolicySource:
    """The policy of a file, or the one that is shipped; a file that changes is read anew.

    A file that became wrong changes nothing: the policy before it goes on, the log and ``state``
    say why.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        look_seconds: float = LOOK_SECONDS,
        make_guard: Callable[[GuardModel | Classifier], Guard] | None = None,
        on_change: Callable[[PolicyState], None] = lambda _state: None,
    ) -> None:
        """Read the file; ``on_change`` is told when another policy is in force, or none fits."""
        self._on_change = on_change
        self._make_guard = make_guard
        self._path = path
        self._look_seconds = look_seconds
        self._lock = threading.Lock()
        self._stamp = self._file_stamp()
        self._last_look = time.monotonic()
        self._error: str | None = None
        self._rules = RuleEngine(read_policy(path) if path else default_policy())
        self._guards = self._make_guards(self._rules.policy)

    @property
    def rules(self) -> RuleEngine:
        """The rules that hold now."""
        if self._path is not None and time.monotonic() - self._last_look >= self._look_seconds:
            self.reload(only_if_changed=True)
        return self._rules

    @property
    def in_force(self) -> tuple[RuleEngine, Mapping[str, Guard]]:
        """The rules that hold now, and the guard of each rule that has one, by its name."""
        _ = self.rules  # which looks at the file
        with self._lock:
            return self._rules, self._guards

    @property
    def state(self) -> PolicyState:
        """Return the policy that holds now, and the last error."""
        return self._state_of(self.rules)

    def reload(self, *, only_if_changed: bool = False) -> PolicyState:
        """Read the file now; a file that does not fit leaves everything as it was."""
        with self._lock:
            self._last_look = time.monotonic()
            stamp, before = self._file_stamp(), (self._rules, self._error)
            if self._path is not None and not (only_if_changed and stamp == self._stamp):
                self._stamp = stamp
                self._read(self._path)
            state = self._state_of(self._rules)
            was_changed = (self._rules, self._error) != before
        if was_changed:
            self._on_change(state)  # outside of the lock: it may take its time
        return state

    def _state_of(self, rules: RuleEngine) -> PolicyState:
        source = str(self._path) if self._path else "built in"
        return PolicyState(rules.policy.name, source, self._error)

    def _read(self, path: Path) -> None:
        try:
            policy = read_policy(path)
            is_other_policy = policy.name != self._rules.policy.name
            guards = self._make_guards(policy) if is_other_policy else self._guards
        except PolicyError as error:
            self._error = str(error)
            logger.error(  # noqa: TRY400 - the message says it all; a trace helps nobody
                "policy %s stays in force: %s", self._rules.policy.name, error
            )
            return
        self._error = None
        if is_other_policy:
            self._rules, self._guards = RuleEngine(policy), guards
            logger.warning("policy %s is in force", policy.name)

    def _make_guards(self, policy: Policy) -> dict[str, Guard]:
        make_guard = self._make_guard
        return (
            {r.name: make_guard(r.model) for r in policy.rules if r.model is not None}
            if make_guard
            else {}
        )

    def _file_stamp(self) -> tuple[int, int, int] | None:
        """Return what changes when the file does."""
        try:
            stat = self._path.stat() if self._path else None
        except OSError:
            return None
        return (stat.st_mtime_ns, stat.st_size, stat.st_ino) if stat else None
