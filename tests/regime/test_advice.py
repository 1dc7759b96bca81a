"""Advice: each rule where its evidence holds, and not where one piece of it is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from regime.evidence import Evidence
from regime.precision import Precision
from regime.verdict import judge
from tests.regime.rows import evidence_of, rows

SMALL = evidence_of(rows(1)[3])
"""One H200 at batch 8: memory."""
FULL = evidence_of(rows(1)[9])
"""One H200 at batch 512: compute, at the power limit."""
WIDE = evidence_of(next(row for row in rows(4) if row["concurrency"] == "64"))
HOST = evidence_of(next(row for row in rows(4) if row["concurrency"] == "256"))
QUEUED = {"waiting": 40.0, "kv_usage": 0.3}


def told(evidence: Evidence, **changes: object) -> str:
    return judge(replace(evidence, **changes)).advice or ""  # type: ignore[arg-type]


def gpu(evidence: Evidence, **changes: object) -> Evidence:
    return replace(evidence, gpus=(replace(evidence.gpus[0], **changes),))  # type: ignore[arg-type]


def test_memory_bound_at_a_low_batch_wants_more_requests() -> None:
    assert "raise the concurrency, the ridge is at 206" in told(SMALL)
    assert told(evidence_of(rows(1)[7])) == "", "128 of 206 is no low batch"
    assert "concurrency" not in told(SMALL, **QUEUED)
    assert told(SMALL, model=None) == "", "no model, no ridge"


def test_a_full_kv_cache_names_its_three_ways_out() -> None:
    full = {"waiting": 9.0, "kv_usage": 0.97}
    text = told(SMALL, **full)
    assert all(flag in text for flag in ("--kv-cache-dtype fp8", "--max-model-len", "--tensor-parallel-size"))
    assert SMALL.model is not None
    assert "fp8" not in told(SMALL, **full, model=replace(SMALL.model, precision=Precision(kv=1.0)))


def test_few_sequences_and_an_empty_gpu_are_eager_mode() -> None:
    eager = gpu(SMALL, graphics=0.55, dram=0.34)
    assert "--enforce-eager" in told(eager)
    assert "45 %" in told(eager)
    assert "--enforce-eager" not in told(gpu(SMALL, graphics=0.9))
    assert "--enforce-eager" not in told(SMALL, gpus=(), step_s=0.02), "the model cannot see an empty GPU"


def test_many_sequences_and_an_empty_gpu_are_the_host() -> None:
    text = told(HOST)
    assert "--api-server-count" in text
    assert "--async-scheduling" in text
    assert "37 %" in text


def test_tensor_parallelism_that_is_too_wide() -> None:
    """A real server at TP 2 took 4.40 ms a step at 64 requests, and gave 1.62 times the tokens per GPU."""
    assert told(WIDE) == (
        "tensor parallelism 4 is too wide for this batch: --tensor-parallel-size 2 would give about 1.6 x the tokens "
        "per GPU, at 4.4 ms a step"
    )
    assert "too wide" not in told(SMALL)
    assert WIDE.model is not None
    large = replace(WIDE.model, layers=WIDE.model.layers * 20)
    assert "too wide" not in told(WIDE, model=large, step_s=0.06), "it would not fit on half the GPUs"
    assert "too wide" not in told(WIDE, model=None)


def test_a_queue_on_sequences_raises_their_number_only_while_the_gpu_has_room() -> None:
    at = {**QUEUED, "max_num_seqs": 8}
    assert "raise --max-num-seqs above 8" in told(SMALL, **at)
    assert "--max-num-seqs" not in told(FULL, **QUEUED, max_num_seqs=512)


def test_a_queue_on_tokens_raises_their_budget() -> None:
    at = {**QUEUED, "max_num_seqs": 256, "prefill_tokens_per_step": 2040.0, "token_ceiling": 2048.0}
    assert "--max-num-batched-tokens" in told(replace(SMALL, step_s=0.05), **at)


def test_arithmetic_wants_fp8_or_more_gpus_and_says_where_power_is_the_limit() -> None:
    assert told(FULL).startswith("arithmetic at the power limit: FP8 weights and arithmetic (--quantization fp8)")
    cool = gpu(FULL, clock_event_reasons=0)
    assert told(cool).startswith("arithmetic is full: FP8")
    assert FULL.model is not None
    assert "fp8" not in told(cool, model=replace(FULL.model, precision=Precision(compute="fp8")))
    assert FULL.peaks is not None
    assert "fp8" not in told(cool, peaks=replace(FULL.peaks, fp8_flops=None))


def test_kv_traffic_wants_fp8_keys_and_values() -> None:
    long = replace(SMALL, batch=48.0, context_tokens=8000.0, step_s=0.0185)
    assert "--kv-cache-dtype fp8" in told(long)
    assert long.model is not None
    assert "fp8" not in told(long, model=replace(long.model, precision=Precision(kv=1.0)))


def test_heat_comes_first() -> None:
    assert "cooling" in told(gpu(FULL, clock_event_reasons=0x44))


def test_a_late_client_is_told_to_get_help() -> None:
    assert "--workers" in told(SMALL, client_limited=True)


@pytest.mark.parametrize(
    "changes",
    [{"transient": True}, {"gpus": (), "step_s": 0.002}, {"gpus": (), "model": None}],
    ids=["not steady", "implausible model", "nothing to go by"],
)
def test_no_advice_without_evidence(changes: dict[str, object]) -> None:
    assert told(SMALL, **changes) == ""


def test_none_for_an_idle_server() -> None:
    assert judge(Evidence(running=0.0, waiting=0.0)).advice is None
