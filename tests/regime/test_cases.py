"""Published measurements whose limit can be told by arithmetic; figures as their authors gave them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from regime.budget import DRAM_EFFICIENCY
from regime.evidence import Evidence, GpuEvidence
from regime.gpus import GpuPeaks, peaks_by_key
from regime.model_table import MODELS
from regime.roofline import Serving, operating_point, point_of
from regime.room import kv_room_tokens
from regime.verdict import judge

GIB = 2**30


def gpu(key: str) -> GpuPeaks:
    peaks = peaks_by_key(key)
    assert peaks is not None
    return peaks


def test_70b_over_two_gb10_is_memory_bound() -> None:
    """3.17 tokens/s at one sequence and "94 % utilisation"; its author took that for a limit of compute and of
    synchronisation. Two all-reduces a layer, 160 in all, would each have to take over a millisecond."""
    step_s = 1 / 3.17
    pair = Serving(gpu("gb10"), MODELS["llama-3.1-70b"], tp=2)
    point = operating_point(pair, 1, step_s)
    assert pair.model.weight_bytes_per_step(1) / 1e9 == pytest.approx(139.0, abs=0.1)
    assert point.bandwidth_share == pytest.approx(0.807, abs=0.005)
    assert point.flops_share < 0.005
    verdict = judge(Evidence(peaks=pair.peaks, model=pair.model, tp=2, batch=1.0, step_s=step_s, running=1.0))
    assert verdict.step == "memory"
    assert verdict.shares is not None
    assert verdict.shares.memory == pytest.approx(0.95, abs=0.01)
    assert verdict.shares.compute == 0
    assert (step_s - pair.model.weight_bytes_per_step(1) / 2 / 273e9) / 160 < 400e-6


def test_a_kernel_profile_at_85_percent_of_dram_is_memory_bound() -> None:
    """Nsight Compute on an H100: 2847 GB/s of 3352, 89.2 TFLOP/s."""
    point = point_of(89.2e12, 2847e9, gpu("h100").bf16_flops, 3352e9)
    assert point.intensity == pytest.approx(31.3, abs=0.1)
    assert point.ridge == pytest.approx(295, abs=1)
    assert point.roof == "memory"
    counters = GpuEvidence(0, graphics=1.0, dram=point.bandwidth_share, tensor=point.flops_share)
    verdict = judge(Evidence(gpus=(counters,), peaks=gpu("h100"), running=1.0))
    assert verdict.step == "memory"
    assert verdict.shares is not None
    assert verdict.shares.memory == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(("tp", "least", "most"), [(1, 1_300, 2_700), (2, 28_000, 31_000)])
def test_room_for_llama_2_7b_on_16_gb_cards(tp: int, least: int, most: int) -> None:
    """Two V100 gave 57 % more tokens a second per GPU than one: twice the memory is twelve times the room."""
    v100, model = 15.77 * GIB, MODELS["llama-2-7b"]
    for reserved in (0.35 * GIB, 1.0 * GIB):
        assert least <= kv_room_tokens(v100, model, tp, 0.90, reserved) <= most


def test_the_batch_limiter_of_llama_2_7b_goes_with_the_second_card() -> None:
    """64 requests of 128 + 128 tokens: what does not fit waits, and the step is memory-bound in both."""
    found: list[tuple[str | None, str | None]] = []
    for tp in (1, 2):
        fits = kv_room_tokens(15.77 * GIB, MODELS["llama-2-7b"], tp, 0.90, 0.35 * GIB) / 256
        running = min(64.0, float(int(fits)))
        peaks = gpu("v100")
        evidence = Evidence(
            peaks=peaks,
            model=MODELS["llama-2-7b"],
            tp=tp,
            batch=running,
            step_s=1.3 * Serving(peaks, MODELS["llama-2-7b"], tp, 192.0).budget(running).floor_s,
            context_tokens=192.0,
            running=running,
            waiting=64.0 - running,
            kv_usage=min(1.0, running / fits),
        )
        verdict = judge(evidence)
        found.append((verdict.step, verdict.batch))
    assert found == [("memory", "kv-capacity"), ("memory", "offered-load")]


LATENCY_MS = {  # Llama-3.1-8B, BF16, 512 tokens in and 128 out; milliseconds per token at 1, 4, 16 and 32 sequences
    "h200": (750.6, 776.8, 838.4, 1012.1),
    "h100": (903.4, 933.9, 1016.5, 1176.7),
    "a100-pcie": (1533.2, 1588.3, 1730.7, 1975.0),
    "l40s": (2828.3, 2975.5, 3089.4, 3406.4),
}
ROOFLINE_SHARE = {
    "h200": (0.536, 0.526, 0.516, 0.459),
    "h100": (0.638, 0.626, 0.610, 0.566),
    "a100-pcie": (0.651, 0.638, 0.620, 0.584),
    "l40s": (0.790, 0.762, 0.778, 0.758),
}


@pytest.mark.parametrize("key", LATENCY_MS)
def test_four_gpus_against_their_rooflines(key: str) -> None:
    server = Serving(gpu(key), MODELS["llama-3.1-8b"], context=576.0)
    for batch, total_ms, share in zip((1, 4, 16, 32), LATENCY_MS[key], ROOFLINE_SHARE[key], strict=True):
        point = operating_point(server, batch, total_ms / 128 / 1e3)
        assert point.bandwidth_share == pytest.approx(share, abs=0.02)
        assert point.roof == "memory"


def test_faster_memory_leaves_a_larger_overhead() -> None:
    overhead = {}
    for key, (first, *_) in LATENCY_MS.items():
        evidence = Evidence(
            peaks=gpu(key), model=MODELS["llama-3.1-8b"], batch=1.0, step_s=first / 128e3, context_tokens=576.0
        )
        verdict = judge(evidence)
        assert verdict.step == "memory"
        assert verdict.shares is not None
        overhead[key] = verdict.shares.overhead
    assert overhead["h200"] > overhead["h100"] > overhead["a100-pcie"] > overhead["l40s"]


@pytest.mark.parametrize(
    ("model", "key", "tp", "batch", "graphs", "share"),
    [
        ("llama-3.1-70b", "h200", 8, 1, True, 0.19),
        ("llama-3.1-70b", "h200", 8, 1, False, 0.48),
        ("llama-3.1-8b", "h100", 8, 1, True, 0.36),
        ("llama-3.1-70b", "l40s", 8, 1, True, 0.18),
        ("llama-3.1-70b", "l40s", 8, 64, True, 0.41),
    ],
)
def test_share_of_the_all_reduces(model: str, key: str, tp: int, batch: int, graphs: bool, share: float) -> None:
    """Of a step that is at its theoretical bandwidth otherwise."""
    budget = Serving(gpu(key), MODELS[model], tp, 576.0, graphs).budget(batch)
    whole = budget.memory_s * DRAM_EFFICIENCY + budget.communication_s
    assert budget.communication_s / whole == pytest.approx(share, abs=0.02)


def test_an_mla_server_is_not_called_kv_bound_by_mistake() -> None:
    """DeepSeek-V3 at 64 sequences of 4,096 tokens on eight H200: experts, not keys and values, are the traffic."""
    budget = Serving(gpu("h200"), MODELS["deepseek-v3"], 8, 4096.0).budget(64)
    assert budget.weights_s > 3 * budget.kv_s
    plain = replace(MODELS["llama-3.1-405b"], hidden=7168)
    assert plain.kv_bytes_per_token() > 7 * MODELS["deepseek-v3"].kv_bytes_per_token()
