"""Figures of a level that another tool told: they stand where the recording has no events to take them from."""

from __future__ import annotations

from dataclasses import replace

from session.events import Told, ToldStats
from session.view import Latencies, LevelView, Rates, Stats

FAILED = "failed"
"""The kind of errors of which only the number was told."""


def with_told_latencies(latencies: Latencies, told: Told | None) -> Latencies:
    """Fill in the distributions that no event told anything of."""
    if told is None:
        return latencies
    return Latencies(
        _stats(latencies.ttft, told.ttft), _stats(latencies.tpot, told.tpot),
        _stats(latencies.itl, told.itl), _stats(latencies.e2e, told.e2e),
    )  # fmt: skip


def with_told_rates(rates: Rates, told: Told | None) -> Rates:
    """Fill in the rates where no tick was seen."""
    if told is None or rates.output_tok_s is not None:
        return rates
    return Rates(told.output_tok_s, told.total_tok_s, told.requests_s)


def with_told_counts(level: LevelView, told: Told | None) -> LevelView:
    """Fill in the counts of a level without a single request."""
    if told is None or level.requests or level.errors:
        return level
    return replace(
        level,
        requests=told.requests or 0,
        errors={FAILED: told.errors} if told.errors else {},
        output_tokens=told.output_tokens or 0,
    )


def _stats(found: Stats, told: ToldStats | None) -> Stats:
    if found.count or told is None:
        return found
    return Stats(0, told.mean, told.p50, told.p90, told.p95, told.p99)
