"""Intervals of single figures: they cover what they claim to, and say when they cannot."""

from __future__ import annotations

import random
from statistics import quantiles

import pytest

from results.compare.difference import difference
from results.compare.estimate import Estimate, from_interval, mean, needed, pooled, quantile, share


@pytest.mark.parametrize(("q", "count"), [(0.5, 6), (0.9, 36), (0.95, 72), (0.99, 368)])
def test_a_quantile_needs_values_beyond_it_on_both_sides(q: float, count: int) -> None:
    assert needed(q) == count
    source = random.Random(3)
    values = [source.random() for _ in range(count * 3)]
    assert quantile(values, q).draws
    few = quantile(values[: count - 1], q)
    assert few.draws == ()
    assert "requests in the steady part, has" in (few.why or "")


def covered(pick: str, trials: int = 300) -> float:
    """How often a 95 % interval of a ratio of two equal distributions holds 0."""
    source, hits = random.Random(pick), 0
    for _ in range(trials):
        a, b = ([source.lognormvariate(0, 0.3) for _ in range(120)] for _ in range(2))
        found = difference(*((mean(v) if pick == "mean" else quantile(v, float(pick))) for v in (a, b)))
        assert found.low is not None
        hits += not found.significant
    return hits / trials


@pytest.mark.parametrize("pick", ["mean", "0.5", "0.9"])
def test_intervals_cover(pick: str) -> None:
    assert 0.90 <= covered(pick) <= 0.995


def test_neighbours_that_are_alike_make_it_wider() -> None:
    source = random.Random(1)
    loose = [source.gauss(1, 0.1) for _ in range(200)]
    sticky = [value for value in loose[:40] for _ in range(5)]

    def width(values: list[float]) -> float:
        draws = sorted(quantile(values, 0.5).draws)
        return draws[-51] - draws[50]

    assert width(sticky) > 1.4 * width(loose)


def test_the_value_is_the_plain_quantile() -> None:
    values = [float(v) for v in range(101)]
    assert quantile(values, 0.9).value == pytest.approx(quantiles(values, n=10, method="inclusive")[-1])


def test_repeats_that_differ_more_than_their_requests_say_so() -> None:
    steady = pooled([from_interval(100, (99, 101), 10, ""), from_interval(100, (99, 101), 10, "")])
    apart = pooled([from_interval(90, (89, 91), 10, ""), from_interval(110, (109, 111), 10, "")])
    assert steady.value == apart.value == 100
    base = from_interval(100, (99, 101), 11, "")
    assert (wide := difference(base, apart)).low is not None
    assert (narrow := difference(base, steady)).low is not None
    assert wide.high is not None
    assert narrow.high is not None
    assert wide.high - wide.low > 4 * (narrow.high - narrow.low)


def test_what_is_missing_stays_missing() -> None:
    assert difference(Estimate(None), mean([1.0] * 10)).change is None
    alone = difference(Estimate(2.0, why="is one reading"), Estimate(3.0, why="is one reading"))
    assert (alone.change, alone.low, alone.significant, alone.why) == (0.5, None, None, "is one reading")
    assert difference(share(0, 100), share(3, 100)).change is None, "nothing to divide by"


def test_the_same_recordings_give_the_same_intervals() -> None:
    values = [random.Random(5).gauss(1, 0.1) for _ in range(50)]
    assert difference(mean(values), mean(values[:40])) == difference(mean(values), mean(values[:40]))
