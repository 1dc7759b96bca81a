"""Whether a level was steady, and how sure its throughput is. The thresholds' reasons are in docs/metrics.md."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from session.statistics import MIN_BATCHES, mean_interval, trend, variation
from session.view import Trust

MIN_STEADY_S = 2.0
"""Below it the edges of eight ticks are a tenth of the figure."""
WINDOW_S = 0.75
"""The shortest window: three ticks."""
SHORTEST_STAY_S = 1e-6
LONGEST_S = 86_400.0
"""No level can be asked to be held for longer."""
MAX_WINDOWS = 60
MAX_TREND = 0.05
MAX_VARIATION = 0.10
MAX_QUEUE_TREND = 0.20


@dataclass(frozen=True, slots=True)
class Part:
    """A level's steady part, cut into windows."""

    begin_s: float
    """Seconds after the level's start: its warm-up."""
    window_s: float
    output_tok_s: Sequence[float]
    in_flight: Sequence[float]
    """Mean of each window; empty in a closed loop, where it is given."""
    noise: float
    """Coefficient of variation that arrivals alone give a window; 0 in a closed loop."""


def window_s(stay_s: float, span_s: float, finest_s: float) -> float:
    """Return how long a window is: whole stays, so that requests in step with each other weigh alike in each."""
    least_s = max(WINDOW_S, 1.5 * finest_s, span_s / MAX_WINDOWS)
    return stay_s * max(1, math.ceil(least_s / stay_s)) if stay_s > SHORTEST_STAY_S else least_s


def too_short(*, hold_s: float | None, piling_up: bool) -> Trust:
    """Return what to say of a level that did not reach a steady part.

    ``piling_up``: an open loop in which fewer requests finished than are still in flight.
    """
    if piling_up:
        return Trust(
            short=True, reason=f"the warm-up is in its figures; requests pile up: {_hold(hold_s)}, or ask for less"
        )
    return Trust(short=True, reason=f"too short: the warm-up is in its figures; {_hold(hold_s)}")


def judge(part: Part) -> Trust:
    """Say whether a level was steady."""
    values = part.output_tok_s
    found, varied = trend(values), variation(values)
    enough = len(values) >= MIN_BATCHES and found is not None and varied is not None
    steady, reason = None, f"too short to tell whether it was steady; {_hold(hold_s(part.begin_s, part.window_s))}"
    if enough:
        assert found is not None
        assert varied is not None
        why = _queue(part.in_flight) or _drift(found.change, significant=found.significant) or _scatter(part, varied)
        steady = why is None
        reason = why or f"changed by {abs(found.change):.1%} over the level, varied by {varied:.1%}".replace("%", " %")
    rising = found is not None and found.significant and abs(found.change) > MAX_TREND
    return Trust(
        warmup_s=part.begin_s,
        steady=steady,
        reason=reason,
        trend=found.change if enough and found is not None else None,
        variation=varied if enough else None,
        output_ci=None if rising else mean_interval(values),
        window_s=part.window_s,
        windows=len(values),
    )


def hold_s(warmup_s: float, width_s: float) -> float:
    """Return how long a level must be held to be judged."""
    return warmup_s + MIN_BATCHES * width_s


def _hold(seconds: float | None) -> str:
    return (
        "hold it longer"
        if seconds is None or seconds > LONGEST_S
        else f"hold it {math.ceil(seconds * 1.1)} s or longer"
    )


def _drift(change: float, *, significant: bool) -> str | None:
    if not significant or abs(change) <= MAX_TREND:
        return None
    return f"throughput {'rose' if change > 0 else 'fell'} by {abs(change):.0%} over the level".replace("%", " %")


def _scatter(part: Part, varied: float) -> str | None:
    if varied <= MAX_VARIATION + 2 * part.noise:
        return None
    return f"throughput varied by {varied:.0%} between windows of {part.window_s:.1f} s".replace("%", " %")


def _queue(in_flight: Sequence[float]) -> str | None:
    found = trend(in_flight)
    if found is None or not found.significant or abs(found.change) <= MAX_QUEUE_TREND:
        return None
    return f"requests in flight {'rose' if found.change > 0 else 'fell'} by {abs(found.change):.0%}".replace("%", " %")
