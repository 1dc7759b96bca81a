"""The requests that ended: the latest, the slowest, why some failed, and how latencies lie over time. Bounded."""

from __future__ import annotations

import math
from bisect import bisect, insort
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec

from session.events import Level, Request, Tick

LATEST_KEPT = 128
SLACK = 32
"""So many more are there before the oldest go."""
SLOWEST_KEPT = 32
KINDS_KEPT = 64
"""Kinds of errors that are told apart; what comes beyond is counted as ``other``."""
BUCKETS_A_DOUBLING = 8
LEAST_S = 1e-4
"""Latencies of a scatter are known to 9 %, from 0.1 ms on: less than a dot of a chart."""
_TIERS = ((1, 1800), (10, 1080), (60, 1440))
_LATEST_S = 1e9


class Ended(msgspec.Struct, frozen=True):
    """A request that ended, and the load under which it was sent."""

    request: Request
    level: int = 0
    """Number of the level; 0: not known."""
    load: str = ""
    """What was asked for: ``64``, ``8/s`` or ``×2``."""


class ErrorKind(msgspec.Struct, frozen=True):
    """Requests that failed alike."""

    kind: str
    status: int | None
    count: int
    first_s: float
    last_s: float
    detail: str | None
    """What the last of them said."""


class Dots(msgspec.Struct):
    """Which latencies there were in each stretch of time."""

    width_s: int
    kept: int
    cells: dict[int, bytes] = {}
    """By time over width: the buckets of latency that were hit, in order."""

    def add(self, t_s: float, bucket: int) -> bool:
        """Add one; say whether it is new."""
        cell = int(t_s) // self.width_s
        held = self.cells.get(cell)
        if held is None:
            self._forget()
            held = b""
        elif bucket in held:
            return False
        at = bisect(held, bucket)
        self.cells[cell] = held[:at] + bytes((bucket,)) + held[at:]
        return True

    def _forget(self) -> None:
        if len(self.cells) > self.kept * 5 // 4:
            oldest = max(self.cells) - self.kept
            self.cells = {at: held for at, held in self.cells.items() if at > oldest}


class Cloud(msgspec.Struct):
    """A latency over time, finely for half an hour, coarsely for a day."""

    tiers: list[Dots] = msgspec.field(default_factory=lambda: [Dots(*tier) for tier in _TIERS])

    def __post_init__(self) -> None:
        """Refuse what was not written by this class; raise ``ValueError``."""
        if tuple(tier.width_s for tier in self.tiers) != tuple(width_s for width_s, _ in _TIERS):
            raise ValueError("a cloud of another layout")

    def add(self, t_s: float, value_s: float) -> None:
        """Add a value that was complete at ``t_s``."""
        if not 0.0 <= t_s <= _LATEST_S:
            return
        bucket = bucket_of(value_s)
        for tier in self.tiers:
            if not tier.add(t_s, bucket):
                return  # the coarser ones have it too

    def columns(self, start_s: int, step_s: int, count: int) -> list[frozenset[int]]:
        """Return the buckets that were hit in ``count`` stretches of ``step_s`` whole seconds."""
        tier = self._tier(start_s, step_s)
        found: list[set[int]] = [set() for _ in range(count)]
        for cell in range(start_s // tier.width_s, -(-(start_s + step_s * count) // tier.width_s)):
            if (held := tier.cells.get(cell)) is not None:
                found[min(count - 1, max(0, (cell * tier.width_s - start_s) // step_s))].update(held)
        return [frozenset(hit) for hit in found]

    def _tier(self, start_s: int, step_s: int) -> Dots:
        """Return the coarsest tier that is fine enough, or the finest that reaches back far enough."""
        fit = max(at for at, tier in enumerate(self.tiers) if tier.width_s <= max(1, step_s))
        newest = max(self.tiers[0].cells, default=0)
        return next((t for t in self.tiers[fit:] if newest - t.kept * t.width_s <= start_s), self.tiers[-1])


class Finished(msgspec.Struct):
    """The requests that ended."""

    latest: list[Ended] = []
    slowest_e2e: list[Ended] = []
    """Of the newest level of which requests ended without error, the slowest last; so the next."""
    slowest_ttft: list[Ended] = []
    level: int = 0
    kinds: dict[str, ErrorKind] = {}
    ttft: Cloud = msgspec.field(default_factory=Cloud)
    e2e: Cloud = msgspec.field(default_factory=Cloud)
    failed: Cloud = msgspec.field(default_factory=Cloud)
    """When requests failed, and how long each took until then."""

    def tick(self, tick: Tick) -> None:
        """Add the first tokens that came."""
        for ttft_s in tick.ttft_s:
            self.ttft.add(tick.t_s - tick.dt_s / 2, ttft_s)

    def request(self, request: Request, level: int, load: Level | None) -> None:
        """Add a request that ended, sent under a level."""
        ended = Ended(request, level, load_name(load))
        self.latest.append(ended)
        if len(self.latest) >= LATEST_KEPT + SLACK:
            del self.latest[:-LATEST_KEPT]
        if request.error is None:
            self._add_slow(ended)
            if request.last_s is not None:
                self.e2e.add(request.t_s, request.last_s)
        elif request.error != "cancelled":
            self._add_error(request)

    def _add_slow(self, ended: Ended) -> None:
        if ended.level > self.level:
            self.level, self.slowest_e2e, self.slowest_ttft = ended.level, [], []
        if ended.level == self.level:
            _keep(self.slowest_e2e, ended, e2e_of)
            _keep(self.slowest_ttft, ended, ttft_of)

    def _add_error(self, request: Request) -> None:
        self.failed.add(request.t_s, max(0.0, request.t_s - request.start_s))
        kind = request.error or ""
        name = f"{kind} {request.status}"
        if name not in self.kinds and len(self.kinds) >= KINDS_KEPT:
            kind = name = "other"
        before = self.kinds.get(name)
        self.kinds[name] = ErrorKind(
            kind, request.status, before.count + 1 if before else 1, before.first_s if before else request.t_s,
            request.t_s, request.detail or (before.detail if before else None),
        )  # fmt: skip


class FinishedView(NamedTuple):
    """What panels ask."""

    latest: tuple[Ended, ...] = ()
    """Oldest first."""
    slowest_e2e: tuple[Ended, ...] = ()
    """Slowest first, of the level ``level``; so the next."""
    slowest_ttft: tuple[Ended, ...] = ()
    level: int = 0
    kinds: tuple[ErrorKind, ...] = ()
    """The most frequent first."""
    room: Finished | None = None
    """Where the scatter comes from; asked only where it is drawn."""

    @staticmethod
    def of(room: Finished) -> FinishedView:
        """Return what is there now."""
        kinds = sorted(room.kinds.values(), key=lambda kind: (-kind.count, kind.kind))
        return FinishedView(
            tuple(room.latest[-LATEST_KEPT:]), tuple(room.slowest_e2e[::-1]), tuple(room.slowest_ttft[::-1]),
            room.level, tuple(kinds), room,
        )  # fmt: skip


def load_name(load: Level | None) -> str:
    """Say in short what load was asked for."""
    if load is None:
        return ""
    if load.speed is not None:
        return f"×{load.speed:g}"
    return str(load.concurrency) if load.rate is None else f"{load.rate:g}/s"


def e2e_of(ended: Ended) -> float:
    """Return seconds from start to the last token; 0 where there was none."""
    return ended.request.last_s or 0.0


def ttft_of(ended: Ended) -> float:
    """Return seconds to the first token; 0 where there was none."""
    return ended.request.ttft_s or 0.0


def bucket_of(value_s: float) -> int:
    """Return the bucket of a latency, 0 to 255."""
    if not value_s > LEAST_S:
        return 0
    return min(255, int(BUCKETS_A_DOUBLING * math.log2(min(value_s, 1e9) / LEAST_S)))


def value_of(bucket: int) -> float:
    """Return the latency in seconds, the middle of its bucket."""
    return float(LEAST_S * 2 ** ((bucket + 0.5) / BUCKETS_A_DOUBLING))


def spread_of(columns: Iterable[frozenset[int]]) -> tuple[float, float] | None:
    """Return the least and the largest latency of some columns, in seconds; ``None`` where there is none."""
    hit = frozenset().union(*columns)
    return (value_of(min(hit)), value_of(max(hit))) if hit else None


def _keep(slowest: list[Ended], ended: Ended, key: Callable[[Ended], float]) -> None:
    """Put a request into its place among the slowest, where it is one."""
    if len(slowest) < SLOWEST_KEPT or key(ended) > key(slowest[0]):
        insort(slowest, ended, key=key)
        del slowest[:-SLOWEST_KEPT]
