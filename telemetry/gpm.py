"""GPM: hardware counters of Hopper and newer, averaged between two samples of a GPU.

One pair of sample buffers per GPU lives as long as the reader and changes places at every read, so the
averages cover the time without gaps. The driver refreshes its samples about every 100 ms; two that are
closer give invalid values, and two that are far apart would average over a pause nobody asked about.
"""

from __future__ import annotations

import contextlib
import math
from typing import Any

SHORTEST_S = 0.1
LONGEST_S = 10.0
MIB = 1024.0 * 1024.0

METRICS: dict[int, tuple[str, float]] = {
    1: ("graphics_pct", 1.0),
    2: ("sm_pct", 1.0),
    3: ("sm_occupancy_pct", 1.0),
    5: ("tensor_pct", 1.0),
    10: ("dram_pct", 1.0),
    20: ("pcie_tx_bytes_s", MIB),
    21: ("pcie_rx_bytes_s", MIB),
    60: ("nvlink_rx_bytes_s", MIB),
    61: ("nvlink_tx_bytes_s", MIB),
}
"""GPM metric id to the field of a reading, and what its unit (percent, MiB/s) is multiplied by."""


class GpmPair:
    """The two samples of one GPU, or of one of its MIG instances. Close it: the driver's memory is not Python's."""

    def __init__(self, nvml: Any, handle: Any, instance: int | None = None) -> None:
        """Allocate; raise the module's ``NVMLError`` where the driver refuses. ``handle`` is the whole GPU's."""
        self._nvml, self._handle, self._instance = nvml, handle, instance
        self._samples: list[Any] = []
        self._request = nvml.c_nvmlGpmMetricsGet_t()
        self._ids = list(METRICS)
        self._probed = False
        self._taken_s: float | None = None
        self._values: dict[str, float] = {}
        try:
            self._samples += [nvml.nvmlGpmSampleAlloc()]
            self._samples += [nvml.nvmlGpmSampleAlloc()]
        except nvml.NVMLError:
            self.close()
            raise

    def read(self, t_s: float) -> dict[str, float]:
        """Return the fields that the driver could average since the last read; the first has none.

        Asked again too soon, it gives the last answer. Raises ``NVMLError`` where no sample can be taken.
        """
        if self._taken_s is not None and t_s - self._taken_s < SHORTEST_S:
            return self._values
        old, new = self._samples
        self._values = {}
        if self._instance is None:
            self._nvml.nvmlGpmSampleGet(self._handle, new)
        else:
            self._nvml.nvmlGpmMigSampleGet(self._handle, self._instance, new)
        before_s, self._taken_s = self._taken_s, t_s
        self._samples = [new, old]
        if before_s is not None and t_s - before_s <= LONGEST_S:
            self._values = self._average(old, new)
        return self._values

    def close(self) -> None:
        """Free both samples, whatever has happened before; harmless when repeated."""
        while self._samples:
            with contextlib.suppress(self._nvml.NVMLError):
                self._nvml.nvmlGpmSampleFree(self._samples.pop())

    def _average(self, old: Any, new: Any) -> dict[str, float]:
        request = self._request
        request.version = self._nvml.NVML_GPM_METRICS_GET_VERSION
        request.numMetrics = len(self._ids)
        request.sample1, request.sample2 = old, new
        for slot, metric in enumerate(self._ids):
            request.metrics[slot].metricId = metric
        self._nvml.nvmlGpmMetricsGet(request)
        values: dict[str, float] = {}
        unsupported: set[int] = set()
        for slot, metric in enumerate(self._ids):
            found = request.metrics[slot]
            field, factor = METRICS[metric]
            if found.nvmlReturn == self._nvml.NVML_SUCCESS:
                if math.isfinite(found.value):
                    values[field] = found.value * factor
            elif found.nvmlReturn == self._nvml.NVML_ERROR_NOT_SUPPORTED:
                unsupported.add(metric)
        if not self._probed:
            # Only once: a metric that works now and fails later has failed, not gone.
            self._probed = True
            self._ids = [metric for metric in self._ids if metric not in unsupported]
        return values
