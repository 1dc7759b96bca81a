"""Single NVML calls that may be missing: a value or ``None``, never an exception but for a lost GPU."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Call = Callable[[], Any]


class GpuLost(Exception):
    """The GPU fell off the bus; only a reboot brings it back."""


def said(error: Exception) -> str:
    """Return an NVML error's own words."""
    return " ".join(str(error).split()).rstrip(".")[:80] or type(error).__name__


def text(value: Any) -> str:
    """Return a string that older bindings give as bytes."""
    plain = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return "".join(c for c in plain if c.isprintable())[:96]


class Value:
    """One quantity of one GPU with the calls that may give it, the best first.

    A call that the driver or the GPU does not have is not tried again; one that merely failed is.
    """

    def __init__(self, nvml: Any, calls: Iterable[Call]) -> None:
        self._nvml = nvml
        self._calls = list(calls)
        self._gone = {
            nvml.NVML_ERROR_NOT_SUPPORTED,
            nvml.NVML_ERROR_FUNCTION_NOT_FOUND,
            nvml.NVML_ERROR_ARGUMENT_VERSION_MISMATCH,
        }

    def read(self) -> Any | None:
        """Return the value, ``None`` where it cannot be read now; raise :class:`GpuLost`."""
        while self._calls:
            try:
                return self._calls[0]()
            except self._nvml.NVMLError as error:
                code = error.value
                if code == self._nvml.NVML_ERROR_GPU_IS_LOST:
                    raise GpuLost from None
                if code not in self._gone:
                    return None
                del self._calls[0]
        return None


def device_values(nvml: Any, handle: Any) -> dict[str, Value]:
    """Return the quantities of a GPU that change, by name, in the order to read them.

    Memory first: with some drivers a GPM call makes it fail afterwards on a GPU in MIG mode. PCIe
    throughput is left out, its call blocks for 20 ms; GPM has it.
    """

    def value(*calls: tuple[Any, ...]) -> Value:
        return Value(nvml, [_bind(nvml, handle, *call) for call in calls if hasattr(nvml, call[0])])

    return {
        "memory": value(("nvmlDeviceGetMemoryInfo", nvml.nvmlMemory_v2), ("nvmlDeviceGetMemoryInfo",)),
        "utilisation": value(("nvmlDeviceGetUtilizationRates",)),
        "power_mw": value(("nvmlDeviceGetPowerUsage",)),
        "power_limit_mw": value(("nvmlDeviceGetEnforcedPowerLimit",)),
        "energy_mj": value(("nvmlDeviceGetTotalEnergyConsumption",)),
        "sm_clock_mhz": value(("nvmlDeviceGetClockInfo", nvml.NVML_CLOCK_SM)),
        "mem_clock_mhz": value(("nvmlDeviceGetClockInfo", nvml.NVML_CLOCK_MEM)),
        "temp_c": value(("nvmlDeviceGetTemperature", nvml.NVML_TEMPERATURE_GPU)),
        "throttle": value(("nvmlDeviceGetCurrentClocksEventReasons",), ("nvmlDeviceGetCurrentClocksThrottleReasons",)),
    }


def fixed_values(nvml: Any, handle: Any) -> dict[str, Any]:
    """Return what a GPU says of itself once, ``None`` for what it does not; raise :class:`GpuLost`."""

    def once(name: str, *args: Any) -> Any | None:
        return Value(nvml, [_bind(nvml, handle, name, *args)]).read() if hasattr(nvml, name) else None

    return {
        "name": once("nvmlDeviceGetName"),
        "uuid": once("nvmlDeviceGetUUID"),
        "sm_clock_max_mhz": once("nvmlDeviceGetMaxClockInfo", nvml.NVML_CLOCK_SM),
        "mem_clock_max_mhz": once("nvmlDeviceGetMaxClockInfo", nvml.NVML_CLOCK_MEM),
        "bus_bits": once("nvmlDeviceGetMemoryBusWidth"),
        "mig": once("nvmlDeviceGetMigMode"),
    }


def _bind(nvml: Any, handle: Any, name: str, *args: Any) -> Call:
    call = getattr(nvml, name)
    return lambda: call(handle, *args)
