"""Windows over a server's counters: differences, quantiles of the window alone, and servers that start anew."""

from __future__ import annotations

from typing import Any

import pytest

from session.buckets import quantile_s
from session.codec import decode, encode
from session.events import EngineSample, Metrics
from session.servers import ServerFold

BOUNDS = (0.01, 0.02, 0.04)


def at(t_s: float, **engines: EngineSample) -> Metrics:
    return Metrics(t_s=t_s, engines=engines)


def fold(*samples: Metrics, keep_s: float | None = None) -> ServerFold:
    made = ServerFold(keep_s)
    for sample in samples:
        made.add(sample)
    return made


def counted(*counts: float, **more: Any) -> EngineSample:
    """An engine whose gaps were counted so."""
    buckets = list(zip(BOUNDS, counts, strict=False))
    return EngineSample(itl_buckets=buckets, itl_count=max(counts), **more)


def test_a_quantile_is_of_the_window_and_not_since_the_start() -> None:
    before, after = counted(1000, 1000, 1000), counted(1000, 1080, 1100)
    view = fold(at(0, a=before), at(1, a=after)).view(1, mean=False)
    assert view.itl_p50_s == pytest.approx(0.01 + 0.01 * 50 / 80)
    assert view.itl_p99_s == pytest.approx(0.02 + 0.02 * 19 / 20)


def test_engines_are_added_up_and_left_out_bounds_hold_everything() -> None:
    zero = EngineSample(itl_count=0, itl_buckets=[(0.01, 0)])
    one, two = counted(0, 10), counted(0, 0, 10)
    view = fold(at(0, a=zero, b=zero), at(1, a=one, b=two)).view(1, mean=False)
    assert view.itl_p50_s == pytest.approx(0.02)
    assert view.itl_p99_s == pytest.approx(0.02 + 0.02 * 9.8 / 10)


def test_where_the_buckets_are_too_coarse_there_is_no_quantile() -> None:
    below = fold(at(0, a=counted(0, 0, 0)), at(1, a=counted(99, 100, 100))).view(1, mean=False)
    assert (below.itl_p50_s, below.itl_p99_s) == (None, None)
    above = [([(0.01, 0.0), (0.02, 0.0)], [(0.01, 0.0), (0.02, 50.0)])]
    assert quantile_s(above, 100, 0.99) is None
    assert quantile_s(above, 0, 0.5) is None
    assert quantile_s([], 10, 0.5) is None


def test_a_server_that_starts_anew_begins_the_window() -> None:
    full, new = EngineSample(generation_tokens=500, steps=9), EngineSample(generation_tokens=10, steps=1)
    grown = EngineSample(generation_tokens=600, steps=12)
    for keep_s in (None, 10.0):
        made = fold(at(0, a=full), at(1, a=new), keep_s=keep_s)
        assert made.view(1, mean=False).generation_tok_s is None
        made.add(at(3, a=grown))
        assert made.view(3, mean=False).generation_tok_s == 295.0


def test_a_new_engine_is_not_counted_since_its_start() -> None:
    one, two = EngineSample(generation_tokens=500), EngineSample(generation_tokens=900)
    assert fold(at(0, a=one), at(1, a=one, b=two)).view(1, mean=False).generation_tok_s is None


def test_servers_that_time_steps_give_the_step_time() -> None:
    first, last = EngineSample(step_sum_s=1, step_count=10), EngineSample(step_sum_s=1.5, step_count=30)
    view = fold(at(0, a=first), at(1, a=last)).view(1, mean=False)
    assert (view.step_s, view.batch) == (0.025, None)


def test_estimates_are_per_gpu_and_absent_where_the_server_makes_none() -> None:
    def engine(tokens: float, flops: float) -> EngineSample:
        return EngineSample(generation_tokens=tokens, flops=flops, read_bytes=2 * flops, write_bytes=0)

    on = fold(at(0, a=engine(0, 0), b=engine(0, 0)), at(2, a=engine(9, 4e12), b=engine(9, 8e12))).view(2, mean=False)
    assert (on.flops_s, on.dram_bytes_s) == (3e12, 6e12)
    off = fold(at(0, a=engine(0, 0)), at(2, a=engine(9, 0))).view(2, mean=False)
    assert (off.flops_s, off.dram_bytes_s) == (None, None)


def test_waiting_in_the_queue_is_the_windows_mean() -> None:
    first, last = EngineSample(queue_sum_s=100, queue_count=10), EngineSample(queue_sum_s=101, queue_count=14)
    assert fold(at(0, a=first), at(1, a=last)).view(1, mean=False).queue_s == 0.25


def test_buckets_survive_the_recording() -> None:
    sample = at(1, a=counted(1, 2, 3))
    assert decode(encode(sample)) == sample
