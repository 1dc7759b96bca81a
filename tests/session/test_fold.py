from __future__ import annotations

import pytest

from session.events import EngineSample, GpuReading, GpuSample, Level, Log, Metrics, Request, Source, Tick, Trace
from session.fold import State
from session.gaps import bucket_of
from session.view import Snapshot
from tests.events import header, ramp


def fold(*events: object) -> State:
    state = State(header())
    state.apply_all(events)  # type: ignore[arg-type]
    return state


def request(start_s: float, end_s: float, tokens: int = 101, error: str | None = None) -> Request:
    return Request(
        t_s=end_s,
        start_s=start_s,
        ttft_s=0.1,
        last_s=end_s - start_s,
        prompt_tokens=10,
        output_tokens=tokens,
        error=error,
    )


def test_a_ramp_becomes_levels() -> None:
    snapshot = fold(*ramp((1, 8), hold_s=10.0)).snapshot()
    assert [level.concurrency for level in snapshot.levels] == [1, 8]
    one, eight = snapshot.levels
    assert one.duration_s == pytest.approx(10.0)
    assert eight.rates.output_tok_s == pytest.approx(8 / 0.005, rel=0.05)
    assert eight.latencies.tpot.p50 == pytest.approx(0.005)
    assert eight.latencies.itl.p50 == pytest.approx(0.005, rel=0.01)
    assert eight.latencies.ttft.p99 == pytest.approx(0.05)
    assert eight.server.batch == pytest.approx(8)
    assert eight.server.step_s == pytest.approx(0.005)
    assert eight.gpus[0].reading.dram_pct == pytest.approx(64)
    assert snapshot.ended == "done"
    assert snapshot.in_flight == 0


def test_tpot_leaves_the_first_token_out() -> None:
    snapshot = fold(Level(t_s=0.0, concurrency=1), request(1.0, 2.1, tokens=101)).snapshot()
    assert snapshot.level is not None
    assert snapshot.level.latencies.tpot.p50 == pytest.approx((1.1 - 0.1) / 100)


def test_a_request_of_one_token_has_no_tpot() -> None:
    snapshot = fold(Level(t_s=0.0, concurrency=1), request(1.0, 1.1, tokens=1)).snapshot()
    assert snapshot.level is not None
    assert snapshot.level.latencies.tpot.p50 is None
    assert snapshot.level.latencies.ttft.count == 1


def test_a_request_that_saw_two_loads_gives_its_tokens_but_not_its_latency() -> None:
    snapshot = fold(
        Level(t_s=0.0, concurrency=1), Level(t_s=5.0, concurrency=2), request(4.0, 6.0, tokens=50), request(5.5, 6.5)
    ).snapshot()
    first, second = snapshot.levels
    assert (first.requests, first.output_tokens, first.latencies.tpot.count) == (1, 50, 0)
    assert first.latencies.ttft.count == 1, "its first token came before the load changed"
    assert second.latencies.tpot.count == 1
    assert sum(level.output_tokens for level in snapshot.levels) == snapshot.output_tokens


def test_a_request_sent_before_the_worker_heard_of_the_change_belongs_to_the_old_level() -> None:
    late = Request(t_s=6.0, start_s=5.1, ttft_s=0.1, last_s=0.9, prompt_tokens=10, output_tokens=7, level=1)
    snapshot = fold(Level(t_s=0.0, concurrency=1), Level(t_s=5.0, concurrency=0, by="stop"), late).snapshot()
    assert [level.output_tokens for level in snapshot.levels] == [7]


def test_errors_are_counted_by_kind_and_cancelled_is_none() -> None:
    snapshot = fold(
        Level(t_s=0.0, concurrency=1),
        request(1.0, 1.1, tokens=0, error="http_429"),
        request(1.2, 1.3, tokens=3, error="cut"),
        request(1.4, 1.5, tokens=3, error="cancelled"),
    ).snapshot()
    assert snapshot.errors == {"http_429": 1, "cut": 1}
    assert snapshot.requests == 0
    assert snapshot.last_error is not None
    assert snapshot.last_error.text.startswith("cut")
    assert snapshot.output_tokens == 6, "tokens of failed requests were generated all the same"


def test_levels_passed_through_are_not_shown() -> None:
    snapshot = fold(*(Level(t_s=i / 10, concurrency=2**i) for i in range(5))).snapshot(10.0)
    assert [level.concurrency for level in snapshot.levels] == [16]
    assert snapshot.concurrency == 16


def test_pause_remembers_what_to_resume() -> None:
    snapshot = fold(Level(t_s=0.0, concurrency=8), Level(t_s=1.0, concurrency=0, by="pause")).snapshot()
    assert (snapshot.paused, snapshot.resume_to, snapshot.concurrency) == (True, 8, 0)


def test_rates_come_from_event_stamps_of_the_last_ten_seconds() -> None:
    ticks = [Tick(t_s=i / 4, dt_s=0.25, in_flight=1, output_tokens=50) for i in range(1, 200)]
    snapshot = fold(Level(t_s=0.0, concurrency=1), *ticks).snapshot()
    assert snapshot.rates.output_tok_s == pytest.approx(200)


def test_after_a_change_rates_forget_the_old_load() -> None:
    old = [Tick(t_s=i / 4, dt_s=0.25, output_tokens=50) for i in range(1, 41)]
    new = [Tick(t_s=10 + i / 4, dt_s=0.25, output_tokens=500) for i in range(1, 5)]
    snapshot = fold(Level(t_s=0.0, concurrency=1), *old, Level(t_s=10.0, concurrency=10), *new).snapshot()
    assert snapshot.rates.output_tok_s == pytest.approx(2000)


def test_seconds_without_data_are_gaps_in_the_series() -> None:
    itl = {bucket_of(0.01): 10}
    snapshot = fold(
        Tick(t_s=0.9, dt_s=0.25, output_tokens=10, itl=itl), Tick(t_s=3.5, dt_s=0.25, output_tokens=20, itl=itl)
    ).snapshot(6.0)
    assert [point.output_tok_s for point in snapshot.series] == [10, None, None, 20, None]
    assert snapshot.series[0].tpot_s == pytest.approx(0.01, rel=0.01)


def test_a_counter_reset_gives_none_and_no_negative_rate() -> None:
    def metrics(t_s: float, tokens: float) -> Metrics:
        return Metrics(
            t_s=t_s, engines={"0": EngineSample(generation_tokens=tokens, itl_count=tokens, itl_sum_s=tokens)}
        )

    snapshot = fold(metrics(1.0, 1000), metrics(2.0, 5)).snapshot()
    assert snapshot.server.generation_tok_s is None
    assert snapshot.server.step_s is None
    assert snapshot.server.generation_tokens_total == 5


def test_what_was_never_read_stays_none() -> None:
    from session.events import Gpu

    snapshot = fold(
        Gpu(t_s=0.0, index=0, name="NVIDIA A100-SXM4-80GB"),
        Level(t_s=0.0, concurrency=1),
        GpuSample(t_s=5.0, gpus=[GpuReading(index=0, util_pct=99.0)]),
    ).snapshot(6.0)
    assert snapshot.level is not None
    reading = snapshot.level.gpus[0].reading
    assert (reading.util_pct, reading.power_w, reading.dram_pct, reading.throttle) == (99.0, None, None, None)
    assert snapshot.window.ttft.p50 is None
    assert snapshot.rates.output_tok_s is None


def test_a_lagging_load_generator_is_named() -> None:
    snapshot = fold(Level(t_s=0.0, concurrency=1), Tick(t_s=1.0, dt_s=0.25, lag_p99_s=0.02)).snapshot()
    assert snapshot.client.limited
    assert snapshot.verdict.step is None


def test_sources_tell_their_reason_and_age() -> None:
    snapshot = fold(Source(t_s=1.0, source="gpus", ok=False, reason="no NVIDIA driver")).snapshot(5.0)
    assert snapshot.sources["gpus"].ok is False
    assert snapshot.sources["gpus"].age_s == pytest.approx(4.0)
    assert snapshot.sources["metrics"].ok is None
    assert any("no NVIDIA driver" in line.text for line in snapshot.log)


def test_events_of_workers_may_arrive_out_of_order() -> None:
    events = list(ramp((1, 4), hold_s=6.0))
    shuffled = sorted(events, key=lambda e: e.t_s + (0.3 if isinstance(e, Tick | Log) else 0.0))
    in_order, late = fold(*events).snapshot(), fold(*shuffled).snapshot()

    def summary(snapshot: Snapshot) -> list[tuple[int, int, float | None]]:
        return [(x.concurrency, x.output_tokens, x.rates.output_tok_s) for x in snapshot.levels]

    assert summary(in_order) == summary(late)


def test_the_decode_of_an_h200_is_memory_bound_and_busy_is_no_evidence() -> None:
    snapshot = fold(*ramp((1, 8))).snapshot()
    assert [level.verdict.step for level in snapshot.levels] == ["memory", "memory"]


def test_a_server_that_is_gone_is_not_judged_by_what_it_was() -> None:
    state = fold(*(event for event in ramp((8,)) if event.t_s < 9.0))
    assert state.snapshot(9.0).verdict.step == "memory"
    state.apply(Source(t_s=9.5, source="server", ok=False, reason="cannot reach http://localhost:8000"))
    verdict = state.snapshot(20.0).verdict
    assert verdict.step is None
    assert "cannot reach" in verdict.line


def test_a_trace_is_one_level_whose_progress_is_counted() -> None:
    state = State(header(trace=Trace(name="toy.jsonl", requests=3, duration_s=9.0)))
    before = state.snapshot()
    assert (before.mode, before.amount, before.level) == ("trace", 0.0, None)
    state.apply_all([
        Level(t_s=1.0, concurrency=0, by="start", mode="trace", speed=2.0),
        Tick(t_s=3.0, dt_s=1.0, in_flight=4),
        request(1.5, 3.5),
        request(2.0, 3.6, error="too_long"),
    ])  # fmt: skip
    snapshot = state.snapshot(5.0)
    assert snapshot.trace is not None
    assert (snapshot.trace.name, snapshot.trace.requests, snapshot.trace.ended) == ("toy.jsonl", 3, 2)
    assert (snapshot.amount, snapshot.rate_s, snapshot.concurrency) == (2.0, None, 0)
    assert [(level.mode, level.speed, level.requests) for level in snapshot.levels] == [("trace", 2.0, 1)]
    state.apply(Level(t_s=6.0, concurrency=0, by="pause", mode="trace", speed=0.0))
    paused = state.snapshot(7.0)
    assert (paused.paused, paused.resume_to, paused.amount) == (True, 2.0, 0.0)
    assert paused.log[-1].text == "trace ×2 → ×0 (pause)"
    assert paused.series[-1].speed in (0.0, 2.0)
    state.apply(Level(t_s=8.0, concurrency=3, by="key"))
    state.apply(request(8.5, 9.0))
    after = state.snapshot()
    assert after.trace is not None
    assert (after.mode, after.amount, after.trace.ended) == ("closed", 3, 2)


def test_a_recording_without_a_trace_knows_of_none() -> None:
    snapshot = fold(*ramp((1,))).snapshot()
    assert (snapshot.trace, snapshot.speed, snapshot.levels[0].speed) == (None, None, None)
