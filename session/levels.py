"""One load level: from one change of the load to the next."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

from regime.verdict import Verdict
from session.arrived import Arrived
from session.devices import MeanReading
from session.events import GpuReading, GpuSample, Level, Metrics, Request, Tick, Told
from session.parts import Counted
from session.servers import ServerFold
from session.steadiness import MIN_STEADY_S, Part, hold_s, judge, too_short, window_s
from session.view import Goodput, Latencies, Rates, Trust, amount_of
from session.warmup import WarmUp

SETTLE_S = 1.5
"""Readings that average over a stretch before the level began are left out: GPM and /metrics look back 1 s."""
MIN_S = 1.0
"""A level shorter than this, with nothing finished, was passed through on the way to another."""


class LevelFold:
    """Accumulates what belongs to one level.

    Requests belong to the level in which they started. Their latencies count only where they ended in it
    too: a request that saw two loads speaks for neither. Rates count what arrived while it lasted. Rates and
    latencies are those of the steady part, after the warm-up, where the level has reached one; counts are of all.
    """

    def __init__(
        self,
        number: int,
        load: Level,
        start_s: float,
        prompt_tokens: int,
        output_len: int,
        *,
        warmup_s: float | None = None,
        arrivals_cv: float = 1.0,
    ) -> None:
        self.number = number
        self.load = load
        """What was asked for; the level begins later than this where lengths were changed under it."""
        self.start_s = start_s
        self.end_s: float | None = None
        self.pending = 0
        """Requests in flight at the end of the level that have not ended yet."""
        self.prompt_tokens = prompt_tokens
        self.output_len = output_len
        self.requests = 0
        self.errors: Counter[str] = Counter()
        self.output_tokens = 0
        self.server = ServerFold()
        self.client_limited = 0
        self.ticks = 0
        self.verdict: Verdict | None = None
        self.told: Told | None = None
        """What another tool said of it."""
        self.arrived = Arrived(start_s)
        self._arrivals_cv = arrivals_cv
        self._warmup = WarmUp(load, start_s, warmup_s)
        self._warm = Counted()
        self._steady = Counted()
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
        self.arrived.tick(tick, self.end_s)
        self._warmup.tick(tick)
        self._part(tick.t_s - tick.dt_s / 2).latency.itl.add_buckets(tick.itl)

    def request(self, request: Request, *, good: bool = False) -> None:
        """Add a request that started in this level; ``good`` where it met the user's bounds."""
        self.output_tokens += request.output_tokens
        if request.error is not None:
            self.errors[request.error] += 1
            return
        self.requests += 1
        inside = self.end_s is None or request.t_s <= self.end_s
        started = self._part(request.start_s)
        started.started += 1
        started.good += good
        first_s = request.start_s + request.ttft_s if request.ttft_s is not None else None
        if request.ttft_s is not None and first_s is not None and (self.end_s is None or first_s <= self.end_s):
            self._part(first_s).latency.ttft.add(request.ttft_s)
        if inside:
            self._ended_inside(request, good=good)

    def _ended_inside(self, request: Request, *, good: bool) -> None:
        part = self._part(request.t_s)
        part.ended += 1
        part.good_ended += good
        part.latency.add_ended(request)
        self._warmup.finished(request)

    def _part(self, t_s: float) -> Counted:
        return self._steady if self._warmup.over(t_s) else self._warm

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

    def latencies(self) -> Latencies:
        """Return the latencies of the steady part."""
        return self._counted().latency.view()

    def rates(self) -> Rates:
        """Return throughput over the steady part."""
        return self._rates(self._counted().ended, self._begin_s())

    def whole_rates(self) -> Rates:
        """Return throughput over the whole level."""
        return self._rates(self._warm.ended + self._steady.ended, self.start_s)

    def _rates(self, ended: int, begin_s: float) -> Rates:
        seen_s, end_s = self.arrived.until_s, self._until_s()
        if seen_s is None or end_s is None or seen_s <= begin_s:
            return Rates()
        (output,) = self.arrived.output([(begin_s, seen_s)])
        prompt = self.arrived.prompt(begin_s, seen_s)
        return Rates(output / (seen_s - begin_s), (output + prompt) / (seen_s - begin_s), ended / (end_s - begin_s))

    def goodput(self) -> Goodput:
        """Return the share of good requests among those that finished, wherever, and their rate while it lasted."""
        counted, end_s = self._counted(), self._until_s()
        span_s = end_s - self._begin_s() if end_s is not None else 0.0
        return Goodput(counted.good / counted.started if counted.started else None,
                       counted.good_ended / span_s if span_s > 0 else None)  # fmt: skip

    def trust(self) -> Trust | None:
        """Say how far the figures can be trusted; ``None`` before the first tick and without load."""
        if (seen_s := self.arrived.until_s) is None or not self.loaded:
            return None
        stay_s = self._counted().latency.e2e.stats().mean
        if stay_s is None:
            return too_short(hold_s=None, piling_up=False)
        width_s = window_s(stay_s, seen_s - self._begin_s(), self.arrived.finest_s)
        if not self._reached_steady():
            begun = self._warmup.end_s is not None
            warm_s = (self._warmup.end_s or 0.0) - self.start_s if begun else 2 * stay_s
            return too_short(hold_s=hold_s(warm_s, width_s), piling_up=self.load.mode != "closed" and not begun)
        return judge(self._windows(width_s, seen_s))

    def _windows(self, width_s: float, end_s: float) -> Part:
        """Cut the steady part into windows that end with it; what is left at its beginning is in none."""
        begin_s, opened = self._begin_s(), self.load.mode != "closed"
        cuts = [end_s - n * width_s for n in range(int((end_s - begin_s) / width_s), -1, -1)]
        spans = list(pairwise(cuts))
        ended = self._steady.ended / (end_s - begin_s) * width_s
        return Part(
            begin_s=begin_s - self.start_s,
            window_s=width_s,
            output_tok_s=[tokens / width_s for tokens in self.arrived.output(spans)],
            in_flight=[self.arrived.in_flight(a, b) for a, b in spans] if opened else (),
            noise=max(self._arrivals_cv / math.sqrt(ended), 0.5 / ended) if opened and ended > 0 else 0.0,
        )

    def _counted(self) -> Counted:
        return self._steady if self._reached_steady() else self._warm.with_(self._steady)

    def _begin_s(self) -> float:
        """Return the beginning of the steady part, or of the level where it has none."""
        return self._warmup.end_s if self._warmup.end_s is not None and self._reached_steady() else self.start_s

    def _until_s(self) -> float | None:
        """Return the level's end, or until when it has been seen; ``None`` before the first tick."""
        return self.end_s if self.end_s is not None and self.ticks else self.arrived.until_s

    def _reached_steady(self) -> bool:
        """Whether the steady part is long enough to stand for the level: see docs/metrics.md."""
        begin_s, seen_s = self._warmup.end_s, self.arrived.until_s
        if begin_s is None or seen_s is None or seen_s - begin_s < MIN_STEADY_S:
            return False
        return self._steady.ended >= max(1, self._warmup.requests)

    def in_flight(self) -> int:
        """Return what was asked for, or in an open loop the mean of what was there."""
        if self.load.mode == "closed":
            return self.load.concurrency
        end_s = self._until_s()
        return round(self.arrived.in_flight(self.start_s, end_s)) if end_s is not None else 0

    @property
    def loaded(self) -> bool:
        """Whether any load was asked for."""
        return amount_of(self.load.concurrency, self.load.rate, self.load.speed) > 0

    def says_something(self, now_s: float) -> bool:
        """Whether the level held load for long enough to be shown."""
        return self.loaded and (
            self.duration_s(now_s) >= MIN_S or self._warm.ended + self._steady.ended > 0 or self.told is not None
        )

    @property
    def limited_by_client(self) -> bool:
        """Whether the load generator was late for more than a fifth of the level."""
        return self.client_limited * 5 > self.ticks
