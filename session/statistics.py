"""The little statistics that levels need: Student's t, medians' ranks, batch means, a slope with its significance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from statistics import fmean, stdev

Z_975 = 1.959963984540054
Z_995 = 2.5758293035489004
Z_95 = 1.6448536269514722
_T_975 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
"""Quantile 0.975 for 1 to 30 degrees of freedom: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2."""
_T_995 = (
    63.657, 9.925, 5.841, 4.604, 4.032, 3.707, 3.499, 3.355, 3.250, 3.169, 3.106, 3.055, 3.012, 2.977, 2.947,
    2.921, 2.898, 2.878, 2.861, 2.845, 2.831, 2.819, 2.807, 2.797, 2.787, 2.779, 2.771, 2.763, 2.756, 2.750,
)  # fmt: skip
"""Quantile 0.995, from the same table."""
MIN_BATCHES = 5
"""Below it Student's t is so wide, and any test of independence so blind, that an interval says nothing."""
EXACT_RANKS_UP_TO = 1000


def at_rank(ordered: Sequence[float], rank: float) -> float:
    """Return the value of a rank between two, from 0, of sorted values; beyond them the first or the last."""
    rank = min(max(rank, 0.0), len(ordered) - 1.0)
    low = int(rank)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (rank - low)


def t_975(freedom: int) -> float:
    """Return Student's t at 0.975, for two-sided 95 %."""
    return _T_975[freedom - 1] if freedom <= len(_T_975) else _t_beyond(Z_975, freedom)


def t_995(freedom: int) -> float:
    """Return Student's t at 0.995, for two-sided 99 %."""
    return _T_995[freedom - 1] if freedom <= len(_T_995) else _t_beyond(Z_995, freedom)


def _t_beyond(z: float, freedom: int) -> float:
    """Return Student's t for more than 30 degrees of freedom: Abramowitz & Stegun 26.7.5, within 0.0005."""
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


@lru_cache(maxsize=2048)
def median_ranks(count: int) -> tuple[int, int] | None:
    """Return the ranks (from 0) of the values between which the median lies with at least 95 %.

    How many of ``count`` independent values are below the median is binomial (David & Nagaraja, "Order Statistics",
    7.1); beyond 1,000 its normal approximation. ``None`` below 6 values: their extremes do not reach 95 %.
    """
    if count < 6:
        return None
    if count > EXACT_RANKS_UP_TO:
        low = math.floor(count / 2 - Z_975 * math.sqrt(count) / 2) - 1
        return low, count - 1 - low
    low, term, below = -1, 1, 1
    while below <= 0.025 * 2**count:
        low += 1
        term = term * (count - low) // (low + 1)
        below += term
    return low, count - 1 - low


def lag1(values: Sequence[float]) -> float:
    """Return the autocorrelation of neighbours; 0 where nothing varies."""
    mean = fmean(values)
    total = sum((v - mean) ** 2 for v in values)
    if total <= 0:
        return 0.0
    return sum((a - mean) * (b - mean) for a, b in pairwise(values)) / total


def variation(values: Sequence[float]) -> float | None:
    """Return the coefficient of variation: standard deviation over mean."""
    if len(values) < 2 or (mean := fmean(values)) <= 0:
        return None
    return stdev(values) / mean


def mean_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Return a 95 % confidence interval of the mean, by batch means and Student's t.

    Neighbours are paired while they correlate beyond the one-sided 5 % point, 1.645/√n, as Fishman's method doubles
    batches ("Grouping observations in digital simulation", Management Science 24, 1978). Few batches hide what
    correlation is left, so the variance of the mean is that of a first-order autoregression: s²/n · (1 + φ)/(1 − φ).
    ``None`` where fewer than ``MIN_BATCHES`` would be left.
    """
    batches = list(values)
    while (count := len(batches)) >= MIN_BATCHES:
        if (found := lag1(batches)) <= Z_95 / math.sqrt(count):
            left = _unbiased(found, count)
            half = t_975(count - 1) * stdev(batches) * math.sqrt((1 + left) / (1 - left) / count)
            return fmean(batches) - half, fmean(batches) + half
        newest = batches[count % 2 :]
        batches = [(a + b) / 2 for a, b in zip(newest[::2], newest[1::2], strict=True)]
    return None


def persistence(values: Sequence[float]) -> float:
    """Return φ of a first-order autoregression, 0 to 0.8; 0 below ``MIN_BATCHES`` values.

    Of ``n`` such values n (1 − φ)/(1 + φ) are worth an independent one each.
    """
    return _unbiased(lag1(values), len(values)) if len(values) >= MIN_BATCHES else 0.0


def _unbiased(found: float, count: int) -> float:
    """Return φ of a first-order autoregression, 0 to 0.8, from a lag-1 autocorrelation.

    The estimate is low by (1 + 3 φ)/n (Kendall, "Note on bias in the estimation of autocorrelation", Biometrika 41,
    1954); negative correlation is taken for none, which makes the interval wider and never narrower.
    """
    return min(0.8, max(0.0, (count * found + 1) / (count - 3)))


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight line through values at equal distances."""

    change: float
    """From the beginning of the stretch that the values cover to its end, over the mean."""
    significant: bool
    """The slope differs from 0 at the two-sided 1 % level."""


def trend(values: Sequence[float]) -> Trend | None:
    """Fit a line by least squares; ``None`` below ``MIN_BATCHES`` values, or where their mean is not above 0.

    The slope's error counts what neighbours have in common beside the line, as :func:`mean_interval` does.
    """
    count = len(values)
    if count < MIN_BATCHES or (mean := fmean(values)) <= 0:
        return None
    middle = (count - 1) / 2
    spread = sum((i - middle) ** 2 for i in range(count))
    slope = sum((i - middle) * (v - mean) for i, v in enumerate(values)) / spread
    beside = [v - mean - slope * (i - middle) for i, v in enumerate(values)]
    shared = _unbiased(lag1(beside), count)
    error = math.sqrt(sum(v * v for v in beside) / (count - 2) / spread * (1 + shared) / (1 - shared))
    return Trend(slope * count / mean, abs(slope) > t_995(count - 2) * error)
