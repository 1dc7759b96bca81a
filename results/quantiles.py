"""Quantiles of values and of histograms of gaps, as other tools take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from session.gaps import value_of
from session.statistics import at_rank


def quantile(ordered: Sequence[float], q: float) -> float:
    """Return a quantile of sorted values between the two nearest ranks, as numpy's default does."""
    return at_rank(ordered, q * (len(ordered) - 1))


def bucket_quantile(gaps: Mapping[int, int], count: int, q: float) -> float:
    """Return a quantile of gaps by bucket, in seconds, within 1 %."""
    seen = 0
    for bucket in sorted(gaps):
        seen += gaps[bucket]
        if seen > q * (count - 1):
            return value_of(bucket)
    return value_of(max(gaps))
