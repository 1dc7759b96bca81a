"""What a page shows over time: columns gathered as events pass by, thinned out to what a plot can show."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from session.events import Event, GpuReading, GpuSample, Level, Note, Request, Tick

KINDS = 7
"""Kinds of failure that are told apart; the others come together."""
POINTS = 1500
"""A plot is about so many pixels wide."""
READINGS: dict[str, Callable[[GpuReading], float | None]] = {
    "power_w": lambda reading: reading.power_w,
    "dram_pct": lambda reading: reading.dram_pct,
    "tensor_pct": lambda reading: reading.tensor_pct,
}


@dataclass(slots=True)
class Column:
    """A value over time; what was not read is not in it."""

    t_s: array[float] = field(default_factory=lambda: array("d"))
    value: array[float] = field(default_factory=lambda: array("d"))

    def add(self, t_s: float, value: float | None) -> None:
        """Add a reading."""
        if value is not None:
            self.t_s.append(t_s)
            self.value.append(value)

    def thinned(self, until_s: float) -> tuple[list[float], list[float | None]]:
        """Return means over equal stretches; a stretch without readings is a gap.

        Stretches are a second at least, so that readings once a second leave no gaps between them.
        """
        width_s = max(1.0, until_s / POINTS)
        sums: dict[int, tuple[float, int]] = {}
        for t_s, value in zip(self.t_s, self.value, strict=True):
            total, count = sums.get(int(t_s / width_s), (0.0, 0))
            sums[int(t_s / width_s)] = total + value, count + 1
        if not sums:
            return [], []
        cells = range(min(sums), max(sums) + 1)
        return [(at + 0.5) * width_s for at in cells], [_mean(sums.get(at)) for at in _bridged(cells, sums)]


class Timeline:
    """Gathers tokens a second, GPU readings, failed requests, load changes and notes."""

    def __init__(self) -> None:
        self.tokens = Column()
        self.gpus: dict[tuple[int, str], Column] = {}
        self.errors: dict[str, dict[int, int]] = {}
        """Failed requests by kind and second; cancelled ones are no failures."""
        self.marks: list[tuple[float, str]] = []
        self.until_s = 0.0
        self._second = 0
        self._in_second = 0

    def apply(self, event: Event) -> None:
        """Take in one event."""
        self.until_s = max(self.until_s, event.t_s)
        match event:
            case Tick():
                self._tick(event)
            case GpuSample():
                for reading in event.gpus:
                    for name, read in READINGS.items():
                        column = self.gpus.setdefault((reading.index, name), Column())
                        column.add(event.t_s, read(reading))
            case Request() if event.error not in (None, "cancelled"):
                self._failed(event.error or "", event.t_s)
            case Level():
                asked = event.rate if event.rate is not None else event.speed
                self.marks.append((event.t_s, f"{asked:g}/s" if asked is not None else str(event.concurrency)))
            case Note():
                self.marks.append((event.t_s, event.text))

    @property
    def read(self) -> bool:
        """Whether any GPU told anything."""
        return any(column.t_s for column in self.gpus.values())

    def _failed(self, kind: str, t_s: float) -> None:
        name = kind if kind in self.errors or len(self.errors) < KINDS else "other"
        seconds = self.errors.setdefault(name, {})
        seconds[int(t_s)] = seconds.get(int(t_s), 0) + 1

    def _tick(self, tick: Tick) -> None:
        second = int(max(0.0, tick.t_s - tick.dt_s / 2))
        if second > self._second:
            self.tokens.add(self._second + 0.5, float(max(0, self._in_second)))
            self._second, self._in_second = second, 0
        self._in_second += tick.output_tokens


Thinned = tuple[list[float], list[float | None]]


def range_of(
    columns: Sequence[Thinned],
) -> tuple[list[float], list[float | None], list[float | None], list[float | None]]:
    """Return times, lowest, mean and highest of columns that were thinned alike; ``None`` where none has a value."""
    cells: dict[float, list[float]] = {}
    for times, values in columns:
        for t_s, value in zip(times, values, strict=True):
            told = cells.setdefault(t_s, [])
            if value is not None:
                told.append(value)
    ordered = sorted(cells.items())
    each = [told or None for _, told in ordered]
    return (
        [t_s for t_s, _ in ordered],
        [min(told) if told else None for told in each],
        [fmean(told) if told else None for told in each],
        [max(told) if told else None for told in each],
    )


def _bridged(cells: Sequence[int], sums: dict[int, tuple[float, int]]) -> list[int]:
    """Return the cell that each takes its value from: readings are not exact, so a single empty one takes its
    neighbour's."""
    return [at if at in sums or at - 1 not in sums or at + 1 not in sums else at - 1 for at in cells]


def _mean(cell: tuple[float, int] | None) -> float | None:
    return None if cell is None else cell[0] / cell[1]
