from __future__ import annotations

from dataclasses import replace

import pytest

from regime.evidence import Evidence
from regime.gpus import peaks_by_key
from regime.model_table import MODELS, shape_by_name
from regime.roofline import NO_REST, Rest, Serving, fit_rest, operating_point, point_of, predict, ridge
from regime.room import kv_room_tokens, room_words
from regime.verdict import judge
from tests.regime.rows import Row, rows


def serving(model: str = "llama-3.1-8b", gpu: str = "h200", tp: int = 1, context: float = 256.0) -> Serving:
    peaks, shape = peaks_by_key(gpu), shape_by_name(model)
    assert peaks is not None
    assert shape is not None
    return Serving(peaks, shape, tp, context)


def decode_rows(tp: int) -> list[tuple[float, float]]:
    """Batch and step seconds; prompts of 128 tokens and 256 generated: 256 tokens of context on average."""
    return [_pair(row) for row in rows(tp) if row["workload"] == "decode"]


def _pair(row: Row) -> tuple[float, float]:
    return float(row["num_requests_running"]), float(row["tpot_p50_ms"]) / 1e3


def test_ridge_of_16_bit_weights() -> None:
    assert round(ridge(serving())) == 206
    assert round(ridge(serving(gpu="h100"))) == 295


def test_the_floor_is_below_every_measured_step_and_explains_most_of_it() -> None:
    for (_, step_s), predicted in zip(
        decode_rows(1), predict(serving(), [batch for batch, _ in decode_rows(1)]), strict=True
    ):
        assert 0.60 < predicted.tpot_s / step_s < 0.80


def test_a_rest_fitted_below_64_predicts_up_to_512_within_3_percent() -> None:
    measured = decode_rows(1)
    rest = fit_rest(serving(), [pair for pair in measured if pair[0] <= 64])
    assert rest.fixed_s == pytest.approx(1.1e-3, rel=0.1)
    assert measured[-1][0] == 512
    for (batch, step_s), predicted in zip(measured, predict(serving(), [b for b, _ in measured], rest), strict=True):
        assert predicted.tpot_s == pytest.approx(step_s, rel=0.03)
        assert predicted.tokens_s == pytest.approx(batch / step_s, rel=0.03)


def test_four_gpus_up_to_where_the_host_takes_over() -> None:
    measured = [pair for pair in decode_rows(4) if pair[0] <= 64]
    rest = fit_rest(serving(tp=4), measured)
    for (_, step_s), predicted in zip(measured, predict(serving(tp=4), [b for b, _ in measured], rest), strict=True):
        assert predicted.step_s == pytest.approx(step_s, rel=0.03)


def test_the_roof_changes_with_the_batch() -> None:
    small, large = predict(serving(), [1, 512])
    assert (small.point.roof, large.point.roof) == ("memory", "compute")
    assert small.point.intensity == pytest.approx(1.0, abs=0.05)  # one FLOP per byte: 2 P FLOP over 2 P bytes
    assert small.point.ridge == pytest.approx(206, abs=0.1)
    assert small.budget.compute_s == 0


def test_a_floor_stands_at_the_achievable_share_of_the_bandwidth() -> None:
    (one,) = predict(serving(), [1])
    assert one.point.bandwidth_share == pytest.approx(0.85, abs=1e-9)


def test_an_operating_point_is_of_one_gpu() -> None:
    alone = operating_point(serving(), 8, 0.005)
    shared = operating_point(serving(tp=4), 8, 0.005)
    assert shared.bytes_s == pytest.approx(alone.bytes_s / 4)
    assert shared.flops_s == pytest.approx(alone.flops_s / 4)
    assert shared.intensity == pytest.approx(alone.intensity)


def test_prompt_tokens_raise_the_intensity() -> None:
    assert operating_point(serving(), 8, 0.02, 512).intensity > 50 * operating_point(serving(), 1, 0.02).intensity


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ([], NO_REST),
        ([0.001], Rest(0.001)),
        ([0.001, 0.003, 0.007], Rest(0.0, 0.001)),
        ([0.004, 0.003, 0.002], Rest(0.003)),
    ],
)
def test_fit_of_the_rest_is_never_negative(extra: list[float], expected: Rest) -> None:
    batches = [1, 3, 7][: len(extra)]
    floors = [found.step_s for found in predict(serving(), batches)]
    rest = fit_rest(serving(), [(b, f + e) for b, f, e in zip(batches, floors, extra, strict=True)])
    assert rest.fixed_s == pytest.approx(expected.fixed_s, abs=1e-9)
    assert rest.per_sequence_s == pytest.approx(expected.per_sequence_s, abs=1e-9)


def test_windows_cap_what_long_contexts_cost() -> None:
    gemma = MODELS["gemma-3-27b"]
    assert gemma.kv_read_bytes_per_gpu(1000, 1) == pytest.approx(1000 * gemma.kv_bytes_per_token())
    far = gemma.kv_read_bytes_per_gpu(100_000, 1) / (100_000 * gemma.kv_bytes_per_token())
    assert far == pytest.approx(10 / 62 + 52 / 62 * 1024 / 100_000)
    assert gemma.attention_flops_per_token(100_000) == pytest.approx(
        62 * 4 * 32 * 128 * 100_000 * far
    )  # the same share of the full cost


def test_latent_attention_is_read_whole_by_every_rank() -> None:
    one, eight = (serving("deepseek-v3", "h200", tp, 4096.0) for tp in (1, 8))
    kv = [found.budget(64).kv_s for found in (one, eight)]
    assert kv[0] == pytest.approx(kv[1])
    weights = [found.budget(1).weights_s * found.tp for found in (one, eight)]
    assert weights[1] > weights[0]  # each rank has its own compression


@pytest.mark.parametrize(
    ("model", "gpu", "tokens"),
    [
        ("Llama-3.1-8B-FP8", "h200", 206),
        ("Llama-3.1-8B-AWQ", "h100", 295 * 0.515625 / 2),
        ("Llama-3.1-8B-NVFP4", "b200", 9000 / 8 * 0.5625 / 2),
        ("Llama-3.1-8B-NVFP4", "h100", 295 * 0.5625 / 2),
        ("Llama-3.1-8B-FP8", "a100", 153 / 2),
        ("Llama-3.1-8B-quantized.w8a8", "a100", 153),
    ],
)
def test_ridge_follows_weights_and_arithmetic(model: str, gpu: str, tokens: float) -> None:
    """FP4 and FP8 multiply at their own rate only where the GPU has one; else the weights are unpacked."""
    assert ridge(serving(model, gpu)) == pytest.approx(tokens, rel=0.005)


def test_room_words() -> None:
    assert room_words(2000, 250) == "the KV cache holds 2,000 tokens: 8 sequences of 250"
    assert room_words(2000, 0) == "the KV cache holds 2,000 tokens"
    assert kv_room_tokens(10e9, MODELS["llama-3.1-8b"]) == 0


def test_a_full_cache_says_how_much_it_holds() -> None:
    full = Evidence(
        running=8.0, waiting=24.0, kv_usage=0.98, kv_cache_tokens=2000.0, context_tokens=250.0, batch=8.0, step_s=0.02
    )
    assert judge(full).evidence[-1] == "batch 8; the KV cache holds 2,000 tokens: 8 sequences of 250"
    assert "KV cache" not in judge(replace(full, waiting=0.0)).evidence[-1]


def test_the_room_is_what_a_real_server_said() -> None:
    """vLLM 0.25.1 on an H200 (NVML: 150.75 GB) said 919,824 tokens; the reserve was taken from it."""
    assert kv_room_tokens(141 * 2**30, MODELS["llama-3.1-8b"]) == pytest.approx(919_824, rel=0.03)


def test_a_profilers_rates() -> None:
    point = point_of(100.0, 10.0, 1000.0, 50.0)
    assert (point.intensity, point.ridge, point.roof) == (10.0, 20.0, "memory")
    assert (point.flops_share, point.bandwidth_share) == (0.1, 0.2)
