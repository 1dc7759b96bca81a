"""The last seconds of a session: latencies by second, throughput by tick."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from session.events import Request, Tick
from session.gaps import value_of
from session.histogram import Distribution, merged
from session.view import Latencies, Rates, SeriesPoint, Shapes

WINDOW_S = 10.0
SERIES_KEPT = 4 * 3600
"""Points kept for the chart over time: four hours, far beyond any terminal's width."""


def tpot_s(request: Request) -> float | None:
    """Return (last token − first token) / (tokens − 1), or ``None`` below two tokens."""
    if request.ttft_s is None or request.last_s is None or request.output_tokens < 2:
        return None
    return (request.last_s - request.ttft_s) / (request.output_tokens - 1)


class LatencyFold:
    """Client-side latency distributions."""

    __slots__ = ("e2e", "itl", "tpot", "ttft")

    def __init__(self) -> None:
        self.ttft = Distribution()
        self.tpot = Distribution()
        self.itl = Distribution()
        self.e2e = Distribution()

    def add_ended(self, request: Request) -> None:
        """Add what is known only when a request has ended."""
        if (tpot := tpot_s(request)) is not None:
            self.tpot.add(tpot)
        if request.last_s is not None:
            self.e2e.add(request.last_s)

    def view(self) -> Latencies:
        """Summarise, with confidence intervals of the medians of TTFT and TPOT."""
        ttft, tpot = (replace(part.stats(), p50_ci=part.median_interval()) for part in (self.ttft, self.tpot))
        return Latencies(ttft, tpot, self.itl.stats(), self.e2e.stats())

    def shapes(self, level: int) -> Shapes:
        """Return what histograms are drawn from."""
        return Shapes(level, self.ttft.shape(), self.tpot.shape(), self.itl.shape(), self.e2e.shape())

    def with_(self, other: LatencyFold) -> LatencyFold:
        """Return a new fold that holds what both hold."""
        both = LatencyFold()
        for name in self.__slots__:
            setattr(both, name, merged((getattr(self, name), getattr(other, name))))
        return both


class Window:
    """The last ``WINDOW_S`` seconds, in cells of a second."""

    def __init__(self) -> None:
        self._cells: dict[int, LatencyFold] = {}
        self._ticks: deque[Tick] = deque()
        self._ended: deque[tuple[float, bool]] = deque()

    def tick(self, tick: Tick) -> None:
        """Add what a worker saw."""
        self._ticks.append(tick)
        if tick.itl or tick.ttft_s:
            cell = self._cell(tick.t_s)
            cell.itl.add_buckets(tick.itl)
            for ttft_s in tick.ttft_s:
                cell.ttft.add(ttft_s)

    def request(self, request: Request, *, good: bool = False) -> None:
        """Add a request that ended without error; ``good`` where it met the user's bounds."""
        self._ended.append((request.t_s, good))
        self._cell(request.t_s).add_ended(request)

    def latencies(self, now_s: float) -> Latencies:
        """Summarise the last ten seconds."""
        self._forget(now_s)
        cells = [cell for second, cell in self._cells.items() if second <= now_s]
        return Latencies(
            merged(c.ttft for c in cells).stats(),
            merged(c.tpot for c in cells).stats(),
            merged(c.itl for c in cells).stats(),
            merged(c.e2e for c in cells).stats(),
        )

    def rates(self, now_s: float, since_s: float) -> Rates:
        """Return throughput of the last ten seconds, or since ``since_s`` where that is later."""
        ticks = self._recent(now_s, since_s)
        begin_s, end_s = _span(ticks)
        if (span_s := end_s - begin_s) <= 0:
            return Rates()
        output = sum(t.output_tokens for t in ticks)
        prompt = sum(t.prompt_tokens for t in ticks)
        ended = sum(1 for t, _ in self._ended if begin_s < t <= end_s)
        return Rates(output / span_s, (output + prompt) / span_s, ended / span_s)

    def good(self, now_s: float, since_s: float) -> tuple[float | None, float | None]:
        """Return the share of good requests among those that ended in the same stretch, and their rate."""
        begin_s, end_s = _span(self._recent(now_s, since_s))
        if (span_s := end_s - begin_s) <= 0:
            return None, None
        ended = [good for t, good in self._ended if begin_s < t <= end_s]
        return (sum(ended) / len(ended) if ended else None), sum(ended) / span_s

    def _recent(self, now_s: float, since_s: float) -> list[Tick]:
        self._forget(now_s)
        start_s = max(since_s, now_s - WINDOW_S)
        return [t for t in self._ticks if t.t_s - t.dt_s >= start_s - 0.05]

    def mean_gap_s(self, now_s: float, span_s: float) -> float | None:
        """Return the mean gap between tokens in the last ``span_s`` seconds."""
        gaps = Distribution()
        for tick in self._ticks:
            if tick.t_s >= now_s - span_s:
                gaps.add_buckets(tick.itl)
        return gaps.stats().mean

    def _cell(self, t_s: float) -> LatencyFold:
        return self._cells.setdefault(int(t_s), LatencyFold())

    def _forget(self, now_s: float) -> None:
        oldest = now_s - WINDOW_S
        while self._ticks and self._ticks[0].t_s < oldest:
            self._ticks.popleft()
        while self._ended and self._ended[0][0] < oldest:
            self._ended.popleft()
        for second in [s for s in self._cells if s < oldest]:
            del self._cells[second]


def _span(ticks: list[Tick]) -> tuple[float, float]:
    """Return the stretch that ticks cover; of no length where there is none."""
    if not ticks:
        return 0.0, 0.0
    return min(t.t_s - t.dt_s for t in ticks), max(t.t_s for t in ticks)


class Series:
    """One point a second, for the chart over time."""

    def __init__(self) -> None:
        self._points: deque[SeriesPoint] = deque(maxlen=SERIES_KEPT)
        self._open: dict[int, list[float]] = {}
        self._next = 0

    def tick(self, tick: Tick) -> None:
        """Add a tick to the second in which its middle lies."""
        second = int(max(0.0, tick.t_s - tick.dt_s / 2))
        if second < self._next:
            return
        cell = self._open.setdefault(second, [0.0, 0.0, 0.0])
        cell[0] += tick.output_tokens
        for bucket, count in tick.itl.items():
            cell[1] += value_of(bucket) * count
            cell[2] += count

    def advance(self, now_s: float, concurrency: int, rate_s: float | None = None, speed: float | None = None) -> None:
        """Close every second that can receive no more ticks."""
        done = int(now_s - 1.0)
        if done - self._next > SERIES_KEPT:
            self._next = done - SERIES_KEPT
            self._points.clear()
        while self._next < done:
            self._points.append(self._close(self._next, concurrency, rate_s, speed))
            self._next += 1

    def view(self) -> tuple[SeriesPoint, ...]:
        """Return the closed seconds, oldest first."""
        return tuple(self._points)

    def _close(self, second: int, concurrency: int, rate_s: float | None, speed: float | None) -> SeriesPoint:
        cell = self._open.pop(second, None)
        if cell is None:
            return SeriesPoint(second, None, None, concurrency, rate_s, speed)
        tokens, gap_sum_s, gaps = cell
        gap_s = gap_sum_s / gaps if gaps else None
        return SeriesPoint(second, max(0.0, tokens), gap_s, concurrency, rate_s, speed)
