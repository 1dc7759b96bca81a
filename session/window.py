"""The last seconds of a session: latencies by second, throughput by tick."""

from __future__ import annotations

import math
from dataclasses import replace

import msgspec

from session.events import Request, Tick
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


class LatencyFold(msgspec.Struct, array_like=True):
    """Client-side latency distributions."""

    ttft: Distribution = msgspec.field(default_factory=Distribution)
    tpot: Distribution = msgspec.field(default_factory=Distribution)
    itl: Distribution = msgspec.field(default_factory=Distribution)
    e2e: Distribution = msgspec.field(default_factory=Distribution)

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
        return LatencyFold(
            merged((self.ttft, other.ttft)),
            merged((self.tpot, other.tpot)),
            merged((self.itl, other.itl)),
            merged((self.e2e, other.e2e)),
        )


class _Seen(msgspec.Struct, array_like=True, frozen=True):
    """What the window keeps of a tick."""

    t_s: float
    dt_s: float
    output_tokens: int
    prompt_tokens: int
    itl: dict[int, int]
    gaps: tuple[float, int]
    """Their sum in seconds, and how many."""


class Window(msgspec.Struct, array_like=True):
    """The last ``WINDOW_S`` seconds, in cells of a second."""

    _cells: dict[int, LatencyFold] = {}
    _ticks: list[_Seen] = []
    _ended: list[tuple[float, bool]] = []

    def tick(self, tick: Tick, gaps: tuple[float, int]) -> None:
        """Add what a worker saw; ``gaps`` is :func:`session.gaps.weight_of` its gaps."""
        self._ticks.append(_Seen(tick.t_s, tick.dt_s, tick.output_tokens, tick.prompt_tokens, tick.itl, gaps))
        if tick.ttft_s:
            cell = self._cell(tick.t_s)
            for ttft_s in tick.ttft_s:
                cell.ttft.add(ttft_s)

    def request(self, request: Request, *, good: bool = False) -> None:
        """Add a request that ended without error; ``good`` where it met the user's bounds."""
        self._ended.append((request.t_s, good))
        self._cell(request.t_s).add_ended(request)

    def latencies(self, now_s: float) -> Latencies:
        """Summarise the last ten seconds."""
        self.forget(now_s)
        cells = [cell for second, cell in self._cells.items() if second <= now_s]
        return Latencies(
            merged(c.ttft for c in cells).stats(),
            merged(c.tpot for c in cells).stats(),
            self._itl(now_s).stats(),
            merged(c.e2e for c in cells).stats(),
        )

    def _itl(self, now_s: float) -> Distribution:
        """Return the gaps of the same whole seconds."""
        gaps = Distribution()
        for tick in self._ticks:
            if now_s - WINDOW_S <= int(tick.t_s) <= now_s:
                gaps.add_buckets(tick.itl, tick.gaps)
        return gaps

    def rates(self, now_s: float, since_s: float) -> Rates:
        """Return throughput of the last ten seconds, or since ``since_s`` where that is later."""
        ticks = self._recent(now_s, since_s)
        begin_s, end_s = _span(ticks)
        if (span_s := end_s - begin_s) <= 0:
            return Rates()
        output = sum(t.output_tokens for t in ticks)
        prompt = sum(t.prompt_tokens for t in ticks)
        ended = sum([begin_s < t <= end_s for t, _ in self._ended])
        return Rates(output / span_s, (output + prompt) / span_s, ended / span_s)

    def good(self, now_s: float, since_s: float) -> tuple[float | None, float | None]:
        """Return the share of good requests among those that ended in the same stretch, and their rate."""
        begin_s, end_s = _span(self._recent(now_s, since_s))
        if (span_s := end_s - begin_s) <= 0:
            return None, None
        ended = [good for t, good in self._ended if begin_s < t <= end_s]
        return (sum(ended) / len(ended) if ended else None), sum(ended) / span_s

    def _recent(self, now_s: float, since_s: float) -> list[_Seen]:
        self.forget(now_s)
        start_s = max(since_s, now_s - WINDOW_S)
        return [t for t in self._ticks if t.t_s - t.dt_s >= start_s - 0.05]

    def mean_gap_s(self, now_s: float, span_s: float) -> float | None:
        """Return the mean gap between tokens in the last ``span_s`` seconds."""
        total_s, gaps = 0.0, 0
        for tick in self._ticks:
            if tick.t_s >= now_s - span_s:
                total_s += tick.gaps[0]
                gaps += tick.gaps[1]
        return total_s / gaps if gaps else None

    def _cell(self, t_s: float) -> LatencyFold:
        if (cell := self._cells.get(int(t_s))) is None:
            cell = self._cells[int(t_s)] = LatencyFold()
        return cell

    def forget(self, now_s: float) -> None:
        """Drop what no window that ends at ``now_s`` or later holds."""
        oldest = now_s - WINDOW_S
        del self._ticks[: next((n for n, tick in enumerate(self._ticks) if tick.t_s >= oldest), len(self._ticks))]
        del self._ended[: next((n for n, (t_s, _) in enumerate(self._ended) if t_s >= oldest), len(self._ended))]
        for second in [s for s in self._cells if s < oldest]:
            del self._cells[second]


def _span(ticks: list[_Seen]) -> tuple[float, float]:
    """Return the stretch that ticks cover; of no length where there is none."""
    if not ticks:
        return 0.0, 0.0
    return min(t.t_s - t.dt_s for t in ticks), max(t.t_s for t in ticks)


def _drawn(value_s: float) -> float:
    """Round to 12 bits, finer than any chart: hours of points then compress to a third."""
    mantissa, exponent = math.frexp(value_s)
    return math.ldexp(round(mantissa * 4096), exponent - 12)


class Series(msgspec.Struct, array_like=True):
    """One point a second, for the chart over time."""

    _points: list[SeriesPoint] = []
    _open: dict[int, list[float]] = {}
    _next: int = 0

    def tick(self, tick: Tick, gaps: tuple[float, int]) -> None:
        """Add a tick to the second in which its middle lies; ``gaps`` is :func:`session.gaps.weight_of` its gaps."""
        second = int(max(0.0, tick.t_s - tick.dt_s / 2))
        if second < self._next:
            return
        cell = self._open.setdefault(second, [0.0, 0.0, 0.0])
        cell[0] += tick.output_tokens
        cell[1] += gaps[0]
        cell[2] += gaps[1]

    def advance(self, now_s: float, concurrency: int, rate_s: float | None = None, speed: float | None = None) -> None:
        """Close every second that can receive no more ticks."""
        done = int(now_s - 1.0)
        if done - self._next > SERIES_KEPT:
            self._next = done - SERIES_KEPT
            self._points.clear()
        while self._next < done:
            self._points.append(self._close(self._next, concurrency, rate_s, speed))
            self._next += 1
        if len(self._points) > SERIES_KEPT:
            del self._points[:-SERIES_KEPT]

    def view(self) -> tuple[SeriesPoint, ...]:
        """Return the closed seconds, oldest first."""
        return tuple(self._points)

    def _close(self, second: int, concurrency: int, rate_s: float | None, speed: float | None) -> SeriesPoint:
        cell = self._open.pop(second, None)
        if cell is None:
            return SeriesPoint(second, None, None, concurrency, rate_s, speed)
        tokens, gap_sum_s, gaps = cell
        gap_s = _drawn(gap_sum_s / gaps) if gaps else None
        return SeriesPoint(second, max(0.0, tokens), gap_s, concurrency, rate_s, speed)
