"""Rows of a real vLLM on real H200s, as evidence. Public figures measured once; see tests/data/h200."""

from __future__ import annotations

import csv
from pathlib import Path

from regime.evidence import Evidence, GpuEvidence
from regime.gpus import peaks_by_key
from regime.model_table import MODELS

DATA = Path(__file__).parents[1] / "data" / "h200"
Row = dict[str, str]


def rows(tp: int) -> list[Row]:
    with (DATA / f"llama31-8b-bf16-tp{tp}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def evidence_of(row: Row) -> Evidence:
    reasons = 0
    for mask in row["clock_event_reasons"].split("|"):
        reasons |= int(mask, 16)
    gpu = GpuEvidence(
        index=0,
        graphics=float(row["graphics_util_pct"]) / 100,
        dram=float(row["dram_bw_util_pct"]) / 100,
        tensor=float(row["tensor_util_pct"]) / 100,
        nvlink_bytes_s=max(float(row["nvlink_tx_mib_s"]), float(row["nvlink_rx_mib_s"])) * 2**20,
        sm_clock_ratio=float(row["sm_clock_mhz"]) / 1980,
        clock_event_reasons=reasons,
    )
    prompts, steps = float(row["delta_prompt_tokens"]), float(row["delta_iterations"])
    return Evidence(
        gpus=(gpu,),
        peaks=peaks_by_key("h200"),
        model=MODELS["llama-3.1-8b"],
        tp=int(row["tp"]),
        batch=float(row["num_requests_running"]),
        step_s=float(row["tpot_p50_ms"]) / 1e3 if row["tpot_p50_ms"] else None,
        steps=steps,
        window_s=float(row["wall_s"]),
        context_tokens=int(row["prompt_tokens_each"]) + int(row["output_tokens_each"]) / 2,
        prefill_tokens_per_step=prompts / steps,
        running=float(row["num_requests_running"]),
        waiting=0.0,
        kv_usage=float(row["kv_cache_usage"]),
        concurrency=int(row["concurrency"]),
    )
