"""Logs of ``nvidia-smi dmon``: any choice of columns, with and without dates and times, of one GPU or several.

Columns go by their names in the heading, which may come again and change; ``-`` is missing. ``sm`` is
``utilization.gpu``. Without times (``-o T``) each round of readings stands for a second, which is what it does unless
told otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from results.imports.parts import MAX_BYTES, MAX_READINGS, MAX_SPAN_S, NotImportable, Watch
from session.events import GpuReading, GpuSample

ORIGIN = "nvidia-smi dmon"
MAX_LINE = 4096
MAX_INDEX = 1023
_NUMBER = re.compile(r"\d{1,18}(\.\d{1,9})?")
_MISSING = {"-", "–", "N/A"}
_SEPARATORS = re.compile(r"[\s,]+")
COLUMNS: dict[str, tuple[str, float]] = {
    "pwr": ("power_w", 1.0), "gtemp": ("temp_c", 1.0), "temp": ("temp_c", 1.0), "mtemp": ("hbm_temp_c", 1.0),
    "sm": ("util_pct", 1.0), "mem": ("mem_util_pct", 1.0), "mclk": ("mem_clock_mhz", 1.0),
    "pclk": ("sm_clock_mhz", 1.0), "fb": ("memory_used_bytes", float(1 << 20)), "dbecc": ("ecc_uncorrected", 1.0),
    "rxpci": ("pcie_rx_bytes_s", 1e6), "txpci": ("pcie_tx_bytes_s", 1e6),
    "smutil": ("sm_pct", 1.0), "smocc": ("sm_occupancy_pct", 1.0), "mmaact": ("tensor_pct", 1.0),
}  # fmt: skip
"""Fields of a reading, and what their columns are multiplied by: MB there are MiB of memory and 10^6 bytes of PCIe."""
_WHOLE = {"mem_clock_mhz", "sm_clock_mhz", "memory_used_bytes", "ecc_uncorrected"}


class _Bad(Exception):
    """A line that is no reading."""


def looks_like(head: bytes) -> bool:
    """Whether the first line that holds something is a heading of this tool."""
    for line in head.splitlines():
        if line.strip():
            return _heading(line[:MAX_LINE].decode("utf-8", "replace")) is not None
    return False


def read(path: Path) -> Watch:
    """Read a log; raise ``OSError`` and :class:`NotImportable`."""
    if path.stat().st_size > MAX_BYTES:
        raise NotImportable(f"the log is larger than {MAX_BYTES >> 20} MiB, which is as much as an import reads")
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        return parse(file)


def parse(lines: Iterable[str]) -> Watch:
    """Return the readings of a log's lines; raise :class:`NotImportable` where there are none."""
    log = _Log()
    for line in lines:
        log.take(line)
    return log.watch()


@dataclass(slots=True)
class _Log:
    """What has been read so far."""

    columns: Sequence[str] = ()
    rounds: list[tuple[datetime | None, list[GpuReading]]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    """GPUs of the last round."""
    readings: int = 0
    bad: int = 0

    def take(self, line: str) -> None:
        """Take in a line; one without an end was cut while it was written."""
        if not line.strip():
            return
        if (heading := _heading(line)) is not None:
            self.columns = heading
        elif not line.lstrip().startswith("#"):
            try:
                self._row(line)
            except _Bad:
                self.bad += 1

    def _row(self, line: str) -> None:
        cells = _SEPARATORS.split(line.strip())
        if not line.endswith("\n") or len(line) > MAX_LINE or len(cells) != len(self.columns):
            raise _Bad
        row = dict(zip(self.columns, cells, strict=True))
        at, reading = _time(row), _reading(row)
        self.readings += 1
        if self.readings > MAX_READINGS:
            raise NotImportable(
                f"the log holds more than {MAX_READINGS:,} readings, which is as many as an import reads"
            )
        if not self.rounds or any(reading.index == other.index for other in self.rounds[-1][1]):
            self.rounds.append((at, []))
        self.rounds[-1][1].append(reading)

    def watch(self) -> Watch:
        """Return all of it."""
        if not self.rounds:
            raise NotImportable("the dmon log holds no reading that can be understood")
        times = _seconds([at for at, _ in self.rounds])
        if times[-1] > MAX_SPAN_S:
            raise NotImportable(f"the dmon log spans {times[-1] / 3600:,.0f} h: a broken clock")
        first = self.rounds[0][0]
        remarks = [] if first is not None else ["the dmon log has no times: each round is taken for one second"]
        if self.bad:
            remarks.append(f"{self.bad} lines of the dmon log could not be understood")
        began = first.astimezone() if first is not None and first.year > 1 else None
        samples = [GpuSample(t_s=t_s, gpus=readings) for t_s, (_, readings) in zip(times, self.rounds, strict=True)]
        return Watch(ORIGIN, began, samples, remarks)


def _heading(line: str) -> Sequence[str] | None:
    """Return the names of columns, in lower case; ``None`` where a line is no heading."""
    if not line.lstrip().startswith("#") or len(line) > MAX_LINE:
        return None
    names = [name for name in _SEPARATORS.split(line.replace("#", " ").strip().lower()) if name]
    known = len(set(names)) == len(names) and "gpu" in names and len(names) > 1
    return names if known else None


def _time(row: dict[str, str]) -> datetime | None:
    """Return a row's time; of year 1 where only the time of day is there."""
    if "time" not in row:
        return None
    date = row.get("date", "00010101")
    try:
        return datetime.strptime(f"{date} {row['time']}", "%Y%m%d %H:%M:%S")
    except ValueError:
        raise _Bad from None


def _reading(row: dict[str, str]) -> GpuReading:
    index = row["gpu"]
    if not index.isascii() or not index.isdigit() or len(index) > 4 or int(index) > MAX_INDEX:
        raise _Bad
    found: dict[str, float | int] = {}
    for name, (wanted, scale) in COLUMNS.items():
        cell = row.get(name, "-")
        if cell in _MISSING:
            continue
        if not _NUMBER.fullmatch(cell):
            raise _Bad
        value = float(cell) * scale
        found[wanted] = round(value) if wanted in _WHOLE else value
    return GpuReading(index=int(index), **found)  # type: ignore[arg-type]


def _seconds(times: Sequence[datetime | None]) -> list[float]:
    """Return seconds since the first; a clock that steps back stands still, one past midnight goes on."""
    found: list[float] = []
    first, days = times[0], 0
    for number, at in enumerate(times):
        last = found[-1] if found else 0.0
        if at is None or first is None:
            found.append(float(number) if first is None else last)
            continue
        if at.year == 1 and (at - first + timedelta(days=days)).total_seconds() < last - 43200:
            days += 1
        found.append(max(last, (at - first + timedelta(days=days)).total_seconds()))
    return found
