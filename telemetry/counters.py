"""What NVML's counters say of a stretch of time: throttling, links, PCIe, and the memory's health.

Field ids from nvml.h: perf policies 74 to 78 and clock event reasons 269 to 271 count nanoseconds; NVLink data
138 and 139 count KiB a link up to Hopper, 202 and 204 bytes a link from Blackwell on; PCIe 197 and 198 count bytes
("value can be wrapped"). ``nvmlDeviceGetPcieThroughput`` is not used: it blocks for 20 ms a direction.
"""

from __future__ import annotations

from typing import Any

from telemetry.fields import Field, FieldValues
from telemetry.rates import Rates

THROTTLED = {
    74: "power",
    75: "thermal",
    76: "sync boost",
    77: "board",
    78: "low use",
    269: "SW heat",
    270: "HW heat",
    271: "brake",
}
"""Field to what holds the clocks down."""
_ECC, _HBM, _LINKS = 4, 82, 91
_REMAPPED, _PENDING, _FAILED = (142, 143), 144, 145
_PCIE = {"pcie_tx_bytes_s": 197, "pcie_rx_bytes_s": 198}
_NVLINK = {"nvlink_tx_bytes_s": ((138, 1024.0), (202, 1.0)), "nvlink_rx_bytes_s": ((139, 1024.0), (204, 1.0))}
"""Field of a reading to counters and the bytes that each counts by; the first that a GPU has is used."""
MOST_LINKS = 72
_NARROW = 1 << 32


class Health:
    """Throttled time, temperature and faults of the memory."""

    def __init__(self, nvml: Any, handle: Any) -> None:
        ids = (*THROTTLED, _ECC, _HBM, *_REMAPPED, _PENDING, _FAILED)
        self._fields = FieldValues(nvml, handle, [(field, 0) for field in ids])
        self._rates = Rates()

    def read(self, t_s: float) -> dict[str, Any]:
        """Return fields of a reading; raise :class:`~telemetry.nvml_calls.GpuLost`."""
        found = {field: value for (field, _), value in self._fields.read().items()}
        remapped = [int(found[field]) for field in _REMAPPED if field in found]
        known = {
            "hbm_temp_c": found.get(_HBM),
            "ecc_uncorrected": int(found[_ECC]) if _ECC in found else None,
            "remapped_rows": sum(remapped) if remapped else None,
            "remap_pending": bool(found[_PENDING]) if _PENDING in found else None,
            "remap_failed": bool(found[_FAILED]) if _FAILED in found else None,
            "throttled_pct": self._throttled(t_s, found),
        }
        return {name: value for name, value in known.items() if value is not None}

    def _throttled(self, t_s: float, found: dict[int, float]) -> dict[str, float]:
        """Return shares of the time, 0 to 100; nanoseconds a second are 1e-7 percent."""
        rates = ((name, self._rates.per_s(field, t_s, found.get(field))) for field, name in THROTTLED.items())
        return {name: min(100.0, rate / 1e7) for name, rate in rates if rate is not None}


class Traffic:
    """NVLink and PCIe by counters, for GPUs whose GPM does not tell."""

    def __init__(self, nvml: Any, handle: Any) -> None:
        self._nvml, self._handle = nvml, handle
        self._rates = Rates()
        self._fields: FieldValues | None = None

    def read(self, t_s: float) -> dict[str, float]:
        """Return fields of a reading; the first has none. Raises :class:`~telemetry.nvml_calls.GpuLost`."""
        if self._fields is None:
            self._fields = self._find()
        found = self._fields.read()
        values = {name: self._nvlink(t_s, found, counters) for name, counters in _NVLINK.items()}
        values |= {name: self._pcie(t_s, found, field) for name, field in _PCIE.items()}
        return {name: value for name, value in values.items() if value is not None}

    def _find(self) -> FieldValues:
        """Ask for the links that there are."""
        count = FieldValues(self._nvml, self._handle, [(_LINKS, 0)]).read().get((_LINKS, 0), 0.0)
        links = range(min(MOST_LINKS, int(count)))
        ids = [field for counters in _NVLINK.values() for field, _ in counters]
        wanted: list[Field] = [(field, link) for field in ids for link in links]
        return FieldValues(self._nvml, self._handle, [*wanted, *((field, 0) for field in _PCIE.values())])

    def _nvlink(self, t_s: float, found: dict[Field, float], counters: tuple[tuple[int, float], ...]) -> float | None:
        """Return the rate of all links together, ``None`` where one of them has none: a part is not the whole."""
        for field, unit in counters:
            links = [key for key in found if key[0] == field]
            if links:
                rates = [self._rates.per_s(key, t_s, found[key]) for key in links]
                known = [rate for rate in rates if rate is not None]
                return sum(known) * unit if len(known) == len(rates) else None
        return None

    def _pcie(self, t_s: float, found: dict[Field, float], field: int) -> float | None:
        """Return the rate; a counter of 32 bits wraps several times a second under load and is given up."""
        key = (field, 0)
        rate = self._rates.per_s(key, t_s, found.get(key))
        if key in self._rates.fell and found.get(key, 0.0) < _NARROW and self._fields is not None:
            self._fields.drop([key])
            return None
        return rate
