from __future__ import annotations

from dataclasses import fields, replace

import pytest

from regime.batch_limit import BatchLimit
from regime.evidence import Evidence, GpuEvidence
from regime.gpus import peaks_by_key
from regime.model_table import MODELS
from regime.verdict import Standing, judge
from tests.regime.rows import evidence_of, rows

DECODE_8 = evidence_of(rows(1)[3])
GPU = DECODE_8.gpus[0]


def _with_gpu(**changes: float | int | None) -> Evidence:
    return replace(DECODE_8, gpus=(replace(GPU, **changes),))  # type: ignore[arg-type]


def test_utilization_gpu_is_no_input() -> None:
    names = {field.name for kind in (Evidence, GpuEvidence) for field in fields(kind)}
    assert not any("util" in name for name in names)


def test_without_counters_the_model_alone_judges() -> None:
    verdict = judge(replace(DECODE_8, gpus=(), gpus_missing="no NVML on this machine"))
    assert verdict.step == "memory"
    assert verdict.confidence == 0.65
    assert verdict.measured is None
    assert verdict.shares == verdict.modelled
    assert verdict.evidence[0] == "measured: n/a (no NVML on this machine)"


def test_without_a_model_the_counters_alone_judge() -> None:
    verdict = judge(replace(DECODE_8, model=None))
    assert verdict.step == "memory"
    assert verdict.confidence == 0.75
    assert verdict.modelled is None


def test_without_either_it_says_what_is_missing() -> None:
    verdict = judge(Evidence(gpus_missing="the server is on another machine", running=3.0, step_s=0.005))
    assert verdict.step is None
    assert verdict.confidence is None
    assert verdict.shares is None
    assert verdict.line == (
        "cannot tell: the server is on another machine, and the model lacks the GPU's peaks, the model's shape "
        "and the batch size"
    )


def test_incomplete_counters_are_not_read_as_zero() -> None:
    verdict = judge(replace(_with_gpu(dram=None), model=None))
    assert verdict.step is None
    assert "GPU counters are incomplete" in verdict.line


def test_client_limited_withholds_the_step() -> None:
    verdict = judge(replace(DECODE_8, client_limited=True))
    assert verdict.step is None
    assert verdict.shares is None
    assert verdict.line.startswith("client-bound:")


def test_transient_and_short_windows_are_trusted_less() -> None:
    assert judge(replace(DECODE_8, transient=True)).confidence == 0.75
    assert "not steady yet" in judge(replace(DECODE_8, transient=True)).line
    short = judge(replace(DECODE_8, steps=5.0))
    assert short.confidence == 0.75
    assert "only 5 steps" in short.evidence[-1]


def test_thermal_slowdown_is_said_and_trusted_less() -> None:
    verdict = judge(_with_gpu(clock_event_reasons=0x40))
    assert verdict.step == "memory"
    assert verdict.confidence == 0.8
    assert "thermal" in verdict.evidence[-1]


def test_idle() -> None:
    quiet = replace(_with_gpu(graphics=0.0, dram=0.0, tensor=0.0), running=0.0, batch=None, step_s=None)
    verdict = judge(quiet)
    assert (verdict.step, verdict.batch) == ("idle", "idle")
    assert judge(replace(quiet, gpus=())).step == "idle"


def test_running_requests_on_an_empty_gpu_are_overhead_not_idle() -> None:
    assert judge(_with_gpu(graphics=0.05, dram=0.02, tensor=0.01)).step == "overhead"


def test_balanced_at_the_ridge_only_where_phases_are_not_mixed() -> None:
    ridge = replace(_with_gpu(dram=0.55, tensor=0.55), batch=200.0, prefill_tokens_per_step=0.0)
    assert judge(ridge).step == "balanced"
    mixed = judge(replace(ridge, prefill_tokens_per_step=100.0))
    assert mixed.step == "memory+compute"
    assert "prefill and decode are mixed" in mixed.evidence[-1]


def test_conflict_shows_both() -> None:
    verdict = judge(replace(_with_gpu(dram=0.05, tensor=0.85), batch=8.0))
    assert verdict.step == "compute"
    assert verdict.confidence == 0.5
    assert "counters say compute, the model memory" in verdict.evidence[-1]


def test_a_budget_longer_than_the_step_is_called_out() -> None:
    verdict = judge(replace(DECODE_8, gpus=(), step_s=0.002))
    assert verdict.confidence == 0.3
    assert "above the step" in verdict.evidence[-1]


def test_the_slowest_rank_decides_and_imbalance_is_said() -> None:
    tilted = replace(DECODE_8, gpus=(replace(GPU, dram=0.30), replace(GPU, index=1)), tp=2)
    verdict = judge(tilted)
    assert verdict.measured is not None
    assert verdict.measured.memory == pytest.approx(0.7565, abs=0.001)
    assert "GPU 1" in verdict.evidence[0]
    assert "imbalance" in verdict.evidence[-1]


def test_link_traffic_counts_as_communication() -> None:
    peaks = peaks_by_key("h200")
    gpu = GpuEvidence(0, graphics=1.0, dram=0.1, tensor=0.1, nvlink_bytes_s=0.7 * 0.8 * 450e9)
    verdict = judge(Evidence(gpus=(gpu,), peaks=peaks, tp=4, running=8.0, batch=8.0))
    assert verdict.step == "communication"
    assert verdict.shares is not None
    assert verdict.shares.communication == pytest.approx(0.7)


def test_geforce_tensor_pipes_top_out_at_half() -> None:
    gpu = GpuEvidence(0, graphics=1.0, dram=0.3, tensor=0.44)
    verdict = judge(Evidence(gpus=(gpu,), peaks=peaks_by_key("rtx-4090"), running=8.0))
    assert verdict.step == "compute"


def test_experts_move_the_ridge() -> None:
    verdict = judge(replace(DECODE_8, gpus=(), model=MODELS["qwen3-30b-a3b"], step_s=0.006))
    assert "of ridge 3297" in verdict.evidence[-1]


PREFILL = {"running": 40.0, "waiting": 9.0, "kv_usage": 0.2, "max_num_seqs": 256}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"running": 0.0, "waiting": 0.0}, "idle"),
        ({"running": 40.0, "waiting": 3.0, "kv_usage": 0.97}, "kv-capacity"),
        ({"running": 40.0, "waiting": 3.0, "preemptions_s": 0.5}, "kv-capacity"),
        ({"running": 256.0, "waiting": 9.0, "kv_usage": 0.2, "max_num_seqs": 256}, "max-num-seqs"),
        ({"running": 253.0, "waiting": 9.0, "kv_usage": 0.2, "max_num_seqs": 256}, "max-num-seqs"),
        ({"running": 40.0, "waiting": 9.0, "kv_usage": 0.2, "max_num_seqs": 256}, None),
        ({"running": 40.0, "waiting": 9.0, "kv_usage": 0.2}, None),
        ({**PREFILL, "prefill_tokens_per_step": 8100.0, "token_ceiling": 8192.0}, "token-budget"),
        ({**PREFILL, "prefill_tokens_per_step": 3000.0, "token_ceiling": 8192.0}, None),
        ({**PREFILL, "prefill_tokens_per_step": 8100.0}, None),
        ({**PREFILL, "token_ceiling": 8192.0}, None),
        ({"running": 40.0, "waiting": 4.0, "waiting_capacity": 0.0, "waiting_deferred": 4.0}, "deferred"),
        ({"running": 40.0, "waiting": 0.0}, "offered-load"),
        ({}, None),
    ],
)
def test_batch_limiter(changes: dict[str, float], expected: str | None) -> None:
    assert judge(Evidence(**changes)).batch == expected  # type: ignore[arg-type]


def test_an_inferred_limit_says_its_number_and_what_it_rests_on() -> None:
    queued = Evidence(running=255.0, waiting=40.0, kv_usage=0.2, max_num_seqs=256, max_num_seqs_inferred=True)
    verdict = judge(queued)
    assert verdict.batch == "max-num-seqs"
    assert verdict.batch_words == "max-num-seqs (inferred: 256)"
    assert verdict.batch_why == "running stays at 256 while 40 wait"
    said = judge(replace(queued, max_num_seqs_inferred=False))
    assert said.batch_words == "max-num-seqs"
    assert said.batch_why == "255 of 256 run while 40 wait"


def test_a_queue_without_a_cause_says_what_it_is_not() -> None:
    verdict = judge(Evidence(running=40.0, waiting=9.0, kv_usage=0.2))
    assert verdict.batch_words is None
    assert verdict.batch_why == "9 wait, but neither KV, sequences nor tokens are at a limit that shows"


def test_a_label_is_left_later_than_it_is_entered() -> None:
    edge = _with_gpu(dram=0.39, graphics=0.80)  # memory 0.459 of 0.80, latency 0.341: a lead of 0.118
    assert judge(edge).step == "memory+latency"
    assert judge(edge, Standing(step="memory")).step == "memory"
    assert judge(edge, Standing(step="latency")).step == "memory+latency"
    near = _with_gpu(dram=0.34, graphics=0.78)  # 0.40 and 0.38
    assert judge(near, Standing(step="memory")).step == "memory+latency"
    assert judge(near, Standing(step="latency+memory")).step == "latency+memory"


def test_the_ridge_and_a_full_cache_are_left_later_too() -> None:
    ridge = replace(_with_gpu(dram=0.40, tensor=0.58), batch=200.0, prefill_tokens_per_step=0.0)
    assert judge(ridge).step == "compute"
    assert judge(ridge, Standing(step="balanced")).step == "balanced"
    cache = Evidence(running=40.0, waiting=3.0, kv_usage=0.83)
    assert judge(cache).batch is None
    assert judge(cache, Standing(batch=BatchLimit("kv-capacity"))).batch == "kv-capacity"


def test_a_label_that_is_held_is_worded_with_the_windows_shares() -> None:
    verdict = judge(DECODE_8, Standing(step="latency"), hold_step=True)
    assert verdict.step == "latency"
    assert verdict.window == "memory"
    assert verdict.line == "latency-bound: 24 % of each decode step is small kernels that saturate nothing"
