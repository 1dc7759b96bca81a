"""One figure of one level with its uncertainty, as draws of what it might have been.

Draws of two sides, taken one by one, give the interval of their ratio whatever the figures are: quantiles of requests,
means, shares. Everything is seeded, so that the same recordings give the same intervals.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from session.statistics import Z_975, at_rank, persistence

DRAWS = 2000
LEAST = 6
"""Independent values below which nothing is said of a mean; the least for a median too."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure; without ``draws`` its uncertainty is not known, and ``why`` says why."""

    value: float | None
    count: int = 0
    """Values that it was taken from."""
    draws: tuple[float, ...] = ()
    why: str | None = None


NOTHING = Estimate(None, why="not known")


def quantile(values: Sequence[float], q: float) -> Estimate:
    """Return a quantile of values in the order in which they came.

    A bootstrapped quantile is an order statistic whose rank is binomial, so ranks are drawn and nothing is resampled
    (Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, 13.3). Neighbours that are alike count as fewer:
    n (1 − φ)/(1 + φ). Where the extremes do not reach 95 % there is no interval of any distribution: p50 wants 6
    independent values, p90 36, p99 368.
    """
    if not values:
        return NOTHING
    ordered, count = sorted(values), len(values)
    value = at_rank(ordered, q * (count - 1))
    share = _independent(values)
    if count * share < needed(q):
        return Estimate(value, count, why=f"needs {_requests(needed(q), share)} in the steady part, has {count}")
    spread = count * math.sqrt(q * (1 - q) / (count * share))
    return Estimate(value, count, tuple(at_rank(ordered, q * (count - 1) + spread * z) for z in _normal(count)))


def needed(q: float) -> int:
    """Return how many independent values bracket a quantile with 95 %."""
    return math.ceil(math.log(0.025) / math.log(max(q, 1 - q)))


def mean(values: Sequence[float]) -> Estimate:
    """Return a mean of values in the order in which they came."""
    if not values:
        return NOTHING
    value, count, share = fmean(values), len(values), _independent(values)
    if count * share < LEAST:
        return Estimate(value, count, why=f"needs {_requests(LEAST, share)} in the steady part, has {count}")
    return _gaussian(value, stdev(values) / math.sqrt(count * share), count)


def from_interval(value: float | None, interval: tuple[float, float] | None, count: int, why: str) -> Estimate:
    """Return a figure that came with its 95 % interval; ``why`` says what is wrong where it came without."""
    if value is None:
        return NOTHING
    if interval is None:
        return Estimate(value, count, why=why)
    return _gaussian(value, (interval[1] - interval[0]) / 2 / Z_975, count)


def share(part: int, whole: int) -> Estimate:
    """Return a share of requests, with draws from its posterior under Jeffreys' prior (Brown, Cai, DasGupta 2001)."""
    if whole <= 0:
        return NOTHING
    source = random.Random(whole)
    draws = tuple(source.betavariate(part + 0.5, whole - part + 0.5) for _ in range(DRAWS))
    return Estimate(part / whole, whole, draws)


def pooled(parts: Sequence[Estimate]) -> Estimate:
    """Return the mean of repeats of one level; its draws draw repeats too, so that they know how runs differ."""
    known = [part for part in parts if part.value is not None]
    if len(known) <= 1:
        return known[0] if known else NOTHING
    value, count = fmean(part.value for part in known if part.value is not None), sum(part.count for part in known)
    if (lacking := next((part for part in known if not part.draws), None)) is not None:
        return Estimate(value, count, why=lacking.why)
    source = random.Random(count)
    draws = tuple(fmean(source.choice(source.choice(known).draws) for _ in known) for _ in range(DRAWS))
    return Estimate(value, count, draws)


def _independent(values: Sequence[float]) -> float:
    """Return how much of an independent value each one is worth, above 0 and at most 1."""
    found = persistence(values)
    return (1 - found) / (1 + found)


def _requests(independent: int, worth: float) -> str:
    return f"{math.ceil(independent / worth)} requests"


def _gaussian(value: float, error: float, count: int) -> Estimate:
    return Estimate(value, count, tuple(value + error * z for z in _normal(count)))


def _normal(seed: int) -> list[float]:
    source = random.Random(seed)
    return [source.gauss(0.0, 1.0) for _ in range(DRAWS)]
