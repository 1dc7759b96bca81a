"""Text as ``nvidia-smi dmon -s pucm`` prints it with date and time, for tools that read that."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from results.stream import Stream
from results.unsuited import Unsuited
from session.events import GpuReading, GpuSample

_COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("#Date", "#YYYYMMDD", 9), ("Time", "HH:MM:SS", 10), ("gpu", "Idx", 5), ("pwr", "W", 6), ("gtemp", "C", 6),
    ("mtemp", "C", 6), ("sm", "%", 6), ("mem", "%", 6), ("mclk", "MHz", 6), ("pclk", "MHz", 6), ("fb", "MB", 8),
)  # fmt: skip
_EVERY = 30
"""Lines between headings, as there."""


def export(source: Path, out: Path) -> list[Path]:
    """Write it; ``-`` stands for what was not read. ``sm`` is ``utilization.gpu``, as there."""
    with Stream(source) as stream, out.open("w", encoding="utf-8") as file:
        started = datetime.fromisoformat(stream.header.started_at)
        lines = 0
        for event in stream:
            if not isinstance(event, GpuSample):
                continue
            now = started + timedelta(seconds=event.t_s)
            for reading in event.gpus:
                if lines % _EVERY == 0:
                    file.write(_heading())
                file.write(_line(now, reading))
                lines += 1
    if not lines:
        out.unlink()
        raise Unsuited("it holds no reading of a GPU")
    return [out]


def _heading() -> str:
    names = " ".join(name.rjust(width) for name, _, width in _COLUMNS)
    units = " ".join(unit.rjust(width) for _, unit, width in _COLUMNS)
    return f"{names}\n{units}\n"


def _line(now: datetime, reading: GpuReading) -> str:
    used = None if reading.memory_used_bytes is None else reading.memory_used_bytes / 2**20
    figures = (reading.power_w, reading.temp_c, reading.hbm_temp_c, reading.util_pct, reading.mem_util_pct,
               reading.mem_clock_mhz, reading.sm_clock_mhz, used)  # fmt: skip
    cells = [f"{now:%Y%m%d}", f"{now:%H:%M:%S}", str(reading.index), *map(_whole, figures)]
    return " ".join(cell.rjust(width) for cell, (_, _, width) in zip(cells, _COLUMNS, strict=True)) + "\n"


def _whole(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"
