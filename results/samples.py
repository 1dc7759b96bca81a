"""Single requests of a recording by level, as columns of numbers: what statistics and exports are made of."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from results.gaps import Gaps, total
from session.events import Event, Lengths, Level, Request, Tick
from session.view import LevelView
from session.window import tpot_s


@dataclass(slots=True)
class Requests:
    """Columns of the requests of one level that ended without error, in the order in which they ended."""

    start_s: array[float] = field(default_factory=lambda: array("d"))
    ttft_s: array[float] = field(default_factory=lambda: array("d"))
    """NaN where there was no token."""
    e2e_s: array[float] = field(default_factory=lambda: array("d"))
    tpot_s: array[float] = field(default_factory=lambda: array("d"))
    """NaN below two tokens."""
    end_s: array[float] = field(default_factory=lambda: array("d"))
    queue_s: array[float] = field(default_factory=lambda: array("d"))
    prompt_tokens: array[int] = field(default_factory=lambda: array("q"))
    output_tokens: array[int] = field(default_factory=lambda: array("q"))
    failed: int = 0
    """Requests that ended with an error, cancelled ones left out."""
    stretches: Gaps = field(default_factory=Gaps)
    """Gaps between tokens, of all ticks whose middle is in the level."""
    in_flight: dict[int, int] = field(default_factory=dict)
    """The most that each worker had at once."""
    per_second: Counter[int] = field(default_factory=Counter)
    """Output tokens by second of the session."""

    def add(self, request: Request) -> None:
        """Add a request that ended without error."""
        self.start_s.append(request.start_s)
        self.ttft_s.append(_or_nan(request.ttft_s))
        self.e2e_s.append(_or_nan(request.last_s))
        self.tpot_s.append(_or_nan(tpot_s(request)))
        self.end_s.append(request.t_s)
        self.queue_s.append(request.queue_s or 0.0)
        self.prompt_tokens.append(request.prompt_tokens or 0)
        self.output_tokens.append(request.output_tokens)

    def tick(self, tick: Tick) -> None:
        """Add what a worker saw."""
        self.stretches.add(tick.t_s - tick.dt_s / 2, tick.itl)
        self.in_flight[tick.worker] = max(self.in_flight.get(tick.worker, 0), tick.in_flight)
        self.per_second[int(tick.t_s - tick.dt_s / 2)] += tick.output_tokens

    @property
    def gaps(self) -> Counter[int]:
        """Gaps between tokens by bucket, of the whole level."""
        return self.gaps_since(float("-inf"))

    def gaps_since(self, begin_s: float) -> Counter[int]:
        """Return gaps between tokens by bucket, of what lies behind an instant of the session."""
        return total(self.stretches.since(begin_s))


class Collector:
    """Gathers requests by the number of their level while events pass by."""

    def __init__(self) -> None:
        self.levels: list[Requests] = []
        self._starts: list[float] = []

    def apply(self, event: Event) -> None:
        """Take in one event."""
        match event:
            case Level() | Lengths():
                self._starts.append(event.t_s)
                self.levels.append(Requests())
            case Request():
                self._add(event)
            case Tick():
                number = bisect_right(self._starts, event.t_s - event.dt_s / 2)
                if number:
                    self.levels[number - 1].tick(event)

    def apply_all(self, events: Iterable[Event]) -> None:
        """Take in events in order."""
        for event in events:
            self.apply(event)

    def _add(self, request: Request) -> None:
        number = request.level if 0 < request.level <= len(self.levels) else bisect_right(self._starts, request.start_s)
        if number == 0:
            return
        level = self.levels[number - 1]
        if request.error is None:
            level.add(request)
        elif request.error != "cancelled":
            level.failed += 1


@dataclass(frozen=True, slots=True)
class Sample:
    """Latencies of one level's steady part, seconds, in the order in which the requests ended."""

    ttft_s: tuple[float, ...]
    tpot_s: tuple[float, ...]
    e2e_s: tuple[float, ...]
    finished: int
    """Of the whole level."""
    failed: int

    def of(self, name: str) -> tuple[float, ...]:
        """Return the column ``ttft``, ``tpot`` or ``e2e``."""
        columns = {"ttft": self.ttft_s, "tpot": self.tpot_s, "e2e": self.e2e_s}
        return columns[name]


def steady(requests: Requests, level: LevelView) -> Sample:
    """Return what came in a level's steady part, as docs/metrics.md counts it.

    TTFT counts where the first token came in it, TPOT and E2E where the request ended in it.
    """
    begin_s, end_s = level.started_s + steady_from(level), level.started_s + level.duration_s
    ended = [at for at, t_s in enumerate(requests.end_s) if begin_s <= t_s <= end_s]
    first = (
        ttft for start, ttft in zip(requests.start_s, requests.ttft_s, strict=True) if begin_s <= start + ttft <= end_s
    )
    return Sample(
        ttft_s=tuple(first),
        tpot_s=tuple(v for at in ended if (v := requests.tpot_s[at]) == v),
        e2e_s=tuple(v for at in ended if (v := requests.e2e_s[at]) == v),
        finished=len(requests.end_s),
        failed=requests.failed,
    )


def steady_from(level: LevelView) -> float:
    """Return the seconds of a level that are left out of its figures; 0 where it has no steady part."""
    return 0.0 if level.trust is None or level.trust.short else level.trust.warmup_s


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value
