from __future__ import annotations

import asyncio
import time
from statistics import median

from sim.clock import precise_loop


def test_short_waits_are_not_rounded_up_to_milliseconds() -> None:
    async def late() -> list[float]:
        lateness = []
        for _ in range(40):
            due = time.perf_counter() + 0.0021
            await asyncio.sleep(0.0021)
            lateness.append(time.perf_counter() - due)
        return lateness

    with asyncio.Runner(loop_factory=precise_loop) as runner:
        lateness = runner.run(late())
    assert min(lateness) >= -1e-4
    assert median(lateness) < 0.7e-3  # epoll alone: 0.9 ms and more
