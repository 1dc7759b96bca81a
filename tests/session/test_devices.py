"""Means over GPU readings, the stale and the lost among them."""

from __future__ import annotations

from session.devices import MeanReading, RecentReadings
from session.events import GpuReading


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
