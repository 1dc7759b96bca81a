"""What is drawn of a GPU over time: names, units, scales, and where the present value stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from session.gpu_history import throttled_share
from session.view import GpuView
from tui.draw.axis import nice_max
from tui.draw.fmt import sig3, whole

_Known = float | None


@dataclass(frozen=True, slots=True)
class Metric:
    """One quantity."""

    key: str
    """As ``session.gpu_history`` names it."""
    label: str
    short: str
    unit: str
    role: str
    now: Callable[[GpuView], _Known]
    form: Callable[[_Known], str]
    """Says a value that was divided by ``per``."""
    top: Callable[[GpuView], _Known]
    """The end of the scale; ``None``: the nearest round number above what is shown."""
    per: float = 1.0
    """What one unit is, in the units of a reading."""
    limit: str = ""
    """What the end of the scale is called, where it says something of this GPU."""

    def said(self, value: _Known) -> str:
        """Return a value of a reading in words, without its unit."""
        return self.form(None if value is None else value / self.per)

    def end(self, view: GpuView, seen: Sequence[_Known]) -> float:
        """Return the end of the scale, in the units of a reading."""
        fixed = self.top(view)
        if fixed is not None and fixed > 0:
            return fixed
        most = max((value for value in seen if value is not None), default=0.0)
        return nice_max(most / self.per) * self.per if most > 0 else self.per


def _read(name: str) -> Callable[[GpuView], _Known]:
    return lambda gpu: getattr(gpu.reading, name)


def _both(one: str, other: str) -> Callable[[GpuView], _Known]:
    def told(gpu: GpuView) -> _Known:
        rates = [rate for rate in (getattr(gpu.reading, one), getattr(gpu.reading, other)) if rate is not None]
        return sum(rates) if rates else None

    return told


def _hundred(_: GpuView) -> _Known:
    return 100.0


def _power_limit(gpu: GpuView) -> _Known:
    return gpu.reading.power_limit_w or gpu.info.power_limit_w


def _throttled(gpu: GpuView) -> _Known:
    return throttled_share(gpu.reading)


def _plain(value: _Known) -> str:
    return whole(value).replace(",", "")


METRICS: tuple[Metric, ...] = (
    Metric("dram_pct", "DRAM", "DRAM", "%", "memory", _read("dram_pct"), sig3, _hundred),
    Metric("tensor_pct", "tensor", "tensor", "%", "compute", _read("tensor_pct"), sig3, _hundred),
    Metric("power_w", "power", "power", "W", "accent", _read("power_w"), _plain, _power_limit, limit="limit"),
    Metric(
        "memory_used_bytes", "memory", "memory", "GiB", "kv", _read("memory_used_bytes"), sig3,
        lambda gpu: gpu.info.memory_total_bytes, 2**30, "of",
    ),
    Metric(
        "nvlink_bytes_s", "NVLink", "NVLink", "GB/s", "communication",
        _both("nvlink_tx_bytes_s", "nvlink_rx_bytes_s"), sig3, lambda _: None, 1e9,
    ),
    Metric("sm_pct", "SM", "SM", "%", "dim", _read("sm_pct"), sig3, _hundred),
    Metric("temp_c", "temperature", "temp", "°C", "dim", _read("temp_c"), _plain, _hundred),
    Metric(
        "sm_clock_mhz", "SM clock", "clock", "MHz", "dim", _read("sm_clock_mhz"), _plain,
        lambda gpu: gpu.info.sm_clock_max_mhz, limit="max",
    ),
    Metric("throttled_pct", "throttled", "thrott", "%", "warn", _throttled, sig3, _hundred),
    Metric(
        "pcie_bytes_s", "PCIe", "PCIe", "GB/s", "communication",
        _both("pcie_tx_bytes_s", "pcie_rx_bytes_s"), sig3, lambda _: None, 1e9,
    ),
    Metric("util_pct", "busy", "busy", "%", "dim", _read("util_pct"), sig3, _hundred),
)  # fmt: skip
"""The most telling first."""
CORE = ("dram_pct", "tensor_pct", "power_w", "memory_used_bytes")
"""Drawn even where nobody can read them: that they are missing is worth a line."""
BY_KEY: Mapping[str, Metric] = {metric.key: metric for metric in METRICS}
