"""Bounds of the server's scheduler that no metric tells, read from how it behaves while requests wait."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from session.events import EngineSample, Metrics

READINGS = 5
"""Readings in a row with a queue that must show one same ceiling."""
LEVEL = 0.03
"""Between steps, requests that end leave gaps below the ceiling: readings this near to it are at it."""
TOKENS_LEVEL = 0.05
LEAST_TOKENS = 512
"""No server budgets fewer tokens a step; below, a constant number of them is a coincidence of the load."""
KV_ROOM = 0.80
"""A fuller KV cache may be what holds sequences back."""


@dataclass(frozen=True, slots=True)
class _Queued:
    """A reading while requests waited for room and the KV cache had some."""

    running: float
    tokens_per_step: float | None
    """Since the reading before; ``None`` where prompts were not half of them."""


class Ceilings(msgspec.Struct, array_like=True):
    """Fed with readings of /metrics, all engines together."""

    max_num_seqs: int | None = None
    """The number of sequences that running never passed while others waited."""
    tokens_per_step: float | None = None
    _queued: list[_Queued] = []
    _last: Metrics | None = None

    def server_changed(self) -> None:
        """Forget a server that is gone."""
        self.max_num_seqs = self.tokens_per_step = None
        self._queued.clear()
        self._last = None

    def feed(self, sample: Metrics, offered: float | None) -> bool:
        """Take in a reading, with the requests that are offered where known; return whether a ceiling changed."""
        before = self.max_num_seqs, self.tokens_per_step
        self._refute(sample)
        queued = self._reading(sample)
        self._last = sample
        if queued is None:
            self._queued.clear()
        else:
            self._queued = [*self._queued[1 - READINGS :], queued]
            self._infer(offered)
        return before != (self.max_num_seqs, self.tokens_per_step)

    def _refute(self, sample: Metrics) -> None:
        running = _sum(e.running for e in sample.engines.values())
        if self.max_num_seqs is not None and running is not None and running > self.max_num_seqs:
            self.max_num_seqs = None

    def _infer(self, offered: float | None) -> None:
        if len(self._queued) < READINGS:
            return
        running = [reading.running for reading in self._queued]
        top = max(running)
        if top >= 1 and min(running) >= min(top * (1 - LEVEL), top - 1) and (offered is None or offered > top):
            self.max_num_seqs = max(round(top), self.max_num_seqs or 0)
        tokens = [r.tokens_per_step for r in self._queued if r.tokens_per_step is not None]
        if len(tokens) == READINGS and max(tokens) >= LEAST_TOKENS and min(tokens) >= max(tokens) * (1 - TOKENS_LEVEL):
            self.tokens_per_step = max(tokens)

    def _reading(self, sample: Metrics) -> _Queued | None:
        engines = sample.engines.values()
        running = _sum(e.running for e in engines)
        waiting = _sum(_waiting(e) for e in engines)
        full = max((e.kv_usage for e in engines if e.kv_usage is not None), default=0.0) >= KV_ROOM
        if running is None or waiting is None or waiting < 1 or full or self._rise(sample, "preemptions"):
            return None
        return _Queued(running, self._tokens_per_step(sample))

    def _tokens_per_step(self, sample: Metrics) -> float | None:
        steps, prompts = self._rise(sample, "steps"), self._rise(sample, "prompt_computed")
        generated = self._rise(sample, "generation_tokens")
        if not steps or prompts is None or generated is None or prompts < generated:
            return None
        return (prompts + generated) / steps

    def _rise(self, sample: Metrics, name: str) -> float | None:
        if self._last is None:
            return None
        after = _sum(getattr(e, name) for e in sample.engines.values())
        before = _sum(getattr(e, name) for e in self._last.engines.values())
        return after - before if after is not None and before is not None and after >= before else None


def _waiting(engine: EngineSample) -> float | None:
    """Requests that wait for room."""
    if engine.waiting_capacity is not None or engine.waiting is None:
        return engine.waiting_capacity
    return max(0.0, engine.waiting - (engine.waiting_deferred or 0.0))


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
