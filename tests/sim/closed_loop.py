"""A closed loop against the simulator's scheduler on a clock of its own: a load level in milliseconds of CPU."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from statistics import median

from sim import calibration as fit
from sim.config import SimConfig
from sim.scheduler import Scheduler, Sequence
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
    power_w: float
    clock_ratio: float


def closed_loop(
    config: SimConfig, concurrency: int, prompt: int, output: int, requests: int, cached_requests: int = 0
) -> Level:
    """Keep ``concurrency`` requests in flight; the first ``cached_requests`` prompts are in the prefix cache."""
    scheduler = Scheduler(config)
    front_end = fit.FRONT_END_S + prompt * fit.FRONT_END_PER_TOKEN_S
    arrivals: list[tuple[float, int, Sequence]] = []
    issued, front_end_free = 0, 0.0
    finished: list[Sequence] = []
    ended: dict[int, float] = {}

    def issue(at: float) -> None:
        nonlocal issued, front_end_free
        cached = (prompt - 1) // 16 * 16 if issued < cached_requests else 0
        sequence = Sequence(prompt, output, arrived=at, cached=cached)
        front_end_free = max(at, front_end_free) + fit.FRONT_END_SERIAL_S
        heapq.heappush(arrivals, (front_end_free + front_end, issued, sequence))
        issued += 1

    now = 0.0
    busy: list[tuple[float, Step]] = []
    for _ in range(min(concurrency, requests)):
        issue(0.0)
    while len(finished) < requests:
        while arrivals and arrivals[0][0] <= now:
            scheduler.add(heapq.heappop(arrivals)[2])
        plan = scheduler.plan(now)
        if plan is None:
            now = arrivals[0][0]
            continue
        cost = step(config, plan.batch, plan.prefill_tokens, plan.context_total, plan.prefill_context)
        now += cost.seconds
        busy.append((cost.seconds, cost))
        for done in scheduler.complete(plan, now).done:
            finished.append(done)
            ended[id(done)] = now
            if issued < requests:
                issue(now)

    def mean(name: str, whole: float) -> float:
        return float(sum(s * getattr(cost, name) for s, cost in busy)) / whole

    tpots = [(ended[id(s)] - (s.first_token or 0)) / (output - 1) for s in finished] if output > 1 else []
    active = sum(s for s, _ in busy)
    return Level(
        output_tok_s=requests * output / now,
        ttft_s=median((s.first_token or 0) - s.arrived for s in finished),
        tpot_s=median(tpots) if tpots else None,
        dram=mean("dram", now),
        tensor=mean("tensor", now),
        graphics=mean("graphics", now),
        power_w=mean("power_w", active),
        clock_ratio=mean("clock_ratio", active),
    )
