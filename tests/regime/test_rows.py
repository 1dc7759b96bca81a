"""The verdict over every load level that was measured on real H200s."""

from __future__ import annotations

from dataclasses import replace

import pytest

from regime.verdict import judge
from tests.regime.rows import Row, evidence_of, rows

ROWS = [*rows(1), *rows(4)]


def _name(row: Row) -> str:
    return "-".join((row["workload"], "tp" + row["tp"], "c" + row["concurrency"], row["prompt_tokens_each"]))


def _allowed(row: Row) -> set[str]:
    concurrency = int(row["concurrency"])
    if row["workload"] in ("prefill", "mixed"):
        return {"compute"}
    if row["workload"] == "plen":
        return {"latency", "latency+memory", "communication+latency", "latency+communication"}
    if row["tp"] == "4":
        return {"latency"} if concurrency <= 64 else {"overhead", "overhead+latency", "latency+overhead"}
    if concurrency <= 128:
        return {"memory"}
    return {"balanced", "compute", "compute+memory"} if concurrency == 256 else {"compute"}


@pytest.mark.parametrize("row", ROWS, ids=_name)
def test_step_limiter(row: Row) -> None:
    verdict = judge(evidence_of(row))
    assert verdict.step in _allowed(row)
    assert verdict.batch == "offered-load"
    assert verdict.shares is not None
    shares = [share for _, share in verdict.shares.ranked()]
    assert sum(shares) == pytest.approx(1.0)
    assert min(shares) >= 0
    assert 1 <= len(verdict.evidence) <= 3


BELOW_RIDGE = [row for row in ROWS if row["workload"] == "decode" and int(row["concurrency"]) <= 64]


@pytest.mark.parametrize("row", BELOW_RIDGE, ids=_name)
def test_model_and_counters_agree_on_memory(row: Row) -> None:
    verdict = judge(evidence_of(row))
    assert verdict.measured is not None
    assert verdict.modelled is not None
    assert verdict.modelled.memory == pytest.approx(verdict.measured.memory, abs=0.02)
    assert verdict.confidence == 0.9


SHORT_PROMPT = next(row for row in rows(4) if row["workload"] == "plen" and row["prompt_tokens_each"] == "128")


def test_model_and_counters_agree_on_memory_for_one_request_at_a_time() -> None:
    verdict = judge(replace(evidence_of(SHORT_PROMPT), batch=1.0))
    assert verdict.measured is not None
    assert verdict.modelled is not None
    assert verdict.modelled.memory == pytest.approx(verdict.measured.memory, abs=0.05)


@pytest.mark.parametrize("row", [row for row in rows(4) if row["workload"] == "plen"], ids=_name)
def test_a_prompt_of_its_own_is_not_in_its_decode_steps(row: Row) -> None:
    """However long the prompt: TPOT is that of decoding, 2.7 ms, and so is what the model explains of it."""
    modelled = judge(replace(evidence_of(row), batch=1.0)).modelled
    assert modelled is not None
    assert 0.33 < modelled.memory < 0.37, "weights, and the KV of a longer prompt"
    assert modelled.compute == 0


def test_power_and_prompts_stand_beside_the_label_and_the_host_gets_advice() -> None:
    verdicts = {(row["tp"], row["workload"], row["concurrency"]): judge(evidence_of(row)) for row in ROWS}
    assert "power-capped" in verdicts["1", "decode", "512"].modifiers
    assert "mixed" in verdicts["1", "decode", "256"].modifiers
    assert verdicts["1", "decode", "1"].modifiers == ()
    assert "--api-server-count" in (verdicts["4", "decode", "256"].advice or "")
    assert "--tensor-parallel-size 2" in (verdicts["4", "decode", "8"].advice or "")


def test_overhead_is_named_where_the_gpu_idles_for_the_host() -> None:
    row = next(row for row in rows(4) if row["concurrency"] == "256")
    verdict = judge(evidence_of(row))
    assert verdict.step is not None
    assert "overhead" in verdict.step
    assert verdict.shares is not None
    assert verdict.shares.overhead == pytest.approx(1 - 0.6319)


def test_the_line_reads_as_a_sentence() -> None:
    verdict = judge(evidence_of(rows(1)[3]))
    assert verdict.line == "memory-bound: 76 % of each decode step moves weights and KV from DRAM"
    assert verdict.evidence == (
        "DRAM 64 % of peak, tensor pipes 3 %, kernels 100 %",
        "model: 3.68 of 4.95 ms is weight traffic (8.03 B parameters, bf16, 4.80 TB/s at 85 %)",
        "batch 8 + 4 prompt tokens of ridge 206",
    )
