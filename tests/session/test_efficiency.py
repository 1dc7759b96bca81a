from __future__ import annotations

import pytest

from session.efficiency import cost_per_million, efficiency
from session.events import Gpu, GpuReading
from session.fold import State
from session.report import report
from session.view import GpuView
from tests.events import header, ramp


def gpu(index: int, *, used: bool = True, power_w: float | None = 500.0, energy_j: float | None = None) -> GpuView:
    info = Gpu(t_s=0.0, index=index, name="NVIDIA H200", memory_total_bytes=100)
    reading = GpuReading(index=index, memory_used_bytes=90 if used else 1, power_w=power_w, energy_j=energy_j)
    return GpuView(info, reading)


def test_gpus_that_the_server_does_not_use_cost_nothing() -> None:
    found = efficiency(1000.0, [gpu(0), gpu(1), gpu(2, used=False)], None, None)
    assert found is not None
    assert found.gpus == 2
    assert found.output_tok_s_per_gpu == 500.0
    assert found.power_w == 1000.0
    assert found.tokens_per_joule == 1.0


def test_the_energy_counter_comes_before_the_power_that_was_sampled() -> None:
    found = efficiency(1000.0, [gpu(0, power_w=500.0, energy_j=4000.0)], 10.0, None)
    assert found is not None
    assert found.power_w == 400.0
    half = efficiency(1000.0, [gpu(0, energy_j=4000.0), gpu(1)], 10.0, None)
    assert half is not None
    assert half.power_w == 1000.0, "a counter that one GPU lacks is not mixed with power"


def test_energy_that_cannot_be_read_is_not_known() -> None:
    for gpus in ([gpu(0, power_w=None)], [gpu(0), gpu(1, power_w=None)]):
        found = efficiency(1000.0, gpus, 10.0, None)
        assert found is not None
        assert found.tokens_per_joule is None
    remote = efficiency(1000.0, [], None, 4)
    assert remote is not None
    assert (remote.gpus, remote.output_tok_s_per_gpu, remote.power_w) == (4, 250.0, None)
    assert efficiency(1000.0, [], None, None) is None
    assert efficiency(None, [gpu(0)], None, None) is None


def test_cost_of_a_million_tokens() -> None:
    found = efficiency(2000.0, [gpu(0), gpu(1)], None, None)
    assert cost_per_million(found, 3.6) == pytest.approx(1.0), "1,000 tok/s per GPU: 1,000 s at 0.001 a second"
    assert cost_per_million(found, None) is None
    assert cost_per_million(None, 3.6) is None


def test_the_report_has_it_for_each_level() -> None:
    state = State(header(gpu_hour=2.0))
    state.apply_all(ramp((1, 8)))
    found = report(state.snapshot())["levels"][1]["efficiency"]
    assert found["gpus"] == 1
    assert found["power_w"] == pytest.approx(450.0)
    tok_s = found["output_tok_s_per_gpu"]
    assert found["tokens_per_joule"] == pytest.approx(tok_s / 450.0, rel=1e-3)
    assert found["cost_per_million_output_tokens"] == pytest.approx(2.0 / 3600 / tok_s * 1e6, rel=1e-3)


def test_without_gpus_there_is_no_energy_but_a_cost_where_tp_was_said() -> None:
    events = [event for event in ramp((1, 8)) if event.__class__.__name__ not in ("Gpu", "GpuSample")]
    state = State(header(gpu_hour=2.0, tp=2))
    state.apply_all(events)
    level = state.snapshot().levels[1]
    assert level.efficiency is not None
    assert level.efficiency.gpus == 2
    assert level.efficiency.tokens_per_joule is None
    nothing = State(header())
    nothing.apply_all(events)
    assert report(nothing.snapshot())["levels"][1]["efficiency"] is None
