"""GPUs in MIG mode: instances are read where the driver tells of them."""

from __future__ import annotations

import pynvml

from session.events import Gpu
from telemetry.device import LOST
from telemetry.nvml import NvmlReader
from tests.telemetry.fake_nvml import FakeGpu, FakeInstance, FakeNvml


def divided() -> FakeGpu:
    return FakeGpu(mig=True, instances={0: FakeInstance(1, used=11), 3: FakeInstance(5, used=55)})


def opened(nvml: FakeNvml) -> tuple[NvmlReader, list[Gpu]]:
    reader = NvmlReader(nvml)
    return reader, reader.open()


def test_instances_follow_the_whole_gpus() -> None:
    _, gpus = opened(FakeNvml(divided(), FakeGpu()))
    assert [(gpu.index, gpu.instance, gpu.parent) for gpu in gpus] == [
        (0, None, None),
        (1, None, None),
        (2, 1, 0),
        (3, 5, 0),
    ]
    assert (gpus[2].name, gpus[2].memory_total_bytes, gpus[2].counters) == (
        "NVIDIA H200 MIG 3g.71gb",
        75_000_000_000,
        True,
    )
    assert "its counters are those of its instances" in str(gpus[0].counters_missing)


def test_an_instance_has_memory_and_counters_and_the_whole_gpu_the_rest() -> None:
    nvml = FakeNvml(divided())
    reader, _ = opened(nvml)
    reader.read(0.0)
    whole, first, second = reader.read(1.0).gpus
    assert (whole.index, first.index, second.index) == (0, 1, 2)
    assert (whole.power_w, whole.memory_used_bytes, whole.dram_pct) == (650.5, None, None)
    assert (first.memory_used_bytes, first.dram_pct, first.power_w) == (11, 64.0, None)
    assert second.memory_used_bytes == 55
    assert set(nvml.sampled_instances) == {1, 5}


def test_memory_is_read_before_an_instances_counters() -> None:
    nvml = FakeNvml(divided())
    reader, _ = opened(nvml)
    nvml.calls.clear()
    reader.read(0.0)
    assert nvml.calls[:2] == ["nvmlDeviceGetMemoryInfo_v2", "nvmlGpmSampleGet"]


def test_an_old_driver_gives_instances_without_counters_and_no_gpm_call_is_made() -> None:
    nvml = FakeNvml(divided(), driver="535.183.01")
    reader, gpus = opened(nvml)
    reader.read(0.0)
    assert reader.read(1.0).gpus[1].memory_used_bytes == 11
    assert gpus[1].counters_missing == "counters of MIG instances need driver 550 or newer; this is 535.183.01"
    assert not [call for call in nvml.calls if "Gpm" in call]


def test_instances_are_lost_with_their_gpu() -> None:
    gpu = divided()
    reader, _ = opened(FakeNvml(gpu, FakeGpu()))
    gpu.errors["*"] = pynvml.NVML_ERROR_GPU_IS_LOST
    for instance in gpu.instances.values():
        instance.errors["*"] = pynvml.NVML_ERROR_GPU_IS_LOST
    readings = reader.read(0.0).gpus
    assert [reading.missing for reading in readings] == [LOST, None, LOST, LOST]
    assert len(reader.take_notes()) == 1
    assert not reader.all_lost()
