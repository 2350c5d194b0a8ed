"""The scripted model server's engine: continuous batching, counted in steps, with no clock.

What vLLM does, without the computing: a sequence that finds a slot and room in the KV cache joins
the batch, its prompt is read at a bounded rate, then every step writes one token of each sequence.
Source: Kwon et al., Efficient Memory Management for LLM Serving with PagedAttention, SOSP 2023.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """The speed and size of the pretended engine; the defaults delay nobody."""

    slots: int = 256
    """Sequences in the batch at once."""
    prefill_tokens_per_s: float = 10_000_000.0
    """Prompt tokens read in a second, by all sequences together."""
    step_s: float = 0.001
    """Seconds of a step, however full the batch is."""
    kv_tokens: int = 10_000_000
    """Tokens that the cache holds. A sequence takes prompt and reply when it joins, so that
    nothing is ever preempted; a real engine takes blocks as it goes and may have to."""


@dataclass(eq=False, slots=True)
class Sequence:
    """One request on its way through the engine."""

    prompt_tokens: int
    reply_tokens: int
    deliver: Callable[["Sequence"], None] = lambda _: None
    """Called with the sequence when it has written its next token."""
    tokens_read: int = 0
    """Tokens of the prompt that have been read."""
    tokens_written: int = 0

    @property
    def kv_tokens(self) -> int:
        """Tokens that it takes in the cache."""
        return self.prompt_tokens + self.reply_tokens

    @property
    def done(self) -> bool:
        """Tell whether its reply is written."""
        return self.tokens_written >= self.reply_tokens


@dataclass(slots=True)
class Engine:
    """First come, first served. ``step`` is the only thing that takes time, and its caller's."""

    limits: EngineLimits = field(default_factory=EngineLimits)
    waiting: deque[Sequence] = field(default_factory=deque)
    running: list[Sequence] = field(default_factory=list)
    kv_taken: int = 0
    _owed: float = 0.0
    """Parts of a token of prompt that a step might have read and did not."""

    @property
    def busy(self) -> bool:
        """Tell whether a step would do anything."""
        return bool(self.waiting or self.running)

    def fits(self, sequence: Sequence) -> bool:
        """Tell whether it can ever be served."""
        return sequence.kv_tokens <= self.limits.kv_tokens

    def submit(self, sequence: Sequence) -> None:
        """Queue a sequence that fits."""
        self.waiting.append(sequence)

    def cancel(self, sequence: Sequence) -> None:
        """Take a sequence out, wherever it is; one that has ended is nowhere."""
        if sequence in self.running:
            self._release(sequence)
        elif sequence in self.waiting:
            self.waiting.remove(sequence)

    def step(self) -> list[Sequence]:
        """Let sequences join, read prompts, and write a token of each that is read; return those.

        Each of them is told by ``deliver``.
        """
        self._join()
        budget = self.limits.prefill_tokens_per_s * self.limits.step_s + self._owed
        wrote = []
        for sequence in self.running:
            part = min(int(budget), sequence.prompt_tokens - sequence.tokens_read)
            sequence.tokens_read += part
            budget -= part
            if sequence.tokens_read == sequence.prompt_tokens:
                sequence.tokens_written += 1
                wrote.append(sequence)
        self._owed = budget % 1
        for sequence in wrote:
            if sequence.done:
                self._release(sequence)
            sequence.deliver(sequence)
        return wrote

    def _join(self) -> None:
        while self.waiting and len(self.running) < self.limits.slots:
            if self.kv_taken + self.waiting[0].kv_tokens > self.limits.kv_tokens:
                return
            sequence = self.waiting.popleft()
            self.kv_taken += sequence.kv_tokens
            self.running.append(sequence)

    def _release(self, sequence: Sequence) -> None:
        self.running.remove(sequence)
        self.kv_taken -= sequence.kv_tokens
