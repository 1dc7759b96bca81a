"""Intervals are held to what they promise: on seeded random data they must cover the truth as often as they say."""

from __future__ import annotations

import random
from collections.abc import Callable
from math import comb

import pytest

from session.histogram import EXACT_UP_TO, Distribution
from session.statistics import lag1, mean_interval, median_ranks, t_975, t_995, trend, variation

TRIALS = 400
Draw = Callable[[random.Random, int], list[float]]


def independent(rng: random.Random, count: int) -> list[float]:
    return [rng.gauss(100, 5) for _ in range(count)]


def skewed(rng: random.Random, count: int) -> list[float]:
    return [100 + 20 * (rng.expovariate(1) - 1) for _ in range(count)]


def correlated(rng: random.Random, count: int) -> list[float]:
    """Neighbours correlate by a quarter, as windows of one stay do at the most."""
    found, last = [], rng.gauss(0, 5.16)
    for _ in range(count):
        last = 0.25 * last + rng.gauss(0, 5)
        found.append(100 + last)
    return found


def covered(draw: Draw, count: int) -> float:
    found = [mean_interval(draw(random.Random(seed), count)) for seed in range(TRIALS)]
    known = [interval for interval in found if interval is not None]
    assert len(known) > 0.9 * TRIALS
    return sum(low <= 100 <= high for low, high in known) / len(known)


@pytest.mark.parametrize("count", [5, 8, 12, 20, 60])
@pytest.mark.parametrize("draw", [independent, skewed, correlated])
def test_a_means_interval_covers_the_truth(draw: Draw, count: int) -> None:
    assert 0.90 <= covered(draw, count) <= 0.99


def test_strong_correlation_makes_the_interval_wider() -> None:
    rng, walk, last = random.Random(5), [], 0.0
    for _ in range(60):
        last = 0.8 * last + rng.gauss(0, 5)
        walk.append(100 + last)
    mixed = random.Random(6).sample(walk, len(walk))
    correlated_, shuffled = mean_interval(walk), mean_interval(mixed)
    assert correlated_ is not None
    assert shuffled is not None
    assert correlated_[1] - correlated_[0] > 1.8 * (shuffled[1] - shuffled[0])


def test_too_few_windows_give_no_interval() -> None:
    assert mean_interval([1.0, 2.0, 3.0, 2.0]) is None
    assert mean_interval([]) is None
    assert mean_interval([float(i) for i in range(8)]) is None, "a slope has no mean to be sure of"


@pytest.mark.parametrize("count", [6, 15, 100, 999, 1001, 5000])
def test_a_medians_interval_covers_the_truth(count: int) -> None:
    hits = 0
    for seed in range(TRIALS):
        rng, values = random.Random(seed), Distribution()
        for _ in range(count):
            values.add(rng.lognormvariate(-3, 0.7))
        interval = values.median_interval()
        assert interval is not None
        hits += interval[0] <= 0.049787068 <= interval[1]
    assert 0.90 <= hits / TRIALS <= 0.995


def test_the_ranks_of_a_median_are_the_binomials() -> None:
    assert median_ranks(5) is None
    assert median_ranks(6) == (0, 5)
    assert median_ranks(10) == (1, 8)
    for count in (20, 100, EXACT_UP_TO):
        ranks = median_ranks(count)
        assert ranks is not None
        outside = [2 * sum(comb(count, k) for k in range(low + 1)) / 2**count for low in (ranks[0], ranks[0] + 1)]
        assert outside[0] <= 0.05 < outside[1], "as near to 95 % as whole ranks come"
        assert ranks[0] + ranks[1] == count - 1


def test_the_normal_approximation_takes_over_smoothly() -> None:
    before, after = median_ranks(EXACT_UP_TO), median_ranks(EXACT_UP_TO + 1)
    assert before is not None
    assert after is not None
    assert abs(after[0] - before[0]) <= 1


@pytest.mark.parametrize(("freedom", "expected"), [(1, 12.706), (4, 2.776), (30, 2.042), (31, 2.0395), (60, 2.0003)])
def test_students_t_is_the_tables(freedom: int, expected: float) -> None:
    assert t_975(freedom) == pytest.approx(expected, abs=3e-4)


@pytest.mark.parametrize(("freedom", "expected"), [(3, 5.841), (30, 2.750), (31, 2.7440), (60, 2.6603)])
def test_students_t_for_the_stricter_test(freedom: int, expected: float) -> None:
    assert t_995(freedom) == pytest.approx(expected, abs=6e-4)


def test_a_trend_is_found_and_noise_is_none() -> None:
    rising = trend([100, 104, 107, 112, 115, 121])
    assert rising is not None
    assert rising.significant
    assert rising.change == pytest.approx(0.225, abs=0.01)
    alarms = 0
    for seed in range(TRIALS):
        found = trend(independent(random.Random(seed), 8))
        alarms += found is not None and found.significant
    assert alarms / TRIALS < 0.02
    assert trend([1.0, 2.0, 3.0, 4.0]) is None
    assert trend([0.0] * 6) is None


def test_neighbours_that_go_together_are_no_trend() -> None:
    found = [trend(correlated(random.Random(seed), 15)) for seed in range(TRIALS)]
    assert sum(one is not None and one.significant for one in found) / TRIALS < 0.03


def test_variation_and_autocorrelation() -> None:
    assert variation([90, 110]) == pytest.approx(0.1414, abs=1e-4)
    assert variation([5]) is None
    assert lag1([1, 2] * 20) < -0.9
    assert lag1([7.0] * 5) == 0
