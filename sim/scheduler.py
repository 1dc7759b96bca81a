"""Continuous batching with chunked prefill, free of clocks and sockets: plan a step, then complete it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sim.config import SimConfig


@dataclass(slots=True, eq=False)
class Sequence:
    """One request inside the engine. Times are those of the engine's clock, seconds."""

    prompt_tokens: int
    max_tokens: int
    arrived: float = 0.0
    cached: int = 0
    """Prompt tokens that the prefix cache holds already."""
    emit: Callable[[int], None] | None = None
    """Called with the count of tokens so far, at each token."""
    finished: Callable[[], None] | None = None
    computed: int = 0
    """Tokens whose keys and values are in the cache."""
    target: int = 0
    """``computed`` must reach this before the next token comes; grows when preempted work is redone."""
    produced: int = 0
    scheduled: float | None = None
    first_token: float | None = None
    ending: str = "length"
    """The finished reason once ``max_tokens`` are out."""


@dataclass(slots=True)
class Plan:
    """What the next step does."""

    batch: int
    prefill_tokens: int
    context_total: int
    prefill_context: float
    chunks: list[tuple[Sequence, int]] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """What a completed step brought: sequences by what happened to them."""

    advanced: list[Sequence] = field(default_factory=list)
    """Every sequence that got a token."""
    first: list[Sequence] = field(default_factory=list)
    """Those of them for which it was the first."""
    done: list[Sequence] = field(default_factory=list)


class Scheduler:
    """The waiting and running queues of one engine."""

    def __init__(self, config: SimConfig) -> None:
        self.config = config
        self.arrived: list[Sequence] = []
        """Came while a step was running whose successor had been planned already."""
        self.waiting: deque[Sequence] = deque()
        self.prefilling: list[Sequence] = []
        self.decoding: list[Sequence] = []
        self.kv_used = 0
        self.preemptions = 0

    @property
    def running(self) -> int:
        """Sequences in the batch, those still in prefill included."""
        return len(self.prefilling) + len(self.decoding)

    @property
    def queued(self) -> int:
        """Sequences that no step has taken up yet."""
        return len(self.waiting) + len(self.arrived)

    def add(self, sequence: Sequence) -> None:
        """Queue a new sequence."""
        sequence.target = sequence.prompt_tokens
        self.arrived.append(sequence)

    def remove(self, sequence: Sequence) -> bool:
        """Take a sequence out, wherever it is; its slot and its KV are free at once. False if it was not there."""
        for queue in (self.decoding, self.prefilling, self.waiting, self.arrived):
            if sequence in queue:
                queue.remove(sequence)
                self.kv_used -= sequence.computed
                return True
        return False

    def plan(self, now: float) -> Plan | None:
        """Choose the next step: one token for each decoding sequence, then prompts up to the token budget.

        Scheduling is asynchronous, as in vLLM: a step is chosen when the one before it begins, so that a request
        that arrives meanwhile is in the step after the next.
        """
        self._make_room()
        if not self.running and not self.waiting:
            self._line_up()
        budget = self.config.max_num_batched_tokens - len(self.decoding)
        plan = Plan(len(self.decoding), 0, sum(s.computed for s in self.decoding), 0.0)
        seen = 0.0
        for sequence in self.prefilling:
            seen += self._chunk(plan, sequence, budget - plan.prefill_tokens)
        while self._may_admit(budget - plan.prefill_tokens):
            sequence = self.waiting.popleft()
            sequence.scheduled = now if sequence.scheduled is None else sequence.scheduled
            sequence.computed = min(sequence.cached, sequence.target - 1)
            self.kv_used += sequence.computed
            self.prefilling.append(sequence)
            seen += self._chunk(plan, sequence, budget - plan.prefill_tokens)
        if plan.prefill_tokens:
            plan.prefill_context = seen / plan.prefill_tokens
        self._line_up()
        return plan if plan.batch or plan.prefill_tokens else None

    def complete(self, plan: Plan, now: float) -> Outcome:
        """Apply a step that ended at ``now``; whoever was removed meanwhile gets nothing."""
        outcome = Outcome()
        self._decode(outcome)
        for sequence, tokens in plan.chunks:
            if sequence not in self.prefilling:
                continue
            sequence.computed += tokens
            self.kv_used += tokens
            if sequence.computed >= sequence.target:
                self.prefilling.remove(sequence)
                self._join(sequence, now, outcome)
        for sequence in outcome.done:
            self.kv_used -= sequence.computed
        return outcome

    def _line_up(self) -> None:
        self.waiting.extend(self.arrived)
        self.arrived.clear()

    def _decode(self, outcome: Outcome) -> None:
        staying: list[Sequence] = []
        for sequence in self.decoding:
            sequence.computed += 1
            sequence.produced += 1
            (staying if sequence.produced < sequence.max_tokens else outcome.done).append(sequence)
        self.kv_used += len(self.decoding)
        outcome.advanced = self.decoding
        self.decoding = staying

    def _join(self, sequence: Sequence, now: float, outcome: Outcome) -> None:
        sequence.produced += 1
        outcome.advanced.append(sequence)
        if sequence.first_token is None:
            sequence.first_token = now
            outcome.first.append(sequence)
        (self.decoding if sequence.produced < sequence.max_tokens else outcome.done).append(sequence)

    def _chunk(self, plan: Plan, sequence: Sequence, budget: int) -> float:
        """Give a prompt what the budget allows; returns the tokens of context that its tokens see, summed."""
        tokens = min(sequence.target - sequence.computed, budget)
        if tokens <= 0:
            return 0.0
        plan.chunks.append((sequence, tokens))
        plan.prefill_tokens += tokens
        return tokens * (sequence.computed + tokens / 2)

    def _may_admit(self, budget: int) -> bool:
        if not self.waiting or budget <= 0 or self.running >= self.config.max_num_seqs:
            return False
        promised = sum(s.target - s.computed for s in self.prefilling)
        return self.kv_used + promised + self.waiting[0].target <= self.config.kv_tokens

    def _make_room(self) -> None:
        """Preempt the youngest until one more token each fits; preempted work is recomputed, as vLLM does."""
        while self.decoding and self.kv_used + len(self.decoding) > self.config.kv_tokens:
            victim = self.decoding.pop()
            self.kv_used -= victim.computed
            victim.target, victim.computed, victim.cached = victim.prompt_tokens + victim.produced, 0, 0
            self.preemptions += 1
            self.waiting.appendleft(victim)
