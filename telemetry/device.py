"""One GPU through NVML: what it is, what it reads, and why it reads nothing."""

from __future__ import annotations

from typing import Any

from session.events import Gpu, GpuReading
from telemetry.counters import Health, Traffic
from telemetry.gpm import GpmPair
from telemetry.nvml_calls import GpuLost, Value, device_values, fixed_values, said, text
from telemetry.rates import Rates

LOST = "lost (fell off the bus): see dmesg for Xid; it needs a reset or a reboot"


class Counters:
    """GPM of one GPU or instance, or why there is none."""

    def __init__(self, nvml: Any) -> None:
        self._nvml = nvml
        self._pair: GpmPair | None = None

    def start(self, handle: Any, name: str, instance: int | None = None) -> str | None:
        """Prepare; return why there are no counters, or ``None``. ``handle`` is the whole GPU's."""
        nvml = self._nvml
        try:
            if nvml.nvmlGpmQueryDeviceSupport(handle).isSupportedDevice:
                self._pair = GpmPair(nvml, handle, instance)
                return None
        except nvml.NVMLError as error:
            if error.value == nvml.NVML_ERROR_FUNCTION_NOT_FOUND:
                return "the driver is too old for DRAM and tensor counters (GPM): they need 520 or newer"
            if error.value != nvml.NVML_ERROR_NOT_SUPPORTED:
                return f"the driver gives no DRAM and tensor counters (GPM): {said(error)}"
        short = name.removeprefix("NVIDIA ")
        article = "an" if short[:1] in "AHLR" else "a"
        return (
            "DRAM and tensor counters need GPM, which Hopper and newer GPUs have (not as vGPU); "
            f"this is {article} {short}"
        )

    def read(self, t_s: float) -> dict[str, float]:
        """Return fields of a reading; raise :class:`GpuLost`."""
        if self._pair is None:
            return {}
        try:
            return self._pair.read(t_s)
        except self._nvml.NVMLError as error:
            if error.value == self._nvml.NVML_ERROR_GPU_IS_LOST:
                raise GpuLost from None
            return {}

    def close(self) -> None:
        """Free the samples."""
        if self._pair is not None:
            self._pair.close()
            self._pair = None


class Device:
    """One whole GPU."""

    def __init__(self, nvml: Any, index: int) -> None:
        self._nvml = nvml
        self.index = index
        self.handle = nvml.nvmlDeviceGetHandleByIndex(index)
        self.missing: str | None = None
        """Why it cannot be read any more."""
        self.mig = False
        self.divided = False
        """Its memory is told by its MIG instances."""
        self._values = device_values(nvml, self.handle)
        self._counters = Counters(nvml)
        self._health = Health(nvml, self.handle)
        self._traffic = Traffic(nvml, self.handle)
        self._rates = Rates()
        self._warned: set[str] = set()
        self._ecc_at_start: int | None = None

    def describe(self, t_s: float) -> Gpu:
        """Say what the GPU is, and prepare its counters; raise :class:`GpuLost`."""
        fixed = fixed_values(self._nvml, self.handle)
        name = text(fixed["name"]) if fixed["name"] is not None else "NVIDIA GPU"
        memory, limit_mw = self._values["memory"].read(), self._values["power_limit_mw"].read()
        missing = self._start_counters(name, fixed["mig"])
        width, clock = fixed["bus_bits"], fixed["mem_clock_max_mhz"]
        return Gpu(
            t_s=t_s,
            index=self.index,
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
        """Return what can be read; append to ``notes`` once what a person should know."""
        if self.missing is not None:
            return GpuReading(index=self.index, missing=self.missing)
        try:
            reading = self._read(t_s)
        except GpuLost:
            self.missing = LOST
            self.close()
            notes.append(f"GPU {self.index} is {LOST}")
            return GpuReading(index=self.index, missing=LOST)
        self._warn(reading, notes)
        return reading

    def close(self) -> None:
        """Free the counters."""
        self._counters.close()

    def _read(self, t_s: float) -> GpuReading:
        found = {name: value.read() for name, value in self._values.items()}
        memory, util = found["memory"], found["utilisation"]
        energy_j = _thousandth(found["energy_mj"])
        counters: dict[str, Any] = dict(self._counters.read(t_s))
        if not {"nvlink_tx_bytes_s", "pcie_tx_bytes_s"} <= counters.keys():
            counters = {**self._traffic.read(t_s), **counters}
        return GpuReading(
            index=self.index,
            util_pct=util.gpu if util is not None else None,
            mem_util_pct=util.memory if util is not None else None,
            memory_used_bytes=memory.used if memory is not None and not self.divided else None,
            power_w=_thousandth(found["power_mw"]),
            power_limit_w=_thousandth(found["power_limit_mw"]),
            power_mean_w=self._rates.per_s("energy", t_s, energy_j),
            energy_j=energy_j,
            sm_clock_mhz=found["sm_clock_mhz"],
            mem_clock_mhz=found["mem_clock_mhz"],
            temp_c=found["temp_c"],
            throttle=found["throttle"],
            **self._health.read(t_s),
            **counters,
        )

    def _start_counters(self, name: str, mig: Any) -> str | None:
        """Prepare the counters; return why there are none."""
        self.mig = bool(mig and mig[0])
        if self.mig:
            return f"GPU {self.index} is in MIG mode: its counters are those of its instances"
        return self._counters.start(self.handle, name)

    def _warn(self, reading: GpuReading, notes: list[str]) -> None:
        """Say once each what is wrong with the memory."""
        errors = reading.ecc_uncorrected
        if self._ecc_at_start is None:
            self._ecc_at_start = errors
        said_of = {
            "rose": errors is not None and self._ecc_at_start is not None and errors > self._ecc_at_start,
            "pending": bool(reading.remap_pending),
            "failed": bool(reading.remap_failed),
        }
        lines = {
            "rose": "has new uncorrected memory errors (ECC): results may be wrong; see nvidia-smi -q -d ECC",
            "pending": "replaces a bad memory row at its next reset",
            "failed": "could not replace a bad memory row: it is to be exchanged",
        }
        for what, line in lines.items():
            if said_of[what] and what not in self._warned:
                self._warned.add(what)
                notes.append(f"GPU {self.index} {line}")


def memory_value(nvml: Any, handle: Any) -> Value:
    """Return the memory's calls alone."""
    return device_values(nvml, handle)["memory"]


def _thousandth(value: float | None) -> float | None:
    return None if value is None else value / 1e3
