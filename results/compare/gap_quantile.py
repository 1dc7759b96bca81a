"""Quantiles of gaps between tokens with honest intervals: tokens of one step arrive together and are no news."""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from results.compare.estimate import DRAWS, Estimate, needed
from results.gaps import Stretch, total
from session.gaps import RELATIVE_ERROR, value_of
from session.statistics import MIN_BATCHES, persistence

NOTHING = Estimate(None, why="not known: no gaps in the steady part")


def gap_quantile(stretches: Sequence[Stretch], span_s: float, q: float) -> Estimate:
    """Return a quantile of gaps (s) that came in ``span_s`` seconds.

    A step gives each request that decodes a token, so ``n`` gaps are worth ``n`` over the mean number of streams, which
    is the gaps' sum over the time that they came in. Beside that binomial error stands the one that the stretches show:
    the share of gaps at or below the quantile differs from stretch to stretch, by prefills and by whatever else lasts
    longer than a step. The larger of the two is drawn. A gap is known to a bucket, ±1 %, and so is each draw.
    """
    counts = sorted(total(list(stretches)).items())
    if not counts:
        return NOTHING
    number = sum(count for _, count in counts)
    ends = list(accumulate(count for _, count in counts))
    at = _bucket(counts, ends, q * (number - 1))
    streams = sum(value_of(bucket) * count for bucket, count in counts) / span_s if span_s > 0 else float(number)
    steps = number / max(1.0, streams)
    if steps < needed(q):
        why = f"needs {needed(q)} decode steps in the steady part, has {math.floor(steps)}"
        return Estimate(value_of(at), number, why=why)
    error = max(math.sqrt(q * (1 - q) / steps), _between(stretches, at))
    source = random.Random(number)
    draws = (_bucket(counts, ends, (q + error * source.gauss(0.0, 1.0)) * (number - 1)) for _ in range(DRAWS))
    return Estimate(
        value_of(at), number,
        tuple(value_of(bucket) * (1 + source.uniform(-RELATIVE_ERROR, RELATIVE_ERROR)) for bucket in draws),
    )  # fmt: skip


def _bucket(counts: Sequence[tuple[int, int]], ends: Sequence[int], rank: float) -> int:
    """Return the bucket of the gap with this rank, as the report takes it."""
    inside = min(max(rank, 0.0), ends[-1] - 1.0)
    return counts[bisect_left(ends, inside + 1e-9)][0]


def _between(stretches: Sequence[Stretch], bucket: int) -> float:
    """Return the standard error of the share of gaps up to a bucket, from how it differs between stretches.

    A ratio of sums over stretches (Cochran, "Sampling Techniques", 1977, 2.11), widened for neighbours that are alike.
    0 below five stretches, which tell nothing.
    """
    pairs = [_below(one.counter(), bucket) for one in stretches]
    number = sum(count for _, count in pairs)
    if len(pairs) < MIN_BATCHES or number <= 0:
        return 0.0
    ratio = sum(below for below, _ in pairs) / number
    rest = [below - ratio * count for below, count in pairs]
    found = persistence(rest)
    squares = sum(one * one for one in rest) * len(rest) / (len(rest) - 1)
    return math.sqrt(squares * (1 + found) / (1 - found)) / number


def _below(counts: Counter[int], bucket: int) -> tuple[int, int]:
    return sum(count for at, count in counts.items() if at <= bucket), sum(counts.values())
