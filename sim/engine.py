"""The engine task: plans steps, waits until each one's time is up, hands out tokens, counts."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Hashable

from sim.activity import Activity
from sim.config import SimConfig
from sim.front_end import FrontEnd, delay_s
from sim.power import Governor
from sim.scheduler import Outcome, Plan, Scheduler, Sequence
from sim.stats import Finished, ServerStats
from sim.steps import step

_MAX_LAG_S = 0.05
"""A loop later than this no longer catches up: simulated time stretches instead of sending bursts."""
_CACHED_PROMPTS = 50_000


class Engine:
    """One simulated engine. Everything runs on the event loop that calls :meth:`run`."""

    def __init__(self, config: SimConfig) -> None:
        self.config = config
        self.scheduler = Scheduler(config)
        self.stats = ServerStats(config.model_len)
        self._loop = asyncio.get_running_loop()
        self.activity = Activity(config, self._loop.time())
        self._work = asyncio.Event()
        self._governor = Governor(config)
        self._front_end: FrontEnd[Sequence] = FrontEnd()
        self._front_end_timer: asyncio.TimerHandle | None = None
        self._arriving: dict[Sequence, asyncio.TimerHandle] = {}
        self._prompts: OrderedDict[Hashable, None] = OrderedDict()
        self._last_emit = 0.0
        self._worked_s = 0.0

    def now(self) -> float:
        """The engine's clock, seconds."""
        return self._loop.time()

    def submit(self, sequence: Sequence, prompt: Hashable) -> None:
        """Take a request in; it reaches the scheduler after what the front end costs.

        ``prompt`` identifies the prompt: only a whole prompt seen before counts as cached, in blocks of 16.
        """
        sequence.arrived = self.now()
        if prompt in self._prompts:
            sequence.cached = (sequence.prompt_tokens - 1) // 16 * 16
        self._remember(prompt)
        self._front_end.add(sequence, sequence.arrived)
        if self._front_end_timer is None:
            self._wait_for_front_end()

    def abort(self, sequence: Sequence) -> None:
        """The client is gone: free the slot now, and count it."""
        timer = self._arriving.pop(sequence, None)
        if timer is not None:
            timer.cancel()
        elif not self._front_end.discard(sequence) and not self.scheduler.remove(sequence):
            return
        self._count_end(sequence, "abort", self.now())

    async def run(self) -> None:
        """Step for ever. The end of a step is the end of the previous one plus its length, not the wake-up."""
        clock = self.now()
        while True:
            plan = self.scheduler.plan(clock)
            if plan is None:
                self._work.clear()
                await self._work.wait()
                self._governor.rested(self.now() - clock)
                clock = self.now()
                continue
            clock = await self._step(plan, clock)

    async def _step(self, plan: Plan, start: float) -> float:
        work = (plan.batch, plan.prefill_tokens, plan.context_total, plan.prefill_context)
        cost = step(self.config, *work, clock=self._governor.clock())
        self._governor.ran(cost.seconds, cost.free_power_w)
        stall_s = self._stall_s(cost.seconds)
        self._governor.rested(stall_s)
        end = start + cost.seconds + stall_s
        await asyncio.sleep(max(0.0, end - self.now()))
        now = self.now()
        if now - end > _MAX_LAG_S:
            end = now
        self._deliver(self.scheduler.complete(plan, now), now)
        self.activity.record(start, end - stall_s, cost)
        return end

    def _stall_s(self, worked_s: float) -> float:
        """How long to stand still after a step, with ``freeze``; requests stay where they are."""
        if self.config.freeze is None:
            return 0.0
        every_s, pause_s = self.config.freeze
        self._worked_s += worked_s
        if self._worked_s < every_s:
            return 0.0
        self._worked_s = 0.0
        return pause_s

    def _deliver(self, outcome: Outcome, now: float) -> None:
        for sequence in outcome.advanced:
            if sequence.emit is not None:
                sequence.emit(sequence.produced)
        tokens = len(outcome.advanced)
        if not tokens:
            return  # a step in the middle of a prefill shows nowhere, in vLLM either
        self.stats.generation_tokens += tokens
        if tokens > len(outcome.first):
            self.stats.observe("inter_token_latency_seconds", now - self._last_emit, tokens - len(outcome.first))
        self._last_emit = now
        for sequence in outcome.first:
            self.stats.first_token(sequence.prompt_tokens, sequence.cached, now - sequence.arrived)
            tokens += sequence.prompt_tokens
        self.stats.observe("iteration_tokens_total", tokens)
        for sequence in outcome.done:
            self._count_end(sequence, sequence.ending, now)
            if sequence.finished is not None:
                sequence.finished()

    def _wait_for_front_end(self) -> None:
        leaves = self._front_end.leaves_at()
        self._front_end_timer = None if leaves is None else self._loop.call_at(leaves, self._leave_front_end)

    def _leave_front_end(self) -> None:
        """Pass on who is through; more may have arrived since the timer was set, which delays the others."""
        while (leaves := self._front_end.leaves_at()) is not None and leaves <= self.now():
            sequence = self._front_end.pop()
            ready = leaves + delay_s(sequence.prompt_tokens)
            self._arriving[sequence] = self._loop.call_at(ready, self._admit, sequence)
        self._wait_for_front_end()

    def _admit(self, sequence: Sequence) -> None:
        del self._arriving[sequence]
        self.stats.prefix_queries += sequence.prompt_tokens
        self.stats.prefix_hits += sequence.cached
        self.scheduler.add(sequence)
        self._work.set()

    def _remember(self, prompt: Hashable) -> None:
        self._prompts[prompt] = None
        self._prompts.move_to_end(prompt)
        if len(self._prompts) > _CACHED_PROMPTS:
            self._prompts.popitem(last=False)

    def _count_end(self, sequence: Sequence, reason: str, now: float) -> None:
        first, scheduled = sequence.first_token, sequence.scheduled
        self.stats.request(
            Finished(
                reason=reason,
                prompt_tokens=sequence.prompt_tokens,
                generated=sequence.produced,
                max_tokens=sequence.max_tokens,
                computed_prompt=sequence.prompt_tokens - sequence.cached,
                e2e_s=now - sequence.arrived,
                queue_s=None if scheduled is None else scheduled - sequence.arrived,
                prefill_s=None if first is None or scheduled is None else first - scheduled,
                decode_s=None if first is None else now - first,
            )
        )
