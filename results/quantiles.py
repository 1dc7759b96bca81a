"""Quantiles of values and of histograms of gaps, as other tools take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from session.gaps import value_of


def quantile(ordered: Sequence[float], q: float) -> float:
    """Return a quantile of sorted values between the two nearest ranks, as numpy's default does."""
    rank = q * (len(ordered) - 1)
    low = int(rank)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (rank - low)


def bucket_quantile(gaps: Mapping[int, int], count: int, q: float) -> float:
    """Return a quantile of gaps by bucket, in seconds, within 1 %."""
    seen = 0
    for bucket in sorted(gaps):
        seen += gaps[bucket]
        if seen > q * (count - 1):
            return value_of(bucket)
    return value_of(max(gaps))
