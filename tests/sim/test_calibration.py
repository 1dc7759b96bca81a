"""The step model against every load level measured on real H200s, on a virtual clock."""

from __future__ import annotations

from functools import cache

import pytest

from sim.config import SimConfig
from sim.steps import step
from tests.regime.rows import Row, rows
from tests.sim.closed_loop import Level, closed_loop


def _cached(row: Row, table: list[Row]) -> int:
    """Prompts that were in the prefix cache: each level began with the prompts of the level before.

    Inferred: the TP=1 server counted 246,768 cached prompt tokens in all, and the 2,138 repeated prompts times
    112 tokens (7 blocks of 16) are 239,456. Taken to hold for TP=4 too.
    """
    before = table[table.index(row) - 1] if row["workload"] == "decode" and table.index(row) else None
    return int(before["requests"]) if before else 0


@cache
def _level(tp: int, index: int) -> Level:
    table = rows(tp)
    row = table[index]
    return closed_loop(
        SimConfig(tp=tp),
        int(row["concurrency"]),
        int(row["prompt_tokens_each"]),
        int(row["output_tokens_each"]),
        int(row["requests"]),
        _cached(row, table),
    )


def _of(workload: str) -> list[tuple[int, int]]:
    return [(tp, index) for tp in (1, 4) for index, row in enumerate(rows(tp)) if row["workload"] == workload]


@pytest.mark.parametrize(("tp", "index"), _of("decode"))
def test_decode_rows(tp: int, index: int) -> None:
    row, level = rows(tp)[index], _level(tp, index)
    assert level.tpot_s is not None
    assert level.tpot_s * 1e3 == pytest.approx(float(row["tpot_p50_ms"]), rel=0.15)
    assert level.output_tok_s == pytest.approx(float(row["output_tok_s"]), rel=0.15)
    assert level.dram * 100 == pytest.approx(float(row["dram_bw_util_pct"]), abs=8)
    assert level.tensor * 100 == pytest.approx(float(row["tensor_util_pct"]), abs=8)
    assert level.graphics * 100 == pytest.approx(float(row["graphics_util_pct"]), abs=8)
    assert level.power_w == pytest.approx(float(row["power_w"]), rel=0.15)


@pytest.mark.parametrize(("tp", "index"), _of("prefill") + _of("plen"))
def test_prefill_rows(tp: int, index: int) -> None:
    row, level = rows(tp)[index], _level(tp, index)
    assert level.ttft_s * 1e3 == pytest.approx(float(row["ttft_p50_ms"]), rel=0.35 if tp == 4 else 0.15)
    assert level.dram * 100 == pytest.approx(float(row["dram_bw_util_pct"]), abs=8)


def test_mixed_row_in_total() -> None:
    """Throughput and activity fit; the split into TTFT and TPOT does not (414 ms for 782, 31 ms for 25)."""
    ((tp, index),) = _of("mixed")
    row, level = rows(tp)[index], _level(tp, index)
    assert level.output_tok_s == pytest.approx(float(row["output_tok_s"]), rel=0.15)
    assert level.tensor * 100 == pytest.approx(float(row["tensor_util_pct"]), abs=8)


def test_a_step_is_pure_and_grows_with_the_work() -> None:
    config = SimConfig()
    assert step(config, 8, 0, 2048) == step(config, 8, 0, 2048)
    seconds = [step(config, batch, 0, 256 * batch).seconds for batch in (1, 8, 64, 256, 512)]
    assert seconds == sorted(seconds)


def test_the_power_limit_slows_the_clock() -> None:
    config = SimConfig()
    assert not step(config, 1, 0, 256).capped
    prefill = step(config, 0, 8192, 0, 2048.0)
    assert prefill.capped
    assert prefill.clock_ratio < 0.85
    assert prefill.power_w <= 700
