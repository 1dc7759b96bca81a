"""Means over GPU readings, the stale and the lost among them."""

from __future__ import annotations

import pytest

from session.devices import MeanReading, RecentReadings
from session.events import EngineSample, Gpu, GpuReading, GpuSample, Level, Metrics, Source
from session.fold import State
from tests.events import header


def mean(*readings: GpuReading) -> GpuReading:
    total = MeanReading()
    for reading in readings:
        total.add(reading)
    return total.mean(0)


def test_throttled_shares_are_averaged_by_cause_and_faults_are_the_latest() -> None:
    first = GpuReading(index=0, throttled_pct={"power cap": 10, "thermal": 0}, ecc_uncorrected=1, power_mean_w=400)
    second = GpuReading(index=0, throttled_pct={"power cap": 30}, ecc_uncorrected=2, power_mean_w=600)
    made = mean(first, second)
    assert made.throttled_pct == {"power cap": 20, "thermal": 0}
    assert (made.ecc_uncorrected, made.power_mean_w) == (2, 500)


def test_a_stale_reading_is_left_out_of_means() -> None:
    fresh, stale = GpuReading(index=0, dram_pct=60, age_s=4), GpuReading(index=0, dram_pct=10, age_s=6)
    assert mean(fresh, stale).dram_pct == 60
    assert mean(stale) == GpuReading(index=0)
    recent = RecentReadings(4.0)
    recent.add(1.0, stale)
    assert recent.mean(0, 1.0) is None
    recent.add(2.0, fresh)
    assert recent.mean(0, 2.0) == mean(fresh)


def test_a_lost_gpu_keeps_what_it_read_and_says_why_it_reads_no_more() -> None:
    made = mean(GpuReading(index=0, dram_pct=60), GpuReading(index=0, missing="lost"))
    assert (made.dram_pct, made.missing) == (60, "lost")


def test_the_verdict_says_why_when_an_exporters_figures_are_too_old() -> None:
    state = State(header())
    state.apply(Gpu(t_s=0.0, index=0, name="NVIDIA H100", counters=True, source="dcgm"))
    state.apply(Level(t_s=0.0, concurrency=8))
    words = "figures over 5 s old: start the exporter with -c 1000 (gpu1:9400)"
    state.apply(Source(t_s=0.5, source="gpus", ok=True, reason=words))
    for t_s in range(1, 12):
        reading = GpuReading(index=0, dram_pct=64, tensor_pct=3, graphics_pct=99, age_s=20.0 + t_s)
        state.apply(GpuSample(t_s=float(t_s), gpus=[reading]))
        state.apply(Metrics(t_s=float(t_s), engines={"0": EngineSample(running=8)}))
    snapshot = state.snapshot(11.5)
    assert snapshot.gpus[0].age_s == pytest.approx(31.5)
    assert snapshot.verdict.measured is None
    assert words in " ".join((snapshot.verdict.line, *snapshot.verdict.evidence))
