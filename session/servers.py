"""The server's counters over a stretch of time: differences, never values since its start."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from session.buckets import quantile_s
from session.events import EngineSample, Metrics
from session.view import ServerView

Field = Callable[[EngineSample], float | None]
Buckets = Callable[[EngineSample], list[tuple[float, float]]]
COUNTERS = ("generation_tokens", "prompt_tokens", "itl_count", "steps", "finished")
"""Counters that only a new start takes back."""


class ServerFold(msgspec.Struct, array_like=True):
    """Gauges averaged and counters subtracted over a window of /metrics readings."""

    _keep_s: float | None = None
    _samples: list[Metrics] = []
    _gauges: dict[str, tuple[float, int]] = {}

    def add(self, sample: Metrics) -> None:
        """Add one reading; where the server has started anew, the window begins with it."""
        if self._samples and _restarted(self._samples[-1], sample):
            self._samples.clear()
        if self._keep_s is None:
            self._add_gauges(sample)
            if len(self._samples) == 2:
                self._samples.pop()
            self._samples.append(sample)
            return
        self._samples.append(sample)
        while len(self._samples) > 2 and self._samples[0].t_s < sample.t_s - self._keep_s:
            del self._samples[0]

    def latest(self) -> Metrics | None:
        """Return the last reading."""
        return self._samples[-1] if self._samples else None

    def delta(self, field: Field) -> float | None:
        """Return how far a counter rose over the window, all engines together.

        ``None`` where an engine lacks it, or where it fell (the server started anew).
        """
        if len(self._samples) < 2:
            return None
        first, last = self._samples[0].engines, self._samples[-1].engines
        total = 0.0
        for label, engine in last.items():
            before, after = field(first[label]) if label in first else None, field(engine)
            if before is None or after is None or after < before:
                return None
            total += after - before
        return total

    def ratio(self, above: Field, below: Field) -> float | None:
        """Return one counter's rise over another's."""
        top, bottom = self.delta(above), self.delta(below)
        return top / bottom if top is not None and bottom else None

    def span_s(self) -> float:
        """Return the seconds between the first and the last reading."""
        return self._samples[-1].t_s - self._samples[0].t_s if self._samples else 0.0

    def per_s(self, field: Field) -> float | None:
        """Return a counter's rise per second."""
        rise = self.delta(field)
        return rise / self.span_s() if rise is not None and self.span_s() > 0 else None

    def gauge(self, name: str) -> float | None:
        """Return the mean over the window of a gauge, summed over engines."""
        if self._keep_s is None:
            total, count = self._gauges.get(name, (0.0, 0))
            return total / count if count else None
        values = [v for s in self._samples if (v := _sum(getattr(e, name) for e in s.engines.values())) is not None]
        return sum(values) / len(values) if values else None

    def kv_usage(self) -> float | None:
        """Return how full the KV cache of the fullest engine is now, 0 to 1."""
        engines = self._samples[-1].engines.values() if self._samples else ()
        return max((e.kv_usage for e in engines if e.kv_usage is not None), default=None)

    def step_s(self) -> float | None:
        """Return the mean decode step time; exact whatever the histogram's buckets are."""
        by_gaps = self.ratio(lambda e: e.itl_sum_s, lambda e: e.itl_count)
        return by_gaps if by_gaps is not None else self.ratio(lambda e: e.step_sum_s, lambda e: e.step_count)

    def batch(self) -> float | None:
        """Return the mean number of sequences that a step advances."""
        return self.ratio(lambda e: e.itl_count, lambda e: e.steps)

    def quantile_s(self, buckets: Buckets, count: Field, share: float) -> float | None:
        """Return a quantile of what was counted in the window; see :func:`session.buckets.quantile_s`."""
        counted = self.delta(count)
        if counted is None:
            return None
        first, last = self._samples[0].engines, self._samples[-1].engines
        return quantile_s([(buckets(first[label]), buckets(engine)) for label, engine in last.items()], counted, share)

    def estimated_per_s(self, *fields: Field) -> float | None:
        """Return the server's own estimate of work per GPU and second.

        ``None`` where it does not estimate: its counters then stand at zero while tokens flow.
        """
        rises = [self.delta(field) for field in fields]
        known = [rise for rise in rises if rise is not None]
        total, engines = sum(known), len(self._samples[-1].engines) if self._samples else 0
        return total / engines / self.span_s() if len(known) == len(rises) and total > 0 else None

    def view(self, now_s: float, *, mean: bool) -> ServerView:
        """Summarise; ``mean`` takes the gauges' means, otherwise their last values."""
        last = self.latest()
        if last is None:
            return ServerView()
        engines = list(last.engines.values())

        def gauge(name: str) -> float | None:
            return self.gauge(name) if mean else _sum(getattr(e, name) for e in engines)

        return ServerView(
            age_s=max(0.0, now_s - last.t_s),
            running=gauge("running"),
            waiting=gauge("waiting"),
            kv_usage=self.kv_usage(),
            prefix_hit_rate=self.ratio(lambda e: e.prefix_hits, lambda e: e.prefix_queries),
            preemptions=self.delta(lambda e: e.preemptions),
            batch=self.batch(),
            step_s=self.step_s(),
            generation_tok_s=self.per_s(lambda e: e.generation_tokens),
            generation_tokens_total=_sum(e.generation_tokens for e in engines),
            engines=len(engines),
            kind=last.kind,
            kv_cache_tokens=last.kv_cache_tokens,
            ttft_p50_s=self.quantile_s(lambda e: e.ttft_buckets, lambda e: e.ttft_count, 0.5),
            ttft_p99_s=self.quantile_s(lambda e: e.ttft_buckets, lambda e: e.ttft_count, 0.99),
            itl_p50_s=self.quantile_s(lambda e: e.itl_buckets, lambda e: e.itl_count, 0.5),
            itl_p99_s=self.quantile_s(lambda e: e.itl_buckets, lambda e: e.itl_count, 0.99),
            queue_s=self.ratio(lambda e: e.queue_sum_s, lambda e: e.queue_count),
            flops_s=self.estimated_per_s(lambda e: e.flops),
            dram_bytes_s=self.estimated_per_s(lambda e: e.read_bytes, lambda e: e.write_bytes),
            prefill_per_step=self.ratio(lambda e: e.prompt_computed, lambda e: e.steps),
        )

    def _add_gauges(self, sample: Metrics) -> None:
        for name in ("running", "waiting", "waiting_capacity", "waiting_deferred"):
            value = _sum(getattr(e, name) for e in sample.engines.values())
            if value is not None:
                total, count = self._gauges.get(name, (0.0, 0))
                self._gauges[name] = (total + value, count + 1)


def _restarted(before: Metrics, after: Metrics) -> bool:
    """Whether a counter of any engine fell: then it began again at zero."""
    for label, engine in after.engines.items():
        known = before.engines.get(label)
        if known is not None and any(_fell(getattr(known, name), getattr(engine, name)) for name in COUNTERS):
            return True
    return False


def _fell(before: float | None, after: float | None) -> bool:
    return before is not None and after is not None and after < before


def _sum(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) if known else None
