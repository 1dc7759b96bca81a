"""A closed loop against the simulator's scheduler on a clock of its own: a load level in milliseconds of CPU."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, replace
from statistics import median

from sim.config import SimConfig
from sim.front_end import FrontEnd, delay_s
from sim.power import Governor, idle_power_w
from sim.scheduler import Plan, Scheduler, Sequence
from sim.steps import Step, step


@dataclass(frozen=True)
class Level:
    """What one load level measured, like a row of the CSVs; shares are over the wall time of the level."""

    output_tok_s: float
    ttft_s: float
    tpot_s: float | None
    dram: float
    tensor: float
    graphics: float
    link_bytes_s: float
    power_w: float
    clock_ratio: float


SETTLE_S = 1.5
"""GPU figures of a timed level leave out its beginning, as rooftop's own do."""


@dataclass(frozen=True)
class _Ran:
    """One step: when it began, what it cost, how many tokens came out of it."""

    start: float
    cost: Step
    tokens: int


class ClosedLoop:
    """So many requests in flight; ``cached`` is the share of prompts, spread evenly, that the prefix cache holds."""

    def __init__(self, config: SimConfig, prompt: int, output: int, cached: float = 0.0) -> None:
        self.config, self.prompt, self.output, self.cached = config, prompt, output, cached
        self.scheduler = Scheduler(config)
        self.front_end: FrontEnd[Sequence] = FrontEnd()
        self.governor = Governor(config)
        self.ready: list[tuple[float, int, Sequence]] = []
        self.now = 0.0
        self.issued: list[Sequence] = []
        self.ended: list[tuple[Sequence, float]] = []
        self.ran: list[_Ran] = []

    def requests(self, concurrency: int, count: int) -> Level:
        """Keep ``concurrency`` in flight until ``count`` have ended: everything that happened is the level."""
        while len(self.ended) < count:
            self._top_up(min(concurrency, count - len(self.ended)))
            self._next()
        return self._level(self.issued, self.ran, self.now)

    def hold(self, concurrency: int, seconds: float) -> Level:
        """Keep ``concurrency`` in flight for a time; what started before counts for the tokens alone."""
        start, first = self.now, len(self.issued)
        while self.now < start + seconds:
            self._top_up(concurrency)
            self._next()
        ran = [step for step in self.ran if step.start >= start + SETTLE_S]
        level = self._level(self.issued[first:], ran, self.now - start - SETTLE_S)
        tokens = sum(step.tokens for step in self.ran if step.start >= start)
        return replace(level, output_tok_s=tokens / (self.now - start))

    def _top_up(self, concurrency: int) -> None:
        while len(self.issued) - len(self.ended) < concurrency:
            count = len(self.issued)
            seen = math.floor((count + 1) * self.cached) > math.floor(count * self.cached)
            held = (self.prompt - 1) // 16 * 16 if seen else 0
            self.issued.append(Sequence(self.prompt, self.output, arrived=self.now, cached=held))
            self.front_end.add(self.issued[-1], self.now)

    def _next(self) -> None:
        self._arrive()
        plan = self.scheduler.plan(self.now)
        if plan is None:
            self._rest()
        else:
            self._step(plan)

    def _arrive(self) -> None:
        while (leaves := self.front_end.leaves_at()) is not None and leaves <= self.now:
            sequence = self.front_end.pop()
            heapq.heappush(self.ready, (leaves + delay_s(self.prompt), id(sequence), sequence))
        while self.ready and self.ready[0][0] <= self.now:
            self.scheduler.add(heapq.heappop(self.ready)[2])

    def _rest(self) -> None:
        until = self.ready[0][0] if self.ready else self.front_end.leaves_at()
        assert until is not None, "nothing to do, and nothing will come"
        self.governor.rested(until - self.now)
        self.now = until

    def _step(self, plan: Plan) -> None:
        work = (plan.batch, plan.prefill_tokens, plan.context_total, plan.prefill_context)
        cost = step(self.config, *work, clock=self.governor.clock())
        self.governor.ran(cost.seconds, cost.free_power_w)
        start, self.now = self.now, self.now + cost.seconds
        outcome = self.scheduler.complete(plan, self.now)
        self.ran.append(_Ran(start, cost, len(outcome.advanced)))
        self.ended += [(done, self.now) for done in outcome.done]

    def _level(self, started: list[Sequence], ran: list[_Ran], wall_s: float) -> Level:
        active = sum(step.cost.seconds for step in ran)

        def mean(name: str, whole: float) -> float:
            return float(sum(step.cost.seconds * getattr(step.cost, name) for step in ran)) / whole

        mine = set(started)
        gaps = [
            (end - s.first_token) / (self.output - 1)
            for s, end in self.ended
            if s in mine and s.first_token is not None and self.output > 1
        ]
        return Level(
            output_tok_s=sum(step.tokens for step in ran) / wall_s,
            ttft_s=median(s.first_token - s.arrived for s in started if s.first_token is not None),
            tpot_s=median(gaps) if gaps else None,
            dram=mean("dram", wall_s),
            tensor=mean("tensor", wall_s),
            graphics=mean("graphics", wall_s),
            link_bytes_s=mean("link_bytes_s", wall_s),
            power_w=mean("power_w", wall_s) + idle_power_w(self.config) * max(0.0, 1 - active / wall_s),
            clock_ratio=mean("clock_ratio", active),
        )


def closed_loop(
    config: SimConfig, concurrency: int, prompt: int, output: int, requests: int, cached: float = 0.0
) -> Level:
    """One load level that lasts until ``requests`` have ended."""
    return ClosedLoop(config, prompt, output, cached).requests(concurrency, requests)
