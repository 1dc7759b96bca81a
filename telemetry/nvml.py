"""The GPUs of this machine through NVML, with GPM's DRAM and tensor counters where the GPU has them."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pynvml

from session.events import Gpu, GpuSample
from telemetry.device import Device
from telemetry.mig import Instance, instances_of
from telemetry.nvml_calls import GpuLost, said


class NvmlMissing(Exception):
    """NVML cannot be used here; the text is one line for the user."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NvmlReader:
    """Reads every GPU that the driver shows. Use it from one thread; close it."""

    def __init__(self, nvml: Any = pynvml) -> None:
        self._nvml = nvml
        self._open = False
        self._devices: list[Device | Instance] = []
        self._notes: list[str] = []

    def open(self, t_s: float = 0.0) -> list[Gpu]:
        """Find the GPUs; raise :class:`NvmlMissing` with the user's line where there are none."""
        nvml = self._nvml
        try:
            nvml.nvmlInit()
            self._open = True
            count = nvml.nvmlDeviceGetCount()
        except nvml.NVMLError as error:
            self.close()
            raise NvmlMissing(_why(nvml, error)) from None
        gpus = [gpu for index in range(count) if (gpu := self._add(index, t_s)) is not None]
        gpus += self._add_instances(count, t_s)
        if not gpus:
            self.close()
            lost = f" ({self._notes[0]})" if self._notes else ": in a container, start it with --gpus all"
            raise NvmlMissing(f"the NVIDIA driver shows no GPU here{lost}")
        return gpus

    def read(self, t_s: float) -> GpuSample:
        """Read all GPUs in one round; about 6 ms each. A lost GPU stays in the list, without values."""
        start = time.perf_counter()
        readings = [device.read(t_s, self._notes) for device in self._devices]
        readings.sort(key=lambda reading: reading.index)
        return GpuSample(t_s=t_s, gpus=readings, took_s=time.perf_counter() - start)

    def take_notes(self) -> list[str]:
        """Return what a person should know since the last call, one line each."""
        notes, self._notes = self._notes, []
        return notes

    def all_lost(self) -> bool:
        """Say whether no GPU is left to read."""
        return all(device.missing is not None for device in self._devices)

    def close(self) -> None:
        """Free the counters' samples and leave NVML; harmless when repeated."""
        for device in self._devices:
            device.close()
        self._devices = []
        if self._open:
            self._open = False
            with contextlib.suppress(self._nvml.NVMLError):
                self._nvml.nvmlShutdown()

    def _add(self, index: int, t_s: float) -> Gpu | None:
        try:
            device = Device(self._nvml, index)
            gpu = device.describe(t_s)
        except (GpuLost, self._nvml.NVMLError) as error:
            why = "it is lost" if isinstance(error, GpuLost) else said(error)
            self._notes.append(f"GPU {index} cannot be read: {why}")
            return None
        self._devices.append(device)
        return gpu

    def _add_instances(self, first: int, t_s: float) -> list[Gpu]:
        """Add the instances of GPUs in MIG mode after the whole GPUs; read before those, their memory comes first."""
        whole = [device for device in self._devices if isinstance(device, Device) and device.mig]
        found: list[Instance] = []
        for device in whole:
            parts = instances_of(self._nvml, device, first + len(found))
            device.divided = bool(parts)
            found += parts
        self._devices = [*found, *self._devices]
        return [part.describe(t_s) for part in found]


def _why(nvml: Any, error: Any) -> str:
    """Return the user's line for an NVML that does not start."""
    lines = {
        nvml.NVML_ERROR_LIBRARY_NOT_FOUND: (
            "no NVIDIA driver on this machine (libnvidia-ml.so.1 not found): GPU panels stay empty; "
            "that is normal on a client machine"
        ),
        nvml.NVML_ERROR_DRIVER_NOT_LOADED: (
            "the NVIDIA driver is not loaded: GPU panels stay empty; does nvidia-smi work?"
        ),
        nvml.NVML_ERROR_NO_PERMISSION: (
            "no permission to ask the NVIDIA driver: this user needs access to /dev/nvidia*"
        ),
        nvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH: (
            "the NVIDIA library and the loaded driver differ in version: a reboot after the update is due"
        ),
    }
    return lines.get(error.value) or f"the NVIDIA driver does not answer ({said(error)}): does nvidia-smi work?"
