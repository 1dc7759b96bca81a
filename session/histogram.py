"""Distributions that merge: exact while small, logarithmic buckets beyond.

A bucket ``i`` holds values in ``(MIN * GAMMA**(i-1), MIN * GAMMA**i]``; answering with the bucket's
middle keeps every percentile within 1 % (relative), the guarantee of DDSketch (Masson, Rim, Lee: "DDSketch",
VLDB 2019). Two histograms of the same buckets merge by adding counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from session.gaps import MAX_BUCKET, RELATIVE_ERROR, bucket_of, value_of, weight_of
from session.statistics import at_rank, median_ranks
from session.view import Shape, Stats

EXACT_UP_TO = 1000


class Distribution(msgspec.Struct, array_like=True):
    """Values in seconds; counts, mean and percentiles."""

    count: int = 0
    _sum: float = 0.0
    _exact: list[float] | None = []
    _buckets: dict[int, int] = {}
    _counted: int = 0
    """While values are exact: of how many of them the buckets are."""

    def add(self, value_s: float) -> None:
        """Add one value."""
        self.count += 1
        self._sum += value_s
        exact = self._exact
        if exact is not None:
            if len(exact) < EXACT_UP_TO:
                exact.append(value_s)
                return
            self._spill()
        bucket = bucket_of(value_s)
        self._buckets[bucket] = self._buckets.get(bucket, 0) + 1

    def add_buckets(self, counts: Mapping[int, int], weight: tuple[float, int] | None = None) -> None:
        """Add values that are known by bucket alone; ``weight`` is :func:`session.gaps.weight_of` them, where known."""
        self._spill()
        total_s, number = weight if weight is not None else weight_of(counts)
        self._sum += total_s
        self.count += number
        buckets = self._buckets
        for bucket, count in counts.items():
            if count > 0:
                buckets[bucket] = buckets.get(bucket, 0) + count

    def merge(self, other: Distribution) -> None:
        """Add everything that ``other`` holds."""
        if other.count == 0:
            return
        if self._exact is not None and other._exact is not None and self.count + other.count <= EXACT_UP_TO:
            self._exact.extend(other._exact)
        else:
            self._spill()
            buckets = self._buckets
            for bucket, count in other.buckets().items():
                buckets[bucket] = buckets.get(bucket, 0) + count
        self.count += other.count
        self._sum += other._sum

    def buckets(self) -> dict[int, int]:
        """Return counts by bucket."""
        if self._exact is None:
            return self._buckets
        if self._counted != self.count:
            self._buckets, self._counted = _bucketed(self._exact), self.count
        return self._buckets

    def shape(self) -> Shape:
        """Return what a histogram is drawn from; it does not change when more comes."""
        return Shape((), dict(self._buckets)) if self._exact is None else Shape(tuple(self._exact), {})

    def stats(self) -> Stats:
        """Summarise; every field but the count is ``None`` while empty."""
        if self.count == 0:
            return Stats()
        p50, p90, p95, p99 = self._exact_quantiles() if self._exact is not None else self._bucket_quantiles()
        return Stats(self.count, self._sum / self.count, p50, p90, p95, p99)

    def median_interval(self) -> tuple[float, float] | None:
        """Return a 95 % confidence interval of the median, in seconds; ``None`` below 6 values.

        From order statistics, so of any distribution, as long as the values are independent. Of buckets it takes the
        outer edges: what the buckets leave open makes it wider.
        """
        ranks = median_ranks(self.count)
        if ranks is None:
            return None
        if self._exact is not None:
            ordered = sorted(self._exact)
            return ordered[ranks[0]], ordered[ranks[1]]
        low, high = (self._bucket_at(rank) for rank in ranks)
        return value_of(low) * (1 - RELATIVE_ERROR), value_of(high) * (1 + RELATIVE_ERROR)

    def _bucket_at(self, rank: int) -> int:
        """Return the bucket of the value with this rank, counted from 0."""
        seen = 0
        for bucket in sorted(self._buckets):
            seen += self._buckets[bucket]
            if rank < seen:
                return bucket
        return MAX_BUCKET

    def _spill(self) -> None:
        if self._exact is not None:
            self._buckets, self._exact, self._counted = _bucketed(self._exact), None, 0

    def _exact_quantiles(self) -> list[float]:
        ordered = sorted(self._exact or ())
        return [_interpolated(ordered, q) for q in QUANTILES]

    def _bucket_quantiles(self) -> list[float]:
        ordered = sorted(self._buckets.items())
        found: list[float] = []
        seen = 0
        at = iter(ordered)
        bucket, count = next(at)
        for q in QUANTILES:
            rank = q * (self.count - 1)
            while seen + count <= rank:
                seen += count
                if (following := next(at, None)) is None:
                    raise ValueError("fewer values than were counted")  # a checkpoint that makes no sense
                bucket, count = following
            found.append(value_of(bucket))
        return found


QUANTILES = (0.50, 0.90, 0.95, 0.99)


def merged(parts: Iterable[Distribution]) -> Distribution:
    """Return a new distribution that holds all of ``parts``."""
    held = list(parts)
    total = Distribution()
    if sum(part.count for part in held) > EXACT_UP_TO:
        total._spill()  # at once, not half way: each part remembers its buckets, the total would not
    for part in held:
        total.merge(part)
    return total


def _bucketed(values_s: Iterable[float]) -> dict[int, int]:
    return dict(Counter(map(bucket_of, values_s)))


def _interpolated(ordered: list[float], q: float) -> float:
    """Return the quantile between the two nearest ranks, as numpy's default does."""
    return at_rank(ordered, q * (len(ordered) - 1))
