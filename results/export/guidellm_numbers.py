"""GuideLLM's summaries of distributions: of values with weights, of rates, of requests in flight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

PERCENTILES = {
    "p001": 0.001, "p01": 0.01, "p05": 0.05, "p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9,
    "p95": 0.95, "p99": 0.99, "p999": 0.999,
}  # fmt: skip
WINDOW_S = 1.0

Weighted = Iterable[tuple[float, float]]
"""Values with their weights."""


def summary(weighted: Weighted, count: int | None = None) -> dict[str, Any]:
    """Return what that tool says of a distribution; zeros of nothing, as there. Percentiles occurred.

    ``count`` is the sum of the weights unless it is given, as there.
    """
    weights: dict[float, float] = {}
    for value, weight in weighted:
        if weight > 0:
            weights[value] = weights.get(value, 0.0) + weight
    if not weights:
        return _told({0.0: 1.0}, 0)
    return _told(weights, round(sum(weights.values())) if count is None else count)


def _told(weights: Mapping[float, float], count: int) -> dict[str, Any]:
    values, whole = sorted(weights), sum(weights.values())
    mean = sum(value * weights[value] for value in values) / whole
    variance = sum(weights[value] * (value - mean) ** 2 for value in values) / whole
    below = list(accumulate(weights[value] / whole for value in values))
    points = {name: _first(values, below, q) for name, q in PERCENTILES.items()}
    return {
        "mean": mean, "median": points["p50"], "mode": max(values, key=lambda value: weights[value]),
        "variance": variance, "std_dev": variance**0.5, "min": values[0], "max": values[-1], "count": count,
        "total_sum": mean * count, "percentiles": points, "pdf": None,
    }  # fmt: skip


def _first(values: Sequence[float], below: Sequence[float], q: float) -> float:
    return next((value for value, share in zip(values, below, strict=True) if share >= q), values[-1])


def plain(values: Iterable[float]) -> dict[str, Any]:
    """Return the summary of values that weigh the same; those that are not known are left out."""
    return summary((value, 1.0) for value in values if value == value)


def rates(amounts: Weighted, start_s: float, span_s: float) -> dict[str, Any]:
    """Return the summary of what came a second, by windows of a second; the mean is that of the whole span.

    ``amounts`` are instants and what came then.
    """
    windows = [0.0] * max(1, int(span_s / WINDOW_S))
    total = 0.0
    for at_s, amount in amounts:
        total += amount
        windows[min(len(windows) - 1, max(0, int((at_s - start_s) / WINDOW_S)))] += amount
    mean = total / span_s if span_s > 0 else 0.0
    return summary(((value, 1.0) for value in windows), round(total)) | {"mean": mean, "total_sum": mean * total}


def in_flight(spans: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Return the summary of how many were in flight, weighted by time."""
    changes: Counter[float] = Counter()
    for begin_s, end_s in spans:
        changes[begin_s] += 1
        changes[end_s] -= 1
    times = sorted(changes)
    counts = accumulate(changes[at] for at in times)
    held = ((float(n), after - at) for n, (at, after) in zip(counts, pairwise(times), strict=False))
    return summary(held, len(spans))
