"""The roofline of recorded H200s, and of what lacks something."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from msgspec import structs

from session.events import Level
from session.fold import State
from session.forecast import FIT_UP_TO, Forecast, forecast
from session.report import report
from session.roofline import NO_BATCH, NO_PEAKS, NO_STEP, Placed, Roof, Roofline, roofline
from session.view import LevelView, ServerView, Snapshot
from tests.events import header
from tests.session.test_h200 import load


@pytest.fixture(scope="module", params=[1, 2, 4])
def any_tp(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return load(tmp_path_factory.mktemp("h200"), request.param)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return load(tmp_path_factory.mktemp("h200"), 1)


def by_load(found: Roofline) -> dict[int, Placed]:
    return {at.level.concurrency: at for at in found.levels if at.level is not None}


def reached(at: Placed) -> float:
    """Share of the roof above it that a point reaches."""
    assert at.point is not None
    assert at.possible_flops_s is not None
    return at.point.flops_s / at.possible_flops_s


def test_memory_bound_levels_stand_left_of_the_ridge_and_compute_bound_ones_right_of_it(snapshot: Snapshot) -> None:
    for concurrency, at in by_load(roofline(snapshot)).items():
        assert at.level is not None
        assert at.point is not None
        assert at.roof is not None
        if at.level.verdict.step == "memory":
            assert at.point.roof == "memory"
            assert at.point.intensity < at.roof.ridge / 2, concurrency
        else:
            assert at.point.roof == "compute"
            assert at.point.intensity > 1.2 * at.roof.ridge, concurrency


def test_no_level_is_above_the_roof_and_those_that_memory_binds_reach_more_than_half(snapshot: Snapshot) -> None:
    found = by_load(roofline(snapshot))
    assert all(reached(at) < 1.0 for at in found.values())
    assert {n: reached(found[n]) for n in (1, 4, 16)} == pytest.approx({1: 0.65, 4: 0.64, 16: 0.63}, abs=0.01)
    assert reached(found[64]) == pytest.approx(0.55, abs=0.01)
    assert reached(found[256]) == pytest.approx(0.49, abs=0.01)


def test_bytes_of_the_model_are_those_that_the_counters_saw(any_tp: Snapshot) -> None:
    """Up to 64 requests; each GPU's share at TP 2 and 4."""
    for concurrency, at in by_load(roofline(any_tp)).items():
        if concurrency <= 64:
            assert at.level is not None
            assert at.point is not None
            assert at.source == "model"
            seen = [gpu.reading.dram_pct for gpu in at.level.gpus if (gpu.reading.dram_pct or 0.0) > 1.0]
            assert any_tp.setup is not None
            assert any_tp.setup.peaks is not None
            counted = max(share or 0.0 for share in seen) / 100 * any_tp.setup.peaks.bw_bytes_s
            assert at.point.bytes_s == pytest.approx(counted, rel=0.06)


def test_the_roof_goes_down_with_the_clock_and_the_ridge_with_it(snapshot: Snapshot) -> None:
    found = roofline(snapshot)
    assert found.roof is not None
    clock = found.roof.clock_ratio
    assert 0.80 < clock < 0.85, "512 requests: the power limit holds the clock down"
    assert found.roof.flops_s == pytest.approx(989e12 * clock)
    assert found.ridge_batch == pytest.approx(205.4 * clock, abs=0.1)
    assert found.roof.at(1.0) == found.roof.bytes_s
    assert found.roof.at(1e6) == found.roof.flops_s
    one = by_load(found)[1].roof
    assert one is not None
    assert one.clock_ratio == 1.0


def test_the_present_is_placed_while_requests_are_in_flight(snapshot: Snapshot) -> None:
    assert snapshot.in_flight == 0
    assert roofline(snapshot).now is None
    level = next(level for level in snapshot.levels if level.concurrency == 64)
    gpus = tuple(replace(gpu, age_s=0.5) for gpu in level.gpus)
    live = replace(snapshot, in_flight=64, concurrency=64, server=replace(level.server, age_s=0.5), gpus=gpus)
    now = roofline(live).now
    assert now is not None
    assert now.point == by_load(roofline(snapshot))[64].point
    old = roofline(replace(live, server=replace(level.server, age_s=9.0), gpus=())).now
    assert old is not None
    assert (old.point, old.missing) == (None, NO_STEP)


def foreseen(snapshot: Snapshot) -> list[tuple[LevelView, float, float]]:
    """Levels, with what is predicted over what was measured: TPOT and tokens/s."""
    found = roofline(snapshot).forecast
    assert found is not None
    rows = []
    for level in snapshot.levels:
        said = found.at(level.concurrency)
        assert level.latencies.tpot.p50 is not None
        assert level.rates.output_tok_s is not None
        rows.append((level, said.tpot_s / level.latencies.tpot.p50, said.tokens_s / level.rates.output_tok_s))
    return rows


def test_levels_that_were_fitted_come_out_as_measured(any_tp: Snapshot) -> None:
    fitted = [row for row in foreseen(any_tp) if row[0].concurrency <= FIT_UP_TO]
    assert len(fitted) >= 3
    for _, tpot, rate in fitted:
        assert tpot == pytest.approx(1.0, abs=0.03)
        assert rate == pytest.approx(1.0, abs=0.08)


def test_what_was_not_fitted_is_foreseen_on_one_gpu(snapshot: Snapshot) -> None:
    beyond = {level.concurrency: (tpot, rate) for level, tpot, rate in foreseen(snapshot) if level.concurrency > 64}
    assert beyond[256] == pytest.approx((1.0, 1.0), abs=0.03)
    assert beyond[512][0] == pytest.approx(1.0, abs=0.05), "too short a level to hold its tokens/s to anything"


def test_throughput_pays_for_the_prompts(snapshot: Snapshot) -> None:
    found = roofline(snapshot).forecast
    assert found is not None
    assert found.fitted == 4
    assert found.loaded.prompt_per_token == pytest.approx(128 / 256, rel=0.05)
    assert found.at(256).tokens_s < 0.9 * 256 / found.at(256).tpot_s


def test_without_the_servers_counter_every_prompt_counts(snapshot: Snapshot) -> None:
    levels = [replace(x, server=replace(x.server, prefill_per_step=None)) for x in snapshot.levels]
    found = roofline(replace(snapshot, levels=tuple(levels))).forecast
    assert found is not None
    assert found.loaded.prompt_per_token == 0.5


def test_what_is_unknown_is_said(snapshot: Snapshot) -> None:
    setup = snapshot.setup
    assert setup is not None
    nothing = roofline(replace(snapshot, setup=None))
    assert (nothing.roof, nothing.missing, nothing.forecast_missing) == (None, NO_PEAKS, NO_PEAKS)
    assert {at.missing for at in nothing.levels} == {NO_PEAKS}
    shapeless = replace(setup, shape=None, shape_missing="no config.json")
    blind = tuple(replace(level, gpus=()) for level in snapshot.levels)
    found = roofline(replace(snapshot, setup=shapeless, levels=blind))
    assert found.roof is not None
    assert found.ridge_batch is None
    why = "the model's shape is not known (no config.json): --model-config PATH tells it"
    assert {at.missing for at in found.levels} == {why}
    assert found.forecast_missing == why
    for reason in (NO_STEP, NO_BATCH):
        levels = tuple(replace(level, server=_without(level.server, reason)) for level in blind)
        partly = roofline(replace(snapshot, levels=levels))
        assert {at.missing for at in partly.levels} == {reason}
        assert partly.forecast is None
        assert "no steady closed-loop level" in (partly.forecast_missing or "")


def _without(server: ServerView, reason: str) -> ServerView:
    return replace(server, step_s=None) if reason == NO_STEP else replace(server, batch=None)


def test_counters_stand_in_for_the_model(snapshot: Snapshot) -> None:
    setup = snapshot.setup
    assert setup is not None
    found = by_load(roofline(replace(snapshot, setup=replace(setup, shape=None))))
    modelled = by_load(roofline(snapshot))
    for n, at in found.items():
        assert at.source == "counters"
        assert at.point is not None
        model = modelled[n].point
        assert model is not None
        assert at.point.flops_s > model.flops_s, "an active pipe need not be full"
    one = found[1].point
    assert one is not None
    assert one.bytes_s == pytest.approx(3.1e12, rel=0.01)


def test_levels_without_counters_or_of_idle_gpus_have_no_point(snapshot: Snapshot) -> None:
    setup = snapshot.setup
    assert setup is not None
    level = snapshot.levels[0]
    reading = level.gpus[0].reading
    bare = structs.replace(reading, tensor_pct=None)
    idle = structs.replace(reading, memory_used_bytes=0, graphics_pct=0.0)
    for unfit in (bare, idle):
        rows = (replace(level, gpus=(replace(level.gpus[0], reading=unfit),)),)
        (at,) = roofline(replace(snapshot, setup=replace(setup, shape=None), levels=rows)).levels
        assert at.point is None
        assert "the model's shape is not known" in (at.missing or "")


def test_only_steady_closed_levels_are_fitted(snapshot: Snapshot) -> None:
    whole = roofline(snapshot).forecast
    assert whole is not None
    opened = [replace(level, mode="open", rate_s=4.0) for level in snapshot.levels]
    assert isinstance(forecast(whole.decoding, opened), str)
    assert isinstance(forecast(whole.decoding, []), str)
    late = replace(snapshot.levels[0].verdict, modifiers=("client-bound",))
    rest = forecast(whole.decoding, [replace(snapshot.levels[0], verdict=late), *snapshot.levels[1:]])
    assert isinstance(rest, Forecast)
    assert rest.fitted == whole.fitted - 1


def test_a_roof_is_the_lower_of_two() -> None:
    roof = Roof(100.0, 10.0, 1.0)
    assert roof.ridge == 10.0
    assert [roof.at(intensity) for intensity in (1.0, 10.0, 50.0)] == [10.0, 100.0, 100.0]


def test_the_report_has_it(snapshot: Snapshot) -> None:
    figures = json.loads(json.dumps(report(snapshot), allow_nan=False))["roofline"]
    assert figures["missing"] is None
    assert figures["ridge_batch"] == pytest.approx(169.7, abs=0.1)
    assert figures["now"] is None
    rows = {row["concurrency"]: row for row in figures["levels"]}
    assert (rows[16]["source"], rows[16]["roof"]) == ("model", "memory")
    assert rows[16]["flops_s"] / rows[16]["bytes_s"] == pytest.approx(rows[16]["intensity"], rel=1e-3)
    predicted = figures["predicted"]
    assert (predicted["missing"], predicted["fitted_levels"]) == (None, 4)
    assert predicted["fixed_ms"] == pytest.approx(1.11, abs=0.01)
    assert [row["concurrency"] for row in predicted["levels"]] == [1, 4, 16, 64, 256, 512]
    assert predicted["levels"][4]["measured_tpot_ms"] == pytest.approx(12.66, abs=0.01)


def test_the_report_of_a_session_that_tells_little_has_reasons() -> None:
    state = State(header())
    state.apply_all([Level(t_s=0.0, concurrency=4)])
    figures = json.loads(json.dumps(report(state.snapshot(5.0)), allow_nan=False))["roofline"]
    assert (figures["missing"], figures["peak_flops_s"]) == (NO_PEAKS, None)
    (level,) = figures["levels"]
    assert (level["missing"], level["intensity"], level["source"]) == (NO_PEAKS, None, None)
    assert (figures["predicted"]["missing"], figures["predicted"]["levels"]) == (NO_PEAKS, [])
    empty = report(State(header()).snapshot())["roofline"]
    assert (empty["missing"], empty["levels"]) == (NO_PEAKS, [])
