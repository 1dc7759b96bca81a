"""One load level: from one change of the load to the next. What it says in figures is in ``level_figures.py``."""

from __future__ import annotations

import msgspec

from session.arrived import Arrived
from session.devices import MeanReading
from session.events import GpuReading, GpuSample, Level, Metrics, Request, Tick, Told
from session.parts import Counted
from session.servers import ServerFold
from session.view import Goodput, Latencies, Rates, Trust, amount_of
from session.warmup import WarmUp

SETTLE_S = 1.5
"""Readings that average over a stretch before the level began are left out: GPM and /metrics look back 1 s."""
MIN_S = 1.0
"""A level shorter than this, with nothing finished, was passed through on the way to another."""


class Figures(msgspec.Struct, array_like=True, frozen=True):
    """What a level says of the client's side: latencies, rates and how far to trust them."""

    latencies: Latencies
    rates: Rates
    whole: Rates
    goodput: Goodput
    trust: Trust | None
    in_flight: int
    """What was asked for, or in an open loop the mean of what was there."""


class LevelFold(msgspec.Struct, array_like=True):
    """Accumulates what belongs to one level.

    Requests belong to the level in which they started. Their latencies count only where they ended in it
    too: a request that saw two loads speaks for neither. Rates count what arrived while it lasted. Rates and
    latencies are those of the steady part, after the warm-up, where the level has reached one; counts are of all.
    """

    number: int
    load: Level
    """What was asked for; the level begins later than this where lengths were changed under it."""
    start_s: float
    prompt_tokens: int
    output_len: int
    arrivals_cv: float
    arrived: Arrived
    warmup: WarmUp
    end_s: float | None = None
    pending: int = 0
    """Requests in flight at the end of the level that have not ended yet."""
    requests: int = 0
    errors: dict[str, int] = {}
    output_tokens: int = 0
    server: ServerFold = msgspec.field(default_factory=ServerFold)
    client_limited: int = 0
    ticks: int = 0
    warm: Counted = msgspec.field(default_factory=Counted)
    steady: Counted = msgspec.field(default_factory=Counted)
    gpu_means: dict[int, MeanReading] = {}
    gpus_from_s: float | None = None
    gpu_span_s: float = 0.0
    """Seconds from the first to the last reading of the GPUs."""
    final: Figures | None = None
    """Once nothing more can come: then what they were taken from is dropped."""
    told: Told | None = None
    """What another tool said of it."""
    changes: int = 0
    """How often anything was added: a summary is good for as long as this stands."""

    @classmethod
    def begin(
        cls,
        number: int,
        load: Level,
        start_s: float,
        prompt_tokens: int,
        output_len: int,
        *,
        warmup_s: float | None = None,
        arrivals_cv: float = 1.0,
    ) -> LevelFold:
        """Begin with nothing."""
        arrived, warmup = Arrived.since(start_s), WarmUp.of(load, start_s, warmup_s)
        return cls(number, load, start_s, prompt_tokens, output_len, arrivals_cv, arrived, warmup)

    def duration_s(self, now_s: float) -> float:
        """Return how long the level lasted, or has lasted."""
        return max(0.0, (self.end_s if self.end_s is not None else now_s) - self.start_s)

    def tick(self, tick: Tick, gaps: tuple[float, int], *, limited: bool) -> None:
        """Add what a worker saw while the level lasted; ``gaps`` is :func:`session.gaps.weight_of` its gaps."""
        self.changes += 1
        self.ticks += 1
        self.client_limited += limited
        if self.final is None:
            self.arrived.tick(tick, gaps[1], self.end_s)
            self.warmup.tick(tick)
            if tick.itl:
                self._part(tick.t_s - tick.dt_s / 2).latency.itl.add_buckets(tick.itl, gaps)

    def tick_before(self, tick: Tick, gaps: tuple[float, int]) -> None:
        """Add what a worker saw in a tick that began before the level did."""
        self.changes += 1
        if self.final is None:
            self.arrived.tick(tick, gaps[1], self.end_s)

    def arrive(self, request: Request) -> None:
        """Add the tokens of a request that came while the level lasted, whenever it started."""
        self.changes += 1
        if self.final is None:
            self.arrived.request(request, self.end_s)

    def settle(self) -> None:
        """All requests that were in flight while the level lasted have ended."""
        self.changes += 1
        self.arrived.settled = True

    def conclude(self, figures: Figures) -> None:
        """Keep the figures alone."""
        self.final = figures
        self.arrived = Arrived.since(self.start_s)
        self.warm, self.steady = self.warm.counts(), self.steady.counts()

    def request(self, request: Request, *, good: bool = False) -> None:
        """Add a request that started in this level; ``good`` where it met the user's bounds."""
        self.changes += 1
        self.output_tokens += request.output_tokens
        if request.error is not None:
            self.errors[request.error] = self.errors.get(request.error, 0) + 1
            return
        self.requests += 1
        if self.final is None:
            self._finished(request, good=good)

    def _finished(self, request: Request, *, good: bool) -> None:
        started = self._part(request.start_s)
        started.started += 1
        started.good += good
        first_s = request.start_s + request.ttft_s if request.ttft_s is not None else None
        if request.ttft_s is not None and first_s is not None and (self.end_s is None or first_s <= self.end_s):
            self._part(first_s).latency.ttft.add(request.ttft_s)
        if self.end_s is None or request.t_s <= self.end_s:
            part = self._part(request.t_s)
            part.ended += 1
            part.good_ended += good
            part.latency.add_ended(request)
            self.warmup.finished(request)

    def _part(self, t_s: float) -> Counted:
        return self.steady if self.warmup.over(t_s) else self.warm

    def tell(self, told: Told) -> None:
        """Take what another tool said of it."""
        self.changes += 1
        self.told = told

    def metrics(self, sample: Metrics) -> None:
        """Add a reading of the server's counters."""
        if sample.t_s >= self.start_s + SETTLE_S:
            self.changes += 1
            self.server.add(sample)

    def gpus(self, sample: GpuSample) -> None:
        """Add a reading of the GPUs."""
        if sample.t_s < self.start_s + SETTLE_S:
            return
        self.changes += 1
        if self.gpus_from_s is None:
            self.gpus_from_s = sample.t_s
        self.gpu_span_s = sample.t_s - self.gpus_from_s
        for reading in sample.gpus:
            if (mean := self.gpu_means.get(reading.index)) is None:
                mean = self.gpu_means[reading.index] = MeanReading()
            mean.add(reading)

    def mean_gpus(self) -> dict[int, GpuReading]:
        """Return the mean reading of each GPU."""
        return {index: mean.mean(index) for index, mean in sorted(self.gpu_means.items())}

    @property
    def timed(self) -> bool:
        """Whether it has load of its own, and any latency is known."""
        return self.loaded and any(
            part.latency.e2e.count or part.latency.itl.count for part in (self.warm, self.steady)
        )

    @property
    def loaded(self) -> bool:
        """Whether any load was asked for."""
        return amount_of(self.load.concurrency, self.load.rate, self.load.speed) > 0

    @property
    def ended(self) -> int:
        """Requests that finished in it without error."""
        return self.warm.ended + self.steady.ended

    def says_something(self, now_s: float) -> bool:
        """Whether the level held load for long enough to be shown."""
        return self.loaded and (self.duration_s(now_s) >= MIN_S or self.ended > 0 or self.told is not None)

    @property
    def limited_by_client(self) -> bool:
        """Whether the load generator was late for more than a fifth of the level."""
        return self.client_limited * 5 > self.ticks
