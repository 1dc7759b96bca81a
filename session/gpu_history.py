"""What the GPUs did, second by second: recent time finely, older time coarsely, in memory that stays small.

Each GPU keeps seconds for half an hour, tens of seconds for three hours and minutes for a day: 190 KB a GPU at most.
Where more room is given, as to the one history of a replay, seconds reach further back. A stretch without readings is
a gap; it is never filled, and never zero.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence

import msgspec

from session.events import GpuReading, GpuSample

METRICS = (
    "dram_pct", "tensor_pct", "sm_pct", "util_pct", "power_w", "sm_clock_mhz", "temp_c",
    "memory_used_bytes", "nvlink_bytes_s", "pcie_bytes_s", "throttled_pct",
)  # fmt: skip
"""What is kept, in the order of a row; links are both directions together, throttling is the largest single cause."""
STALE_S = 5.0
"""A reading whose values were older than this tells of another time than its own (as ``session.devices``)."""
CHOICES = ("low use", "sync boost")
"""Reasons for low clocks that are no throttling: nothing to do, or as the user set it."""
THROTTLING = 0x4 | 0x8 | 0x20 | 0x40 | 0x80
"""Bits of NVML's clock event reasons that are: power, slowdowns, heat and the brake."""
GPUS_KEPT = 128
_TIERS = ((1, 1800), (10, 1080), (60, 1440))
"""Width in seconds, and how many of them are kept."""
_ROW = struct.Struct(f"={len(METRICS)}f")
_UNKNOWN = _ROW.pack(*(math.nan,) * len(METRICS))
_LATEST_S = 1e9
"""Beyond 30 years: the clock of a broken recording."""


class Rows(msgspec.Struct):
    """Rows of equal width in time, one after another; each a row of single-precision numbers, NaN where unknown."""

    width_s: int
    kept: int
    first: int = 0
    """Number of the first row's cell: its time over the width."""
    data: bytearray = msgspec.field(default_factory=bytearray)

    def __post_init__(self) -> None:
        """Refuse what was not written by this class; raise ``ValueError``."""
        if self.width_s < 1 or self.kept < 1 or len(self.data) % _ROW.size:
            raise ValueError("rows of another layout")

    @property
    def end(self) -> int:
        """The cell after the last."""
        return self.first + len(self.data) // _ROW.size

    def put(self, cell: int, row: bytes, *, hold: bool = False) -> None:
        """Write a cell, leaving a gap where cells were left out; one lone cell is held over where ``hold`` is set."""
        if not self.data or cell - self.end >= self.kept:
            self.first, self.data = cell, bytearray(row)
            return
        at = (cell - self.first) * _ROW.size
        if at < 0:
            return
        if at < len(self.data):
            self.data[at : at + _ROW.size] = row
            return
        left_out = cell - self.end
        # Readings a second apart fall now twice, now not at all into a second of the clock.
        self.data += (self.data[-_ROW.size :] if hold and left_out == 1 else _UNKNOWN * left_out) + row
        if (over := self.end - self.first - self.kept * 5 // 4) > 0:
            over += self.kept // 4
            del self.data[: over * _ROW.size]
            self.first += over

    def column(self, metric: int, begin: int, end: int) -> Sequence[float]:
        """Return the values of the cells from ``begin`` up to ``end``, those that are kept."""
        begin, end = max(begin, self.first), min(end, self.end)
        if end <= begin:
            return []
        values = memoryview(self.data).cast("f")
        step = len(METRICS)
        return values[(begin - self.first) * step + metric : (end - self.first) * step : step].tolist()

    def mean_row(self, begin: int, end: int) -> bytes:
        """Return the means of what is known of some cells."""
        return _ROW.pack(*(_mean(self.column(metric, begin, end)) for metric in range(len(METRICS))))


class Track(msgspec.Struct):
    """One GPU's past."""

    tiers: list[Rows] = msgspec.field(default_factory=lambda: [Rows(*tier) for tier in _TIERS])

    def __post_init__(self) -> None:
        """Refuse what was not written by this class; raise ``ValueError``."""
        if tuple(rows.width_s for rows in self.tiers) != tuple(width_s for width_s, _ in _TIERS):
            raise ValueError("a track of another layout")

    def add(self, t_s: float, reading: GpuReading) -> None:
        """Add a reading; one that has nothing to say, or tells of another time, is a gap."""
        said = says(reading)
        fine = self.tiers[0]
        before = fine.end - 1 if fine.data else int(t_s)
        fine.put(int(t_s), _row(reading) if said else _UNKNOWN, hold=said)
        self._roll(0, before)

    def _roll(self, at: int, before: int) -> None:
        """Put the mean of finished cells into the next coarser tier."""
        if at + 1 == len(self.tiers):
            return
        finer, coarser = self.tiers[at], self.tiers[at + 1]
        ratio = coarser.width_s // finer.width_s
        done = before // ratio
        if (finer.end - 1) // ratio > done:
            last = coarser.end - 1 if coarser.data else done
            coarser.put(done, finer.mean_row(done * ratio, (done + 1) * ratio))
            self._roll(at + 1, last)

    def means(self, metric: int, start_s: int, step_s: int, count: int) -> list[float | None]:
        """Return the means of ``count`` stretches of ``step_s`` seconds; ``None`` where nothing is known."""
        at = self._tier(start_s, step_s)
        rows = self.tiers[at]
        begin, end = start_s // rows.width_s, -(-(start_s + step_s * count) // rows.width_s)
        values = [*rows.column(metric, begin, end)]
        if at and rows.end < end:  # what has not been rolled up yet
            values += self._unrolled(at, metric, max(begin, rows.end if rows.data else begin), end)
        offset = max(begin, rows.first if rows.data else begin)
        return _binned(values, offset * rows.width_s - start_s, rows.width_s, step_s, count)

    def _unrolled(self, at: int, metric: int, begin: int, end: int) -> list[float]:
        finer = self.tiers[at - 1]
        ratio = self.tiers[at].width_s // finer.width_s
        values: list[float] = []
        for cell in range(begin, min(end, self._reached(at) + 1)):
            known = [*finer.column(metric, cell * ratio, (cell + 1) * ratio)]
            if at > 1:
                opened = max(cell * ratio, finer.end)
                known += self._unrolled(at - 1, metric, opened, (cell + 1) * ratio)
            values.append(_mean(known))
        return values

    def _reached(self, at: int) -> int:
        """Return the newest cell of a tier, finished or not."""
        return (self.tiers[0].end - 1) * self.tiers[0].width_s // self.tiers[at].width_s

    def _tier(self, start_s: int, step_s: int) -> int:
        """Return the coarsest tier that is fine enough, or the finest that reaches back far enough."""
        fit = max(at for at, rows in enumerate(self.tiers) if rows.width_s <= max(step_s, self.tiers[0].width_s))
        for at in range(fit, len(self.tiers)):
            rows = self.tiers[at]
            from_s = rows.first * rows.width_s
            older = any(
                (coarser.first + 1) * coarser.width_s <= from_s for coarser in self.tiers[at + 1 :] if coarser.data
            )
            if rows.data and (from_s <= start_s or not older):
                return at
        return fit


class Causes(msgspec.Struct, array_like=True):
    """What held one GPU's clocks down."""

    t_s: float
    """Of its last reading."""
    held_s: dict[str, float] = {}
    """Seconds of the session in which each cause did, where the driver counts them."""


class Throttled(msgspec.Struct, array_like=True):
    """What held the clocks down, of all GPUs: sums, small enough for checkpoints."""

    gpus: dict[int, Causes] = {}
    t_s: float = -1.0
    """Of the last sample."""

    def add(self, sample: GpuSample) -> None:
        """Add a round of readings."""
        if not 0.0 <= sample.t_s <= _LATEST_S:
            return
        self.t_s = sample.t_s
        for reading in sample.gpus:
            before = self.gpus.get(reading.index)
            if before is None:
                if len(self.gpus) < GPUS_KEPT:
                    self.gpus[reading.index] = Causes(sample.t_s)
                continue
            if reading.throttled_pct and says(reading):
                span_s = max(0.0, sample.t_s - before.t_s)
                for cause, share in throttling(reading.throttled_pct).items():
                    before.held_s[cause] = before.held_s.get(cause, 0.0) + share / 100 * span_s
            before.t_s = sample.t_s

    def held_s(self) -> dict[int, dict[str, float]]:
        """Return the seconds by GPU and cause; it does not change when more comes."""
        return {index: dict(causes.held_s) for index, causes in self.gpus.items() if causes.held_s}


class GpuHistory(msgspec.Struct):
    """The past of all GPUs."""

    tracks: dict[int, Track] = {}
    """By index."""
    seconds_bytes: int = 0
    """Room for seconds of all GPUs together, where that is more than half an hour of each."""
    t_s: float = -1.0
    """Of the last sample."""

    def add(self, sample: GpuSample) -> None:
        """Add a round of readings."""
        if not 0.0 <= sample.t_s <= _LATEST_S:
            return
        self.t_s = sample.t_s
        for reading in sample.gpus:
            track = self.tracks.get(reading.index)
            if track is None:
                if len(self.tracks) >= GPUS_KEPT:
                    continue
                track = self.tracks[reading.index] = Track()
                self._share_room()
            track.add(sample.t_s, reading)

    def _share_room(self) -> None:
        width_s, kept = _TIERS[0]
        most = self.seconds_bytes // (len(self.tracks) * _ROW.size * width_s)
        for track in self.tracks.values():
            track.tiers[0].kept = max(kept, most * 4 // 5)


class GpuHistoryView:
    """What panels ask: nothing is worked out before they do, and then once for each sample of the GPUs."""

    def __init__(
        self,
        history: GpuHistory | None = None,
        t_s: float | None = None,
        held_s: Mapping[int, Mapping[str, float]] | None = None,
    ) -> None:
        """Show a history up to ``t_s``, all of it where that is left out, and what held the clocks down until then."""
        self._history = history or GpuHistory()
        self._held_s = held_s or {}
        self._known: dict[tuple[int, str, int, int, int], Sequence[float | None]] = {}
        self.t_s = self._history.t_s if t_s is None else t_s
        """Of the last sample; below zero before the first. Nothing later is shown."""
        self.reaches_s = min(self.t_s, self._history.t_s)
        """How far the history had come: that of a replay is read beside the play."""

    def __repr__(self) -> str:
        return f"GpuHistoryView(t_s={self.t_s})"

    def means(self, index: int, metric: str, start_s: int, step_s: int, count: int) -> Sequence[float | None]:
        """Return a GPU's means over ``count`` stretches of ``step_s`` whole seconds; ``None`` is a gap."""
        key = (index, metric, start_s, step_s, count)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._means(*key)
        return found

    def _means(self, index: int, metric: str, start_s: int, step_s: int, count: int) -> Sequence[float | None]:
        track = self._history.tracks.get(index)
        if track is None:
            return [None] * count
        shown = max(0, min(count, int((self.t_s - start_s) // step_s) + 1))
        which, over = METRICS.index(metric), 0
        if self._history.t_s > self.t_s and shown and (over := start_s + shown * step_s - int(self.t_s) - 1) > 0:
            shown -= 1  # the last stretch is known further than it is to be shown
        found = track.means(which, start_s, step_s, shown)
        if over > 0:
            found.append(_known_mean(track.means(which, start_s + shown * step_s, 1, step_s - over)))
        return found + [None] * (count - len(found))

    def throttled_s(self, index: int) -> Mapping[str, float]:
        """Return for how many seconds of the session each cause held a GPU's clocks down."""
        return self._held_s.get(index, {})


def says(reading: GpuReading) -> bool:
    """Return whether a reading tells of its time."""
    return reading.missing is None and (reading.age_s or 0.0) <= STALE_S


def throttling(shares: Mapping[str, float]) -> dict[str, float]:
    """Return the shares of those causes that hold clocks down against the user's wish."""
    return {cause: share for cause, share in shares.items() if cause not in CHOICES}


def _row(reading: GpuReading) -> bytes:
    both = (
        _sum(reading.nvlink_tx_bytes_s, reading.nvlink_rx_bytes_s),
        _sum(reading.pcie_tx_bytes_s, reading.pcie_rx_bytes_s),
        throttled_share(reading),
    )
    known = (*(getattr(reading, name) for name in METRICS[: -len(both)]), *both)
    return _ROW.pack(*(math.nan if value is None or not -1e30 < value < 1e30 else value for value in known))


def throttled_share(reading: GpuReading) -> float | None:
    """Return the share of time of the largest cause; of a bare bit mask, all or nothing."""
    if reading.throttled_pct:
        return max(throttling(reading.throttled_pct).values(), default=0.0)
    return None if reading.throttle is None else 100.0 * bool(reading.throttle & THROTTLING)


def _sum(one: float | None, other: float | None) -> float | None:
    """Return what goes both ways; of one way where the other is not known."""
    known = [rate for rate in (one, other) if rate is not None]
    return sum(known) if known else None


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if value == value]
    return sum(known) / len(known) if known else math.nan


def _known_mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _binned(values: Sequence[float], offset_s: int, width_s: int, step_s: int, count: int) -> list[float | None]:
    """Average cells into stretches: a cell counts where it begins, and fills those it is wider than."""
    bins: list[list[float]] = [[] for _ in range(count)]
    for n, value in enumerate(values):
        if value == value:
            at_s = offset_s + n * width_s
            first = at_s // step_s
            if width_s <= step_s:
                if 0 <= first < count:
                    bins[first].append(value)
                continue
            for place in range(max(0, first), min(count, max(first + 1, (at_s + width_s) // step_s))):
                bins[place].append(value)
    return [sum(held) / len(held) if held else None for held in bins]
