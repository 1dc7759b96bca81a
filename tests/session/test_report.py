from __future__ import annotations

import json

from session.events import Level, Tick
from session.fold import State
from session.report import report
from tests.events import header, ramp

PERCENTILES = {"mean", "p50", "p90", "p95", "p99"}


def test_the_stable_core_is_there() -> None:
    state = State(header(simulated=True))
    state.apply_all(ramp((1, 8)))
    figures = json.loads(json.dumps(report(state.snapshot()), allow_nan=False))
    assert figures["simulated"] is True
    assert figures["target"] == "http://localhost:8000"
    level = figures["levels"][1]
    assert level["concurrency"] == 8
    for name in ("ttft_ms", "tpot_ms", "itl_ms", "e2e_ms"):
        assert set(level[name]) >= PERCENTILES
    assert level["tpot_ms"]["p50"] == 5.0
    assert level["verdict"]["step"] == "memory"
    assert set(level["verdict"]["shares"]) == {"memory", "compute", "communication", "latency", "overhead"}
    gpu = level["gpus"][0]
    assert {"index", "name", "util_pct", "power_w", "dram_bw_util_pct", "tensor_util_pct"} <= set(gpu)
    assert gpu["dram_bw_util_pct"] == 64.0


def test_the_client_and_where_it_was_the_limit_are_told() -> None:
    state = State(header(client="aiohttp"))
    state.apply_all([Level(t_s=0.0, concurrency=4)])
    state.apply_all(Tick(t_s=n / 4, dt_s=0.25, in_flight=4, lag_p99_s=0.02 if n % 2 else 0.001) for n in range(1, 9))
    state.apply_all([Level(t_s=2.0, concurrency=8)])
    state.apply_all(Tick(t_s=2 + n / 4, dt_s=0.25, in_flight=8, lag_p99_s=0.001, cpu=0.5) for n in range(1, 9))
    figures = report(state.snapshot())
    assert figures["client"] == "aiohttp"
    assert [level["client_bound"] for level in figures["levels"]] == [True, False]


def test_what_is_not_known_is_null() -> None:
    state = State(header())
    state.apply_all([Level(t_s=0.0, concurrency=4)])
    level = report(state.snapshot(5.0))["levels"][0]
    assert level["tpot_ms"]["p50"] is None
    assert level["output_tok_s"] is None
    assert level["verdict"]["step"] is None
    assert level["verdict"]["shares"]["memory"] is None
    assert level["gpus"] == []
