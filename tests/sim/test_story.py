"""The simulator's counters lead the verdict to the same names as the real ones, with prompts that no cache holds."""

from __future__ import annotations

import pytest

from regime.evidence import Evidence, GpuEvidence
from regime.verdict import judge
from sim.config import SimConfig
from tests.sim.closed_loop import closed_loop


@pytest.mark.parametrize(
    ("tp", "concurrency", "expected"),
    [
        (1, 1, {"memory"}),
        (1, 8, {"memory"}),
        (1, 64, {"memory"}),
        (1, 256, {"compute", "compute+memory", "memory+compute"}),
        (1, 512, {"compute"}),
        (4, 1, {"latency"}),
        (4, 64, {"latency"}),
        (4, 256, {"overhead", "overhead+latency", "latency+overhead"}),
    ],
)
def test_levels(tp: int, concurrency: int, expected: set[str]) -> None:
    config = SimConfig(tp=tp)
    level = closed_loop(config, concurrency, 128, 256, 3 * concurrency)
    assert level.tpot_s is not None
    gpu = GpuEvidence(0, level.graphics, level.dram, level.tensor, None, level.clock_ratio)
    evidence = Evidence(
        gpus=(gpu,),
        peaks=config.peaks,
        model=config.shape,
        tp=tp,
        batch=float(concurrency),
        step_s=level.tpot_s,
        context_tokens=256.0,
        prefill_tokens_per_step=concurrency / 2,
        running=float(concurrency),
    )
    verdict = judge(evidence)
    assert verdict.step in expected, verdict.line
