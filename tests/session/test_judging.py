"""From readings to evidence."""

from __future__ import annotations

from dataclasses import replace

from session.events import Gpu, GpuReading
from session.judging import Load, gather
from session.servers import ServerFold
from session.setup import Setup

LOAD = Load(8, 128, 256, 0.005, client_limited=False, transient=None)


def test_throttled_time_is_taken_where_a_probe_has_it() -> None:
    def held(reading: GpuReading) -> tuple[float | None, float | None]:
        gpus = {0: Gpu(t_s=0.0, index=0, name="NVIDIA H200")}
        gpu = gather(Setup(None, None, None), LOAD, ServerFold(), {0: reading}, gpus, None).gpus[0]
        return gpu.power_capped, gpu.thermal

    timed = GpuReading(index=0, graphics_pct=99.0, throttled_pct={"power cap": 25.0, "thermal": 0.0, "HW thermal": 3.0})
    assert held(timed) == (0.25, 0.03)
    assert held(GpuReading(index=0, graphics_pct=99.0, throttle=4)) == (None, None)


def test_who_says_how_many_sequences_run_at_most() -> None:
    said = gather(Setup(None, None, None), replace(LOAD, max_num_seqs=256), ServerFold(), {}, {}, None)
    assert (said.max_num_seqs, said.max_num_seqs_inferred) == (256, False)
    unsaid = gather(Setup(None, None, None), LOAD, ServerFold(), {}, {}, None)
    assert (unsaid.max_num_seqs, unsaid.max_num_seqs_inferred) == (None, False)
