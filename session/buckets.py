"""Quantiles from a histogram's buckets: of what was counted between two readings, never since the start."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Buckets = Sequence[tuple[float, float]]
"""Upper bound and cumulative count, by bound; bounds beyond the last hold as many as it does."""


def quantile_s(engines: Sequence[tuple[Buckets, Buckets]], counted: float | None, share: float) -> float | None:
    """Return the quantile over all engines, each with its buckets before and after; ``counted`` values in all.

    Between the bounds of its bucket it is interpolated in a straight line, as Prometheus' ``histogram_quantile`` does.
    ``None`` where nothing was counted, where a count fell, beyond the last bound, and in the first bucket, of which
    nobody knows where in it the values lie (up to 10 ms for vLLM's gaps between tokens).
    """
    if not counted:
        return None
    bounds = sorted({bound for pair in engines for buckets in pair for bound, _ in buckets})
    rises = [0.0] * len(bounds)
    for before, after in engines:
        for place, (old, new) in enumerate(zip(_cumulative(before, bounds), _cumulative(after, bounds), strict=True)):
            if new < old:
                return None
            rises[place] += new - old
    return _at(list(zip(bounds, rises, strict=True)), share * counted)


def _cumulative(buckets: Buckets, bounds: Iterable[float]) -> list[float]:
    """Return how many values lie below each bound."""
    known = dict(buckets)
    counts, count = [], 0.0
    for bound in bounds:
        count = known.get(bound, count)
        counts.append(count)
    return counts


def _at(rises: Buckets, rank: float) -> float | None:
    """Return the value below which so many lie."""
    low, below = 0.0, 0.0
    for place, (bound, count) in enumerate(rises):
        if count >= rank and count > below:
            return low + (bound - low) * (rank - below) / (count - below) if place else None
        low, below = bound, count
    return None
