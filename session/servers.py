"""The server's counters over a stretch of time: differences, never values since its start."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from session.events import EngineSample, Metrics
from session.view import ServerView

Field = Callable[[EngineSample], float | None]


class ServerFold:
    """Gauges averaged and counters subtracted over a window of /metrics readings."""

    def __init__(self, keep_s: float | None = None) -> None:
        self._keep_s = keep_s
        self._samples: deque[Metrics] = deque()
        self._gauges: dict[str, tuple[float, int]] = {}

    def add(self, sample: Metrics) -> None:
        """Add one reading."""
        if self._keep_s is None:
            self._add_gauges(sample)
            if len(self._samples) == 2:
                self._samples.pop()
            self._samples.append(sample)
            return
        self._samples.append(sample)
        while len(self._samples) > 2 and self._samples[0].t_s < sample.t_s - self._keep_s:
            self._samples.popleft()

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

    def step_s(self) -> float | None:
        """Return the mean decode step time; exact whatever the histogram's buckets are."""
        return self.ratio(lambda e: e.itl_sum_s, lambda e: e.itl_count)

    def batch(self) -> float | None:
        """Return the mean number of sequences that a step advances."""
        return self.ratio(lambda e: e.itl_count, lambda e: e.steps)

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
            kv_usage=max((e.kv_usage for e in engines if e.kv_usage is not None), default=None),
            prefix_hit_rate=self.ratio(lambda e: e.prefix_hits, lambda e: e.prefix_queries),
            preemptions=self.delta(lambda e: e.preemptions),
            batch=self.batch(),
            step_s=self.step_s(),
            generation_tok_s=self.per_s(lambda e: e.generation_tokens),
            generation_tokens_total=_sum(e.generation_tokens for e in engines),
            engines=len(engines),
        )

    def _add_gauges(self, sample: Metrics) -> None:
        for name in ("running", "waiting", "waiting_capacity", "waiting_deferred"):
            value = _sum(getattr(e, name) for e in sample.engines.values())
            if value is not None:
                total, count = self._gauges.get(name, (0.0, 0))
                self._gauges[name] = (total + value, count + 1)


def _sum(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) if known else None
