"""NVML's field values: counters into rates and shares, and what a GPU does not have."""

from __future__ import annotations

import pynvml
import pytest

from session.events import GpuReading
from telemetry.device import LOST
from telemetry.nvml import NvmlReader
from tests.telemetry.fake_nvml import FakeGpu, FakeNvml

KIB, SECOND_NS = 1024, 1_000_000_000


def opened(*gpus: FakeGpu) -> tuple[FakeNvml, NvmlReader]:
    nvml = FakeNvml(*gpus)
    reader = NvmlReader(nvml)
    reader.open()
    return nvml, reader


def one(reader: NvmlReader, t_s: float) -> GpuReading:
    return reader.read(t_s).gpus[0]


def older() -> FakeGpu:
    """A GPU without GPM, of two links."""
    return FakeGpu(name="NVIDIA A100", gpm=False, fields={(91, 0): 2})


def test_energy_gives_the_mean_power_of_the_time_between() -> None:
    gpu = FakeGpu(energy_mj=1_000_000)
    _, reader = opened(gpu)
    assert one(reader, 10.0).power_mean_w is None
    gpu.energy_mj += 1_300_000
    assert one(reader, 12.0).power_mean_w == pytest.approx(650.0)


def test_throttled_time_is_a_share_of_the_time_between_by_cause() -> None:
    gpu = FakeGpu(fields={(74, 0): 5 * SECOND_NS, (270, 0): 0})
    _, reader = opened(gpu)
    assert one(reader, 0.0).throttled_pct == {}
    gpu.fields[74, 0] += SECOND_NS // 2
    assert one(reader, 2.0).throttled_pct == {"power": pytest.approx(25.0), "HW heat": 0.0}


def test_memory_temperature_and_faults() -> None:
    gpu = FakeGpu(fields={(82, 0): 84, (4, 0): 0, (142, 0): 1, (143, 0): 2, (144, 0): 0, (145, 0): 0})
    _, reader = opened(gpu)
    reading = one(reader, 0.0)
    assert (reading.hbm_temp_c, reading.ecc_uncorrected, reading.remapped_rows) == (84, 0, 3)
    assert (reading.remap_pending, reading.remap_failed) == (False, False)
    assert reader.take_notes() == []


def test_new_memory_errors_are_said_once() -> None:
    gpu = FakeGpu(fields={(4, 0): 7, (144, 0): 0})
    _, reader = opened(gpu)
    reader.read(0.0)
    assert reader.take_notes() == []
    gpu.fields |= {(4, 0): 8, (144, 0): 1}
    reader.read(1.0)
    reader.read(2.0)
    notes = reader.take_notes()
    assert len(notes) == 2
    assert "uncorrected memory errors" in notes[0]
    assert "next reset" in notes[1]


def test_what_a_gpu_does_not_tell_is_absent_and_asked_for_once() -> None:
    nvml, reader = opened(FakeGpu(fields={(82, 0): 60}))
    reading = one(reader, 0.0)
    assert (reading.ecc_uncorrected, reading.remapped_rows, reading.throttled_pct) == (None, None, {})
    nvml.asked_fields.clear()
    reader.read(1.0)
    assert nvml.asked_fields[0] == [(82, 0)]


def test_a_field_that_fails_once_is_asked_for_again() -> None:
    gpu = FakeGpu(fields={(82, 0): 60}, field_errors={82: pynvml.NVML_ERROR_UNKNOWN})
    _, reader = opened(gpu)
    assert one(reader, 0.0).hbm_temp_c is None
    gpu.field_errors.clear()
    assert one(reader, 1.0).hbm_temp_c == 60


def test_a_value_that_is_no_number_is_absent() -> None:
    _, reader = opened(FakeGpu(fields={(82, 0): float("nan")}))
    assert one(reader, 0.0).hbm_temp_c is None


@pytest.mark.parametrize("code", [pynvml.NVML_ERROR_FUNCTION_NOT_FOUND, pynvml.NVML_ERROR_UNKNOWN])
def test_a_driver_without_field_values_costs_them_alone(code: int) -> None:
    _, reader = opened(FakeGpu(errors={"nvmlDeviceGetFieldValues": code}))
    reader.read(0.0)
    reading = one(reader, 1.0)
    assert (reading.hbm_temp_c, reading.dram_pct, reading.temp_c) == (None, 64.0, 61)


def test_a_gpu_lost_in_a_field_is_lost() -> None:
    gpu = FakeGpu(fields={(82, 0): 60})
    _, reader = opened(gpu)
    gpu.field_errors[82] = pynvml.NVML_ERROR_GPU_IS_LOST
    assert one(reader, 0.0) == GpuReading(index=0, missing=LOST)


@pytest.mark.parametrize(("tx", "rx", "unit"), [(138, 139, KIB), (202, 204, 1)])
def test_nvlink_without_gpm_is_the_sum_of_the_links(tx: int, rx: int, unit: int) -> None:
    gpu = older()
    gpu.fields |= {(tx, 0): 100, (tx, 1): 200, (rx, 0): 10, (rx, 1): 20}
    _, reader = opened(gpu)
    assert one(reader, 0.0).nvlink_tx_bytes_s is None
    gpu.fields |= {(tx, 0): 1100, (tx, 1): 2200, (rx, 0): 510, (rx, 1): 20}
    reading = one(reader, 2.0)
    assert (reading.nvlink_tx_bytes_s, reading.nvlink_rx_bytes_s) == (1500 * unit, 250 * unit)


def test_a_link_counter_that_fell_leaves_no_sum() -> None:
    gpu = older()
    gpu.fields |= {(138, 0): 100, (138, 1): 200}
    _, reader = opened(gpu)
    reader.read(0.0)
    gpu.fields |= {(138, 0): 50, (138, 1): 400}
    assert one(reader, 1.0).nvlink_tx_bytes_s is None
    gpu.fields |= {(138, 0): 60, (138, 1): 420}
    assert one(reader, 2.0).nvlink_tx_bytes_s == 30 * KIB


def test_pcie_comes_from_counters_and_never_from_the_call_that_blocks() -> None:
    gpu = older()
    gpu.fields |= {(197, 0): 1 << 40, (198, 0): 0}
    nvml, reader = opened(gpu)
    reader.read(0.0)
    gpu.fields |= {(197, 0): (1 << 40) + 4000, (198, 0): 1000}
    reading = one(reader, 2.0)
    assert (reading.pcie_tx_bytes_s, reading.pcie_rx_bytes_s) == (2000, 500)
    assert not [call for call in nvml.calls if "PcieThroughput" in call]


def test_a_pcie_counter_that_wraps_is_given_up() -> None:
    gpu = older()
    gpu.fields[197, 0] = (1 << 32) - 10
    nvml, reader = opened(gpu)
    reader.read(0.0)
    gpu.fields[197, 0] = 500
    assert one(reader, 1.0).pcie_tx_bytes_s is None
    gpu.fields[197, 0] = 900
    nvml.asked_fields.clear()
    assert one(reader, 2.0).pcie_tx_bytes_s is None
    assert not any((197, 0) in asked for asked in nvml.asked_fields)


def test_too_soon_gives_the_last_rate_and_too_late_none() -> None:
    gpu = FakeGpu(energy_mj=0)
    _, reader = opened(gpu)
    reader.read(0.0)
    gpu.energy_mj = 500_000
    assert one(reader, 1.0).power_mean_w == 500.0
    gpu.energy_mj = 501_000
    assert one(reader, 1.05).power_mean_w == 500.0
    gpu.energy_mj = 900_000
    assert one(reader, 100.0).power_mean_w is None
