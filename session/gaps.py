"""Logarithmic buckets of times, and how gaps between tokens fall into them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

RELATIVE_ERROR = 0.01
GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
MIN_S = 1e-6
"""Values at or below a microsecond share bucket 0."""
MAX_BUCKET = 2000
"""Beyond 10**11 s: whatever a broken clock or a hostile recording says still lands in a bucket."""

FINE_BELOW_NS = 1 << 17
FINE_BITS, COARSE_BITS = 3, 10
"""Gaps are counted in steps of 8 ns below 131 µs and of 1 µs from there: at most 0.4 % is added to the error."""

_LOG_GAMMA = math.log(GAMMA)


def bucket_of(value_s: float) -> int:
    """Return the bucket of a value in seconds."""
    if not value_s > MIN_S:
        return 0
    if value_s == math.inf:
        return MAX_BUCKET
    return min(MAX_BUCKET, math.ceil(math.log(value_s / MIN_S) / _LOG_GAMMA))


def count_gaps(gaps_ns: Sequence[int]) -> Counter[int]:
    """Return how many of the gaps fall into each bucket, without a logarithm for each."""
    counts: Counter[int] = Counter()
    fine = Counter([gap_ns >> FINE_BITS for gap_ns in gaps_ns if gap_ns < FINE_BELOW_NS])
    coarse = Counter([gap_ns >> COARSE_BITS for gap_ns in gaps_ns if gap_ns >= FINE_BELOW_NS])
    for steps, bits in ((fine, FINE_BITS), (coarse, COARSE_BITS)):
        for step, count in steps.items():
            counts[_bucket_of_step(step, bits)] += count
    return counts


@lru_cache(1 << 16)
def _bucket_of_step(step: int, bits: int) -> int:
    return bucket_of((step + 0.5) * (1 << bits) / 1e9)


def weight_of(counts: Mapping[int, int]) -> tuple[float, int]:
    """Return the sum in seconds and the number of values that are known by bucket; counts below 1 are none."""
    if not counts:
        return 0.0, 0
    if min(counts) >= 0 and max(counts) <= MAX_BUCKET and min(counts.values()) > 0:
        return sum([_VALUES[bucket] * count for bucket, count in counts.items()]), sum(counts.values())
    known = [(bucket, count) for bucket, count in counts.items() if count > 0]
    return sum([value_of(bucket) * count for bucket, count in known]), sum([count for _, count in known])


def value_of(bucket: int) -> float:
    """Return the value, in seconds, that stands for a bucket."""
    return _VALUES[min(bucket, MAX_BUCKET)] if bucket > 0 else MIN_S


_VALUES = [MIN_S, *(MIN_S * 2 * GAMMA**bucket / (GAMMA + 1) for bucket in range(1, MAX_BUCKET + 1))]
