"""The GPUs of this machine through NVML, with GPM's DRAM and tensor counters where the GPU has them."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pynvml

from session.events import Gpu, GpuReading, GpuSample
from telemetry.gpm import GpmPair
from telemetry.nvml_calls import GpuLost, Value, device_values, fixed_values, said, text


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
        self._devices: list[_Device] = []
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
        if not gpus:
            self.close()
            lost = f" ({self._notes[0]})" if self._notes else ": in a container, start it with --gpus all"
            raise NvmlMissing(f"the NVIDIA driver shows no GPU here{lost}")
        return gpus

    def read(self, t_s: float) -> GpuSample:
        """Read all GPUs in one round; about 6 ms each. A lost GPU stays in the list, without values."""
        start = time.perf_counter()
        readings = [device.read(t_s, self._notes) for device in self._devices]
        return GpuSample(t_s=t_s, gpus=readings, took_s=time.perf_counter() - start)

    def take_notes(self) -> list[str]:
        """Return what a person should know since the last call, one line each."""
        notes, self._notes = self._notes, []
        return notes

    def all_lost(self) -> bool:
        """Say whether no GPU is left to read."""
        return all(device.lost for device in self._devices)

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
            device = _Device(self._nvml, index)
            gpu = device.describe(t_s)
        except (GpuLost, self._nvml.NVMLError) as error:
            why = "it is lost" if isinstance(error, GpuLost) else said(error)
            self._notes.append(f"GPU {index} cannot be read: {why}")
            return None
        self._devices.append(device)
        return gpu


class _Device:
    """One GPU: its handle, its calls, and its GPM samples where it has any."""

    def __init__(self, nvml: Any, index: int) -> None:
        self._nvml, self._index = nvml, index
        self._handle = nvml.nvmlDeviceGetHandleByIndex(index)
        self._values = device_values(nvml, self._handle)
        self._gpm: GpmPair | None = None
        self.lost = False

    def describe(self, t_s: float) -> Gpu:
        fixed = fixed_values(self._nvml, self._handle)
        name = text(fixed["name"]) if fixed["name"] is not None else "NVIDIA GPU"
        memory, limit_mw = _read(self._values, "memory"), _read(self._values, "power_limit_mw")
        missing = self._start_counters(name, fixed["mig"])
        width, clock = fixed["bus_bits"], fixed["mem_clock_max_mhz"]
        return Gpu(
            t_s=t_s,
            index=self._index,
            name=name,
            uuid=text(fixed["uuid"]) if fixed["uuid"] is not None else None,
            memory_total_bytes=memory.total if memory is not None else None,
            power_limit_w=limit_mw / 1e3 if limit_mw is not None else None,
            sm_clock_max_mhz=fixed["sm_clock_max_mhz"],
            # Two transfers a clock: exact to 2.5 % from V100 to B200.
            dram_peak_bytes_s=width / 8 * 2 * clock * 1e6 if width and clock else None,
            counters=missing is None,
            counters_missing=missing,
        )

    def read(self, t_s: float, notes: list[str]) -> GpuReading:
        """Return what can be read; append to ``notes`` once when the GPU is lost."""
        if self.lost:
            return GpuReading(index=self._index)
        try:
            return self._read(t_s)
        except GpuLost:
            self.lost = True
            self.close()
            notes.append(
                f"GPU {self._index} is lost (fell off the bus): see dmesg for Xid; it needs a reset or a reboot"
            )
            return GpuReading(index=self._index)

    def close(self) -> None:
        if self._gpm is not None:
            self._gpm.close()
            self._gpm = None

    def _read(self, t_s: float) -> GpuReading:
        found = {name: value.read() for name, value in self._values.items()}
        memory, util = found["memory"], found["utilisation"]
        return GpuReading(
            index=self._index,
            util_pct=util.gpu if util is not None else None,
            mem_util_pct=util.memory if util is not None else None,
            memory_used_bytes=memory.used if memory is not None else None,
            power_w=_thousandth(found["power_mw"]),
            power_limit_w=_thousandth(found["power_limit_mw"]),
            energy_j=_thousandth(found["energy_mj"]),
            sm_clock_mhz=found["sm_clock_mhz"],
            mem_clock_mhz=found["mem_clock_mhz"],
            temp_c=found["temp_c"],
            throttle=found["throttle"],
            **self._counters(t_s),
        )

    def _counters(self, t_s: float) -> dict[str, float]:
        if self._gpm is None:
            return {}
        try:
            return self._gpm.read(t_s)
        except self._nvml.NVMLError as error:
            if error.value == self._nvml.NVML_ERROR_GPU_IS_LOST:
                raise GpuLost from None
            return {}

    def _start_counters(self, name: str, mig: Any) -> str | None:
        """Prepare the counters; return why there are none."""
        if mig and mig[0]:
            return f"GPU {self._index} is in MIG mode: its counters cannot be told apart by instance and are not read"
        nvml = self._nvml
        try:
            supported = nvml.nvmlGpmQueryDeviceSupport(self._handle).isSupportedDevice
            if supported:
                self._gpm = GpmPair(nvml, self._handle)
                return None
        except nvml.NVMLError as error:
            if error.value not in (nvml.NVML_ERROR_NOT_SUPPORTED, nvml.NVML_ERROR_FUNCTION_NOT_FOUND):
                return f"the driver gives no DRAM and tensor counters (GPM): {said(error)}"
        short = name.removeprefix("NVIDIA ")
        article = "an" if short[:1] in "AHLR" else "a"
        return (
            "DRAM and tensor counters need GPM, which Hopper and newer GPUs have (not as vGPU); "
            f"this is {article} {short}"
        )


def _read(values: dict[str, Value], name: str) -> Any | None:
    return values[name].read()


def _thousandth(value: float | None) -> float | None:
    return None if value is None else value / 1e3


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
