"""GPU readings over a stretch of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import attrgetter, or_
from typing import Any

import msgspec

from session.events import GpuReading

AVERAGED = (
    "util_pct", "mem_util_pct", "memory_used_bytes", "power_w", "power_limit_w", "sm_clock_mhz", "mem_clock_mhz",
    "temp_c", "graphics_pct", "sm_pct", "sm_occupancy_pct", "tensor_pct", "dram_pct",
    "nvlink_tx_bytes_s", "nvlink_rx_bytes_s", "pcie_tx_bytes_s", "pcie_rx_bytes_s", "power_mean_w", "hbm_temp_c",
)  # fmt: skip
_averaged = attrgetter(*AVERAGED)
WHOLE = {"memory_used_bytes", "sm_clock_mhz", "mem_clock_mhz"}
LATEST = ("ecc_uncorrected", "remapped_rows", "remap_pending", "remap_failed", "missing")
_latest = attrgetter(*LATEST)
STALE_S = 5.0
"""A reading whose values were older than this tells of another time than its own."""


class MeanReading(msgspec.Struct, array_like=True):
    """Running means of one GPU's readings; a value that was never read stays ``None``."""

    _sums: list[float] = msgspec.field(default_factory=lambda: [0.0] * len(AVERAGED))
    _counts: list[int] = msgspec.field(default_factory=lambda: [0] * len(AVERAGED))
    """In the order of :data:`AVERAGED`."""
    _held: dict[str, tuple[float, int]] = {}
    """What holds the clocks down: sum of its shares, and how many."""
    _throttle: int | None = None
    _energy: list[float] = []
    _latest: tuple[int | None, int | None, bool | None, bool | None, str | None] = (None, None, None, None, None)
    """In the order of :data:`LATEST`."""

    def add(self, reading: GpuReading) -> None:
        """Add one reading; one whose values were stale is left out."""
        if (reading.age_s or 0.0) > STALE_S:
            return
        self._latest = _latest(reading)
        sums, counts = self._sums, self._counts
        for at, value in enumerate(_averaged(reading)):
            if value is not None:
                sums[at] += value
                counts[at] += 1
        for cause, share in reading.throttled_pct.items():
            total, count = self._held.get(cause, (0.0, 0))
            self._held[cause] = total + share, count + 1
        if reading.throttle is not None:
            self._throttle = (self._throttle or 0) | reading.throttle
        if reading.energy_j is not None:
            self._energy = [*self._energy[:1], reading.energy_j]

    def mean(self, index: int) -> GpuReading:
        """Return the means; ``energy_j`` is what was used between the first and the last reading."""
        values: dict[str, Any] = {}
        for name, total, count in zip(AVERAGED, self._sums, self._counts, strict=True):
            if count:
                values[name] = round(total / count) if name in WHOLE else total / count
        values["throttled_pct"] = {cause: total / count for cause, (total, count) in self._held.items()}
        values["energy_j"] = self._energy[-1] - self._energy[0] if len(self._energy) > 1 else None
        values |= zip(LATEST, self._latest, strict=True)
        return GpuReading(index=index, throttle=self._throttle, **values)


class RecentReadings(msgspec.Struct, array_like=True):
    """The readings of the last ``keep_s`` seconds."""

    _keep_s: float
    _readings: list[tuple[float, GpuReading]] = []

    def add(self, t_s: float, reading: GpuReading) -> None:
        """Add one reading."""
        self._readings.append((t_s, reading))
        while self._readings[0][0] < t_s - self._keep_s:
            del self._readings[0]

    def latest(self) -> tuple[float, GpuReading]:
        """Return the last reading and its time."""
        return self._readings[-1]

    def mean(self, index: int, now_s: float) -> GpuReading | None:
        """Return the mean of what is not older than the window, of the fields that a verdict takes; or ``None``."""
        since_s = now_s - self._keep_s - 1.0
        fresh = [r for t, r in self._readings if t >= since_s and (r.age_s or 0.0) <= STALE_S]
        if not fresh:
            return None
        columns = zip(*(_judged(reading) for reading in fresh), strict=True)
        memory, clock, graphics, dram, tensor, sent, received = (_mean(column) for column in columns)
        return GpuReading(
            index=index,
            memory_used_bytes=round(memory) if memory is not None else None,
            sm_clock_mhz=round(clock) if clock is not None else None,
            graphics_pct=graphics,
            dram_pct=dram,
            tensor_pct=tensor,
            nvlink_tx_bytes_s=sent,
            nvlink_rx_bytes_s=received,
            throttle=_all_reasons(fresh),
            throttled_pct=_throttled(fresh),
        )


_judged = attrgetter(
    "memory_used_bytes", "sm_clock_mhz", "graphics_pct", "dram_pct", "tensor_pct", "nvlink_tx_bytes_s",
    "nvlink_rx_bytes_s",
)  # fmt: skip


def _mean(values: Sequence[float | None]) -> float | None:
    known = values if None not in values else [value for value in values if value is not None]
    return sum(known) / len(known) if known else None  # type: ignore[arg-type]  # there is no None in them


def _all_reasons(readings: Iterable[GpuReading]) -> int | None:
    reasons = [reading.throttle for reading in readings if reading.throttle is not None]
    return reduce(or_, reasons) if reasons else None


def _throttled(readings: Iterable[GpuReading]) -> dict[str, float]:
    sums: dict[str, float] = {}
    counts: dict[str, int] = {}
    for reading in readings:
        for cause, share in reading.throttled_pct.items():
            sums[cause] = sums.get(cause, 0.0) + share
            counts[cause] = counts.get(cause, 0) + 1
    return {cause: total / counts[cause] for cause, total in sums.items()}
