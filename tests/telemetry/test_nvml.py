"""NVML and GPM against a made-up driver."""

from __future__ import annotations

import pynvml
import pytest

from session.events import GpuReading
from telemetry.device import LOST
from telemetry.gpm import MIB
from telemetry.nvml import NvmlMissing, NvmlReader
from tests.telemetry.fake_nvml import FakeGpu, FakeNvml


def opened(*gpus: FakeGpu) -> tuple[FakeNvml, NvmlReader]:
    nvml = FakeNvml(*gpus)
    reader = NvmlReader(nvml)
    reader.open()
    return nvml, reader


def one(reader: NvmlReader, t_s: float) -> GpuReading:
    return reader.read(t_s).gpus[0]


def test_a_gpu_is_described() -> None:
    (gpu,) = NvmlReader(FakeNvml(FakeGpu())).open(3.0)
    assert (gpu.t_s, gpu.index, gpu.name, gpu.uuid) == (3.0, 0, "NVIDIA H200", "GPU-1")
    assert gpu.memory_total_bytes == 150_754_820_096
    assert gpu.power_limit_w == 700.0
    assert gpu.sm_clock_max_mhz == 1980
    assert gpu.dram_peak_bytes_s == pytest.approx(4917e9, rel=1e-3)
    assert (gpu.counters, gpu.counters_missing) == (True, None)


def test_the_first_read_has_no_counters_and_the_second_has_all() -> None:
    _, reader = opened(FakeGpu())
    first, second = one(reader, 0.0), one(reader, 1.0)
    assert first == GpuReading(
        index=0,
        util_pct=99,
        mem_util_pct=48,
        memory_used_bytes=100,
        power_w=650.5,
        power_limit_w=700.0,
        energy_j=5000.0,
        sm_clock_mhz=1755,
        mem_clock_mhz=3201,
        temp_c=61,
        throttle=4,
    )
    assert (second.graphics_pct, second.sm_pct, second.sm_occupancy_pct) == (99.5, 97.0, 30.0)
    assert (second.tensor_pct, second.dram_pct) == (12.5, 64.0)
    assert (second.pcie_tx_bytes_s, second.pcie_rx_bytes_s) == (2 * MIB, 3 * MIB)
    assert (second.nvlink_rx_bytes_s, second.nvlink_tx_bytes_s) == (10 * MIB, 20 * MIB)


def test_sample_buffers_change_places_without_gaps() -> None:
    nvml, reader = opened(FakeGpu())
    for t_s in range(4):
        reader.read(float(t_s))
    assert len(set(nvml.taken)) == 2
    assert nvml.pairs == list(zip(nvml.taken, nvml.taken[1:], strict=False))


def test_too_soon_gives_the_last_counters_and_too_late_none() -> None:
    nvml, reader = opened(FakeGpu())
    reader.read(0.0)
    dram = one(reader, 1.0).dram_pct
    assert one(reader, 1.05).dram_pct == dram
    assert len(nvml.taken) == 2
    assert one(reader, 100.0).dram_pct is None
    assert one(reader, 101.0).dram_pct == dram


def test_a_metric_that_fails_or_is_not_a_number_is_absent_alone() -> None:
    gpu = FakeGpu(gpm_errors={5: pynvml.NVML_ERROR_NO_DATA})
    gpu.gpm_values[10] = float("nan")
    _, reader = opened(gpu)
    reader.read(0.0)
    reading = one(reader, 1.0)
    assert (reading.tensor_pct, reading.dram_pct, reading.sm_pct) == (None, None, 97.0)
    gpu.gpm_errors, gpu.gpm_values[10] = {}, 50.0
    reading = one(reader, 2.0)
    assert (reading.tensor_pct, reading.dram_pct) == (12.5, 50.0)


def test_an_unsupported_metric_is_asked_for_once() -> None:
    nvml, reader = opened(FakeGpu(gpm_errors={60: pynvml.NVML_ERROR_NOT_SUPPORTED}))
    for t_s in range(3):
        reader.read(float(t_s))
    assert 60 in nvml.asked[0]
    assert 60 not in nvml.asked[1]


def test_an_unsupported_call_is_dropped_and_a_failed_one_tried_again() -> None:
    codes = {
        "nvmlDeviceGetTotalEnergyConsumption": pynvml.NVML_ERROR_NOT_SUPPORTED,
        "nvmlDeviceGetPowerUsage": pynvml.NVML_ERROR_UNKNOWN,
    }
    nvml, reader = opened(FakeGpu(errors=codes))
    readings = [one(reader, float(t_s)) for t_s in range(3)]
    assert {(r.energy_j, r.power_w, r.temp_c) for r in readings} == {(None, None, 61)}
    assert nvml.calls.count("nvmlDeviceGetTotalEnergyConsumption") == 1
    assert nvml.calls.count("nvmlDeviceGetPowerUsage") == 3


def test_old_drivers_have_older_calls() -> None:
    gone = pynvml.NVML_ERROR_FUNCTION_NOT_FOUND
    calls = {"nvmlDeviceGetMemoryInfo_v2": gone, "nvmlDeviceGetCurrentClocksEventReasons": gone}
    _, reader = opened(FakeGpu(errors=calls))
    reading = one(reader, 0.0)
    assert (reading.memory_used_bytes, reading.throttle) == (700, 0x40)


def test_no_counters_before_hopper() -> None:
    nvml = FakeNvml(FakeGpu(name="NVIDIA A100-SXM4-80GB", gpm=False))
    reader = NvmlReader(nvml)
    (gpu,) = reader.open()
    assert not gpu.counters
    assert "GPM" in str(gpu.counters_missing)
    assert str(gpu.counters_missing).endswith("this is an A100-SXM4-80GB")
    assert "nvmlGpmSampleGet" not in nvml.calls
    assert one(reader, 0.0).util_pct == 99


def test_a_driver_that_is_too_old_for_counters_is_named_as_the_reason() -> None:
    reader = NvmlReader(FakeNvml(FakeGpu(errors={"nvmlGpmQueryDeviceSupport": pynvml.NVML_ERROR_FUNCTION_NOT_FOUND})))
    (gpu,) = reader.open()
    assert "driver is too old" in str(gpu.counters_missing)
    assert (one(reader, 1.0).util_pct, one(reader, 2.0).dram_pct) == (99, None)


def test_mig_reads_memory_and_no_counters() -> None:
    nvml = FakeNvml(FakeGpu(mig=True))
    reader = NvmlReader(nvml)
    (gpu,) = reader.open()
    assert "MIG" in str(gpu.counters_missing)
    assert one(reader, 1.0).memory_used_bytes == 100
    assert not [call for call in nvml.calls if "Gpm" in call]


def test_memory_is_read_before_the_counters() -> None:
    nvml, reader = opened(FakeGpu())
    nvml.calls.clear()
    reader.read(0.0)
    assert nvml.calls[0] == "nvmlDeviceGetMemoryInfo_v2"
    assert "nvmlGpmSampleGet" in nvml.calls[1:]


def test_a_lost_gpu_is_said_once_and_the_others_go_on() -> None:
    first, second = FakeGpu(), FakeGpu()
    nvml, reader = opened(first, second)
    reader.read(0.0)
    first.errors["*"] = pynvml.NVML_ERROR_GPU_IS_LOST
    for t_s in (1.0, 2.0):
        sample = reader.read(t_s)
        assert sample.gpus[0] == GpuReading(index=0, missing=LOST)
        assert sample.gpus[1].dram_pct == 64.0
    (note,) = reader.take_notes()
    assert "GPU 0 is lost" in note
    assert reader.take_notes() == []
    assert not reader.all_lost()
    assert len(nvml.alive) == 2


def test_a_gpu_lost_during_a_counter_call_is_lost_too() -> None:
    gpu = FakeGpu()
    _, reader = opened(gpu)
    gpu.errors["nvmlGpmSampleGet"] = pynvml.NVML_ERROR_GPU_IS_LOST
    assert one(reader, 0.0) == GpuReading(index=0, missing=LOST)
    assert reader.all_lost()


def test_a_failing_counter_call_costs_the_counters_only() -> None:
    gpu = FakeGpu()
    _, reader = opened(gpu)
    reader.read(0.0)
    gpu.errors["nvmlGpmMetricsGet"] = pynvml.NVML_ERROR_UNKNOWN
    reading = one(reader, 1.0)
    assert (reading.dram_pct, reading.util_pct) == (None, 99)
    gpu.errors.clear()
    assert one(reader, 2.0).dram_pct == 64.0


def test_closing_frees_every_sample_even_when_freeing_fails() -> None:
    nvml, reader = opened(FakeGpu(errors={"nvmlGpmSampleFree": 1}), FakeGpu())
    assert len(nvml.alive) == 4
    reader.close()
    reader.close()
    assert (nvml.alive, nvml.shut_down) == (set(), 1)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (pynvml.NVML_ERROR_LIBRARY_NOT_FOUND, "no NVIDIA driver on this machine (libnvidia-ml.so.1 not found)"),
        (pynvml.NVML_ERROR_DRIVER_NOT_LOADED, "not loaded"),
        (pynvml.NVML_ERROR_NO_PERMISSION, "permission"),
        (pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH, "reboot"),
        (pynvml.NVML_ERROR_UNKNOWN, "nvidia-smi"),
    ],
)
def test_why_there_is_no_nvml(code: int, words: str) -> None:
    with pytest.raises(NvmlMissing) as missing:
        NvmlReader(FakeNvml(init_error=code)).open()
    assert words in missing.value.reason
    assert "\n" not in missing.value.reason


def test_a_driver_without_gpus() -> None:
    nvml = FakeNvml()
    with pytest.raises(NvmlMissing, match="--gpus all"):
        NvmlReader(nvml).open()
    assert nvml.shut_down == 1


def test_one_gpu_that_cannot_be_opened_does_not_hide_the_others() -> None:
    reader = NvmlReader(FakeNvml(FakeGpu(errors={"*": pynvml.NVML_ERROR_GPU_IS_LOST}), FakeGpu()))
    assert [gpu.index for gpu in reader.open()] == [1]
    assert reader.take_notes() == ["GPU 0 cannot be read: GPU is lost"]
