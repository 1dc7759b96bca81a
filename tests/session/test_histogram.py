from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.gaps import RELATIVE_ERROR, bucket_of, value_of
from session.histogram import EXACT_UP_TO, Distribution, merged

seconds = st.floats(min_value=2e-6, max_value=1e4, allow_nan=False)


@given(seconds)
def test_a_bucket_stands_for_its_values_within_one_percent(value_s: float) -> None:
    assert value_of(bucket_of(value_s)) == pytest.approx(value_s, rel=RELATIVE_ERROR * 1.0001)


@pytest.mark.parametrize("odd", [0.0, -1.0, 1e-9, math.nan, math.inf, 1e300])
def test_odd_values_land_in_a_bucket(odd: float) -> None:
    assert value_of(bucket_of(odd)) > 0


@given(st.lists(seconds, min_size=1, max_size=200))
def test_small_counts_are_exact(values: list[float]) -> None:
    distribution = Distribution()
    for value in values:
        distribution.add(value)
    stats = distribution.stats()
    assert stats.count == len(values)
    assert stats.p50 == pytest.approx(statistics.median(values))
    assert stats.mean == pytest.approx(statistics.fmean(values))
    assert stats.p99 is not None
    assert min(values) <= stats.p99 <= max(values)


@given(st.lists(seconds, min_size=2, max_size=60), st.integers(1, 5))
def test_percentiles_of_buckets_stay_within_the_stated_error(values: list[float], parts: int) -> None:
    pieces = [Distribution() for _ in range(parts)]
    for number, value in enumerate(values):
        pieces[number % parts].add_buckets({bucket_of(value): 1})
    stats = merged(pieces).stats()
    ordered = sorted(values)
    for q, got in ((0.5, stats.p50), (0.9, stats.p90), (0.99, stats.p99)):
        assert got == pytest.approx(ordered[int(q * (len(ordered) - 1))], rel=RELATIVE_ERROR * 1.001)


def test_merging_beyond_the_exact_limit_keeps_count_and_mean() -> None:
    one, other = Distribution(), Distribution()
    for number in range(EXACT_UP_TO):
        one.add(0.001 * (number + 1))
        other.add(0.002 * (number + 1))
    stats = merged([one, other]).stats()
    assert stats.count == 2 * EXACT_UP_TO
    assert stats.mean == pytest.approx(0.0015 * (EXACT_UP_TO + 1) / 2)


def test_nothing_is_none_and_not_zero() -> None:
    stats = Distribution().stats()
    assert (stats.count, stats.mean, stats.p50, stats.p99) == (0, None, None, None)
