"""MIG: the instances of a divided GPU, each with its own memory and, from driver 550 on, its own counters.

On driver 535 a GPM call on a GPU in MIG mode makes later calls for its memory fail, so GPM is left alone there and
memory is always read before it. Power, clocks and temperature belong to the whole GPU and are told of it alone.
"""

from __future__ import annotations

import re
from typing import Any

from session.events import Gpu, GpuReading
from telemetry.device import LOST, Counters, Device, memory_value
from telemetry.nvml_calls import GpuLost, Value, text

DRIVER = 550
MOST = 16
"""Instances looked for on one GPU; there are at most seven today."""


def instances_of(nvml: Any, device: Device, first: int) -> list[Instance]:
    """Return a GPU's instances, numbered from ``first``; none where the driver does not tell of them."""
    count = _once(nvml, "nvmlDeviceGetMaxMigDeviceCount", device.handle) or 0
    found: list[Instance] = []
    for slot in range(min(MOST, count)):
        handle = _once(nvml, "nvmlDeviceGetMigDeviceHandleByIndex", device.handle, slot)
        number = _once(nvml, "nvmlDeviceGetGpuInstanceId", handle) if handle is not None else None
        if handle is not None and number is not None:
            found.append(Instance(nvml, device, handle, number, first + len(found)))
    return found


class Instance:
    """One MIG instance; it is lost with its GPU."""

    def __init__(self, nvml: Any, device: Device, handle: Any, number: int, index: int) -> None:
        self._nvml, self._device, self._handle, self._number = nvml, device, handle, number
        self.index = index
        self.missing: str | None = None
        """Why it cannot be read any more."""
        self._memory = memory_value(nvml, handle)
        self._counters = Counters(nvml)

    def describe(self, t_s: float) -> Gpu:
        """Say what it is, and prepare its counters."""
        name = _once(self._nvml, "nvmlDeviceGetName", self._handle)
        uuid = _once(self._nvml, "nvmlDeviceGetUUID", self._handle)
        plain = text(name) if name is not None else f"MIG instance {self._number}"
        try:
            memory = self._memory.read()
        except GpuLost:
            memory, self.missing = None, LOST
        missing = self.missing or self._start_counters(plain)
        return Gpu(
            t_s=t_s,
            index=self.index,
            name=plain,
            uuid=text(uuid) if uuid is not None else None,
            memory_total_bytes=memory.total if memory is not None else None,
            counters=missing is None,
            counters_missing=missing,
            instance=self._number,
            parent=self._device.index,
        )

    def read(self, t_s: float, notes: list[str]) -> GpuReading:  # noqa: ARG002 - the whole GPU tells
        """Return memory and counters."""
        if self.missing is None:
            try:
                memory = self._memory.read()
                counters: dict[str, Any] = dict(self._counters.read(t_s))
            except GpuLost:
                self.missing = LOST
                self.close()
            else:
                used = memory.used if memory is not None else None
                return GpuReading(index=self.index, memory_used_bytes=used, **counters)
        return GpuReading(index=self.index, missing=self.missing)

    def close(self) -> None:
        """Free the counters."""
        self._counters.close()

    def _start_counters(self, name: str) -> str | None:
        version = _once(self._nvml, "nvmlSystemGetDriverVersion")
        said = text(version) if version is not None else ""
        major = re.match(r"\d{1,6}", said)
        if major is None or int(major[0]) < DRIVER or not hasattr(self._nvml, "nvmlGpmMigSampleGet"):
            return f"counters of MIG instances need driver {DRIVER} or newer; this is {said or 'an unknown one'}"
        return self._counters.start(self._device.handle, name, self._number)


def _once(nvml: Any, name: str, *args: Any) -> Any | None:
    """Return what a call gives, ``None`` where it gives nothing."""
    call = getattr(nvml, name, None)
    if call is None:
        return None
    try:
        return Value(nvml, [lambda: call(*args)]).read()
    except GpuLost:
        return None
