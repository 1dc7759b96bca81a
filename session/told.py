"""Figures of a level that another tool told: they stand where the recording has no events to take them from."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from session.events import Told, ToldStats
from session.levels import Figures
from session.view import Latencies, LevelView, Rates, Stats

FAILED = "failed"
"""The kind of errors of which only the number was told."""


def with_told_figures(figures: Figures, told: Told | None) -> Figures:
    """Fill in the distributions and rates that no event told anything of."""
    if told is None:
        return figures
    found = figures.latencies
    return msgspec.structs.replace(
        figures,
        latencies=Latencies(
            _stats(found.ttft, told.ttft), _stats(found.tpot, told.tpot), _stats(found.itl, told.itl),
            _stats(found.e2e, told.e2e),
        ),
        rates=_rates(figures.rates, told),
        whole=_rates(figures.whole, told),
    )  # fmt: skip


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


def _rates(found: Rates, told: Told) -> Rates:
    return found if found.output_tok_s is not None else Rates(told.output_tok_s, told.total_tok_s, told.requests_s)
