"""An NVML that is a Python object: real ctypes structs and error classes, made-up GPUs."""

from __future__ import annotations

import ctypes
import time
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pynvml

GPM_VALUES = {1: 99.5, 2: 97.0, 3: 30.0, 5: 12.5, 10: 64.0, 20: 2.0, 21: 3.0, 60: 10.0, 61: 20.0}


@dataclass
class FakeGpu:
    """What one GPU answers; ``errors`` maps a call's name to the NVML code it fails with."""

    name: str = "NVIDIA H200"
    gpm: bool = True
    mig: bool = False
    errors: dict[str, int] = field(default_factory=dict)
    gpm_values: dict[int, float] = field(default_factory=lambda: dict(GPM_VALUES))
    gpm_errors: dict[int, int] = field(default_factory=dict)
    energy_mj: int = 5_000_000
    read_takes_s: float = 0.0
    fields: dict[tuple[int, int], int | float] = field(default_factory=dict)
    """Field id and scope to value; a float is told as a double, the others as 64 bits, and what is not here is not
    supported."""
    field_errors: dict[int, int] = field(default_factory=dict)
    instances: dict[int, FakeInstance] = field(default_factory=dict)
    """MIG slot to instance."""


@dataclass
class FakeInstance:
    """One MIG instance; its device handle is this object."""

    number: int
    used: int = 50
    errors: dict[str, int] = field(default_factory=dict)
    name: str = "NVIDIA H200 MIG 3g.71gb"


class FakeNvml:
    """Stands for the module ``pynvml``; constants, structs and error classes are the real ones."""

    def __init__(self, *gpus: FakeGpu, init_error: int | None = None, driver: str = "580.65.06") -> None:
        self.gpus = list(gpus)
        self.init_error = init_error
        self.calls: list[str] = []
        self.alive: set[int] = set()
        """Addresses of GPM samples that are allocated."""
        self.taken: list[int] = []
        """Addresses in the order that samples were taken."""
        self.pairs: list[tuple[int, int]] = []
        self.asked: list[list[int]] = []
        self.shut_down = 0
        self.driver = driver
        self.asked_fields: list[list[tuple[int, int]]] = []
        self.sampled_instances: list[int] = []
        self._next = 0x1000

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("NVML_", "c_nvml", "nvmlMemory_v2")) or name == "NVMLError":
            return getattr(pynvml, name)
        raise AttributeError(name)

    def nvmlInit(self) -> None:
        if self.init_error is not None:
            raise pynvml.NVMLError(self.init_error)

    def nvmlShutdown(self) -> None:
        self.shut_down += 1

    def nvmlDeviceGetCount(self) -> int:
        return len(self.gpus)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> FakeGpu:
        gpu = self.gpus[index]
        self._answer("nvmlDeviceGetHandleByIndex", gpu)
        return gpu

    def nvmlSystemGetDriverVersion(self) -> str:
        return self.driver

    def nvmlDeviceGetFieldValues(self, gpu: FakeGpu, fields: list[tuple[int, int]]) -> Any:
        self._answer("nvmlDeviceGetFieldValues", gpu)
        self.asked_fields.append(list(fields))
        found = (pynvml.c_nvmlFieldValue_t * len(fields))()
        for entry, (number, scope) in zip(found, fields, strict=True):
            entry.fieldId, entry.scopeId = number, scope
            value = gpu.fields.get((number, scope))
            entry.nvmlReturn = pynvml.NVML_ERROR_NOT_SUPPORTED if value is None else pynvml.NVML_SUCCESS
            entry.nvmlReturn = gpu.field_errors.get(number, entry.nvmlReturn)
            if isinstance(value, float):
                entry.valueType, entry.value.dVal = pynvml.NVML_VALUE_TYPE_DOUBLE, value
            elif value is not None:
                entry.valueType, entry.value.ullVal = pynvml.NVML_VALUE_TYPE_UNSIGNED_LONG_LONG, value
        return found

    def nvmlDeviceGetMaxMigDeviceCount(self, gpu: FakeGpu) -> int:
        self._answer("nvmlDeviceGetMaxMigDeviceCount", gpu)
        return 7

    def nvmlDeviceGetMigDeviceHandleByIndex(self, gpu: FakeGpu, slot: int) -> FakeInstance:
        if slot not in gpu.instances:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_FOUND)
        return gpu.instances[slot]

    def nvmlDeviceGetGpuInstanceId(self, instance: FakeInstance) -> int:
        return instance.number

    def nvmlGpmMigSampleGet(self, gpu: FakeGpu, instance: int, sample: Any) -> None:
        self.sampled_instances.append(instance)
        self.nvmlGpmSampleGet(gpu, sample)

    def nvmlDeviceGetName(self, gpu: FakeGpu | FakeInstance) -> bytes:
        self._answer("nvmlDeviceGetName", gpu)
        return gpu.name.encode()

    def nvmlDeviceGetUUID(self, gpu: FakeGpu | FakeInstance) -> str:
        self._answer("nvmlDeviceGetUUID", gpu)
        return "GPU-1"

    def nvmlDeviceGetMemoryInfo(self, gpu: FakeGpu | FakeInstance, version: int | None = None) -> Any:
        self._answer("nvmlDeviceGetMemoryInfo_v2" if version else "nvmlDeviceGetMemoryInfo", gpu)
        if isinstance(gpu, FakeInstance):
            return SimpleNamespace(total=75_000_000_000, used=gpu.used)
        return SimpleNamespace(total=150_754_820_096, used=100 if version else 700)

    def nvmlDeviceGetUtilizationRates(self, gpu: FakeGpu) -> Any:
        self._answer("nvmlDeviceGetUtilizationRates", gpu)
        time.sleep(gpu.read_takes_s)
        return SimpleNamespace(gpu=99, memory=48)

    def nvmlDeviceGetPowerUsage(self, gpu: FakeGpu) -> int:
        self._answer("nvmlDeviceGetPowerUsage", gpu)
        return 650_500

    def nvmlDeviceGetEnforcedPowerLimit(self, gpu: FakeGpu) -> int:
        self._answer("nvmlDeviceGetEnforcedPowerLimit", gpu)
        return 700_000

    def nvmlDeviceGetTotalEnergyConsumption(self, gpu: FakeGpu) -> int:
        self._answer("nvmlDeviceGetTotalEnergyConsumption", gpu)
        return gpu.energy_mj

    def nvmlDeviceGetClockInfo(self, gpu: FakeGpu, kind: int) -> int:
        self._answer("nvmlDeviceGetClockInfo", gpu)
        return {pynvml.NVML_CLOCK_SM: 1755, pynvml.NVML_CLOCK_MEM: 3201}[kind]

    def nvmlDeviceGetMaxClockInfo(self, gpu: FakeGpu, kind: int) -> int:
        self._answer("nvmlDeviceGetMaxClockInfo", gpu)
        return {pynvml.NVML_CLOCK_SM: 1980, pynvml.NVML_CLOCK_MEM: 3201}[kind]

    def nvmlDeviceGetMemoryBusWidth(self, gpu: FakeGpu) -> int:
        self._answer("nvmlDeviceGetMemoryBusWidth", gpu)
        return 6144

    def nvmlDeviceGetTemperature(self, gpu: FakeGpu, sensor: int) -> int:
        self._answer("nvmlDeviceGetTemperature", gpu)
        return 61

    def nvmlDeviceGetCurrentClocksEventReasons(self, gpu: FakeGpu) -> int:
        self._answer("nvmlDeviceGetCurrentClocksEventReasons", gpu)
        return 0x4

    def nvmlDeviceGetCurrentClocksThrottleReasons(self, gpu: FakeGpu) -> int:
        self._answer("nvmlDeviceGetCurrentClocksThrottleReasons", gpu)
        return 0x40

    def nvmlDeviceGetMigMode(self, gpu: FakeGpu) -> list[int]:
        self._answer("nvmlDeviceGetMigMode", gpu)
        return [int(gpu.mig), int(gpu.mig)]

    def nvmlGpmQueryDeviceSupport(self, gpu: FakeGpu) -> Any:
        self._answer("nvmlGpmQueryDeviceSupport", gpu)
        return SimpleNamespace(isSupportedDevice=int(gpu.gpm))

    def nvmlGpmSampleAlloc(self) -> Any:
        self.calls.append("nvmlGpmSampleAlloc")
        self._next += 0x100
        self.alive.add(self._next)
        return ctypes.cast(ctypes.c_void_p(self._next), pynvml.c_nvmlGpmSample_t)

    def nvmlGpmSampleFree(self, sample: Any) -> None:
        self.alive.remove(_address(sample))
        if any("nvmlGpmSampleFree" in gpu.errors for gpu in self.gpus):
            raise pynvml.NVMLError(pynvml.NVML_ERROR_UNKNOWN)

    def nvmlGpmSampleGet(self, gpu: FakeGpu, sample: Any) -> None:
        self._answer("nvmlGpmSampleGet", gpu)
        self.taken.append(_address(sample))
        self._sampled = gpu

    def nvmlGpmMetricsGet(self, request: Any) -> None:
        gpu = self._sampled
        self._answer("nvmlGpmMetricsGet", gpu)
        assert request.version == 1
        self.pairs.append((_address(request.sample1), _address(request.sample2)))
        self.asked.append([request.metrics[slot].metricId for slot in range(request.numMetrics)])
        for slot in range(request.numMetrics):
            metric = request.metrics[slot]
            metric.nvmlReturn = gpu.gpm_errors.get(metric.metricId, pynvml.NVML_SUCCESS)
            metric.value = gpu.gpm_values[metric.metricId]

    def _answer(self, call: str, gpu: FakeGpu | FakeInstance) -> None:
        self.calls.append(call)
        code = gpu.errors.get(call, gpu.errors.get("*"))
        if code is not None:
            raise pynvml.NVMLError(code)


def _address(sample: Any) -> int:
    return ctypes.cast(sample, ctypes.c_void_p).value or 0
