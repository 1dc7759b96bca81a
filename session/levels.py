"""One load level: from one change of the load to the next."""

from __future__ import annotations

from collections import Counter

from regime.verdict import Verdict
from session.devices import MeanReading
from session.events import GpuReading, GpuSample, Level, Metrics, Request, Tick
from session.servers import ServerFold
from session.view import Goodput, Rates
from session.window import LatencyFold

SETTLE_S = 1.5
"""Readings that average over a stretch before the level began are left out: GPM and /metrics look back 1 s."""
MIN_S = 1.0
"""A level shorter than this, with nothing finished, was passed through on the way to another."""


class LevelFold:
    """Accumulates what belongs to one level.

    Requests belong to the level in which they started. Their latencies count only where they ended in it
    too: a request that saw two loads speaks for neither. Rates count what arrived while it lasted.
    """

    def __init__(self, number: int, load: Level, start_s: float, prompt_tokens: int, output_len: int) -> None:
        self.number = number
        self.load = load
        """What was asked for; the level begins later than this where lengths were changed under it."""
        self.start_s = start_s
        self.end_s: float | None = None
        self.prompt_tokens = prompt_tokens
        self.output_len = output_len
        self.latency = LatencyFold()
        self.requests = 0
        self.errors: Counter[str] = Counter()
        self.output_tokens = 0
        self.server = ServerFold()
        self.client_limited = 0
        self.ticks = 0
        self.verdict: Verdict | None = None
        self._arrived = 0
        self._arrived_prompt = 0
        self._ended_inside = 0
        self._good = 0
        self._good_inside = 0
        self._in_flight_s = 0.0
        self._gpus: dict[int, MeanReading] = {}
        self._gpus_from_s: float | None = None
        self.gpu_span_s = 0.0
        """Seconds from the first to the last reading of the GPUs."""

    def duration_s(self, now_s: float) -> float:
        """Return how long the level lasted, or has lasted."""
        return max(0.0, (self.end_s if self.end_s is not None else now_s) - self.start_s)

    def tick(self, tick: Tick, *, limited: bool) -> None:
        """Add what a worker saw while the level lasted."""
        self.ticks += 1
        self.client_limited += limited
        self._arrived += tick.output_tokens
        self._arrived_prompt += tick.prompt_tokens
        self._in_flight_s += tick.in_flight * tick.dt_s
        self.latency.itl.add_buckets(tick.itl)

    def request(self, request: Request, *, good: bool = False) -> None:
        """Add a request that started in this level; ``good`` where it met the user's bounds."""
        self.output_tokens += request.output_tokens
        if request.error is not None:
            self.errors[request.error] += 1
            return
        self.requests += 1
        inside = self.end_s is None or request.t_s <= self.end_s
        self._ended_inside += inside
        self._good += good
        self._good_inside += good and inside
        first_s = request.start_s + request.ttft_s if request.ttft_s is not None else None
        if request.ttft_s is not None and first_s is not None and (self.end_s is None or first_s <= self.end_s):
            self.latency.ttft.add(request.ttft_s)
        if inside:
            self.latency.add_ended(request)

    def metrics(self, sample: Metrics) -> None:
        """Add a reading of the server's counters."""
        if sample.t_s >= self.start_s + SETTLE_S:
            self.server.add(sample)

    def gpus(self, sample: GpuSample) -> None:
        """Add a reading of the GPUs."""
        if sample.t_s >= self.start_s + SETTLE_S:
            if self._gpus_from_s is None:
                self._gpus_from_s = sample.t_s
            self.gpu_span_s = sample.t_s - self._gpus_from_s
            for reading in sample.gpus:
                self._gpus.setdefault(reading.index, MeanReading()).add(reading)

    def mean_gpus(self) -> dict[int, GpuReading]:
        """Return the mean reading of each GPU."""
        return {index: mean.mean(index) for index, mean in sorted(self._gpus.items())}

    def rates(self, now_s: float) -> Rates:
        """Return throughput over the whole level."""
        span_s = self.duration_s(now_s)
        if span_s <= 0 or self.ticks == 0:
            return Rates()
        arrived = self._arrived
        return Rates(arrived / span_s, (arrived + self._arrived_prompt) / span_s, self._ended_inside / span_s)

    def goodput(self, now_s: float) -> Goodput:
        """Return the share of good requests among those that finished, wherever, and their rate while it lasted."""
        span_s = self.duration_s(now_s)
        known = span_s > 0 and self.ticks > 0
        return Goodput(self._good / self.requests if self.requests else None,
                       self._good_inside / span_s if known else None)  # fmt: skip

    def in_flight(self, now_s: float) -> int:
        """Return what was asked for, or in an open loop the mean of what was there."""
        if self.load.mode != "open":
            return self.load.concurrency
        span_s = self.duration_s(now_s)
        return round(self._in_flight_s / span_s) if span_s > 0 else 0

    def says_something(self, now_s: float) -> bool:
        """Whether the level held load for long enough to be shown."""
        loaded = self.load.concurrency > 0 or (self.load.rate or 0.0) > 0
        return loaded and (self.duration_s(now_s) >= MIN_S or self._ended_inside > 0)

    @property
    def limited_by_client(self) -> bool:
        """Whether the load generator was late for more than a fifth of the level."""
        return self.client_limited * 5 > self.ticks
