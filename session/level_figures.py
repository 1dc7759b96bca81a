"""What a level says of the client's side, from what was folded of it."""

from __future__ import annotations

import math
from itertools import pairwise

from session.levels import Figures, LevelFold
from session.parts import Counted
from session.steadiness import MIN_STEADY_S, Part, hold_s, judge, too_short, window_s
from session.view import Goodput, Rates, Shapes, Trust


def figures_of(level: LevelFold) -> Figures:
    """Return a level's figures: of its steady part where it has reached one."""
    if level.final is not None:
        return level.final
    counted = _counted(level)
    return Figures(
        latencies=counted.latency.view(),
        rates=_rates(level, counted.ended, _begin_s(level)),
        whole=_rates(level, level.ended, level.start_s),
        goodput=_goodput(level, counted),
        trust=_trust(level, counted),
        in_flight=_in_flight(level),
    )


def shapes_of(level: LevelFold) -> Shapes:
    """Return what histograms of a level's latencies are drawn from."""
    return _counted(level).latency.shapes(level.number)


def _rates(level: LevelFold, ended: int, begin_s: float) -> Rates:
    seen_s, end_s = level.arrived.until_s, _until_s(level)
    if seen_s is None or end_s is None or seen_s <= begin_s:
        return Rates()
    (output,) = level.arrived.output([(begin_s, seen_s)])
    prompt = level.arrived.prompt(begin_s, seen_s)
    return Rates(output / (seen_s - begin_s), (output + prompt) / (seen_s - begin_s), ended / (end_s - begin_s))


def _goodput(level: LevelFold, counted: Counted) -> Goodput:
    """Return the share of good requests among those that finished, wherever, and their rate while it lasted."""
    end_s = _until_s(level)
    span_s = end_s - _begin_s(level) if end_s is not None else 0.0
    return Goodput(counted.good / counted.started if counted.started else None,
                   counted.good_ended / span_s if span_s > 0 else None)  # fmt: skip


def _trust(level: LevelFold, counted: Counted) -> Trust | None:
    """Say how far the figures can be trusted; ``None`` before the first tick and without load."""
    if (seen_s := level.arrived.until_s) is None or not level.loaded:
        return None
    stay_s = counted.latency.e2e.stats().mean
    if stay_s is None:
        return too_short(hold_s=None, piling_up=False)
    width_s = window_s(stay_s, seen_s - _begin_s(level), level.arrived.finest_s)
    if not _reached_steady(level):
        begun = level.warmup.end_s is not None
        warm_s = (level.warmup.end_s or 0.0) - level.start_s if begun else 2 * stay_s
        return too_short(hold_s=hold_s(warm_s, width_s), piling_up=level.load.mode != "closed" and not begun)
    return judge(_windows(level, width_s, seen_s))


def _windows(level: LevelFold, width_s: float, end_s: float) -> Part:
    """Cut the steady part into windows that end with it; what is left at its beginning is in none."""
    begin_s, opened = _begin_s(level), level.load.mode != "closed"
    cuts = [end_s - n * width_s for n in range(int((end_s - begin_s) / width_s), -1, -1)]
    spans = list(pairwise(cuts))
    ended = level.steady.ended / (end_s - begin_s) * width_s
    return Part(
        begin_s=begin_s - level.start_s,
        window_s=width_s,
        output_tok_s=[tokens / width_s for tokens in level.arrived.output(spans)],
        in_flight=[level.arrived.in_flight(a, b) for a, b in spans] if opened else (),
        noise=max(level.arrivals_cv / math.sqrt(ended), 0.5 / ended) if opened and ended > 0 else 0.0,
    )


def _counted(level: LevelFold) -> Counted:
    return level.steady if _reached_steady(level) else level.warm.with_(level.steady)


def _begin_s(level: LevelFold) -> float:
    """Return the beginning of the steady part, or of the level where it has none."""
    return level.warmup.end_s if level.warmup.end_s is not None and _reached_steady(level) else level.start_s


def _until_s(level: LevelFold) -> float | None:
    """Return the level's end, or until when it has been seen; ``None`` before the first tick."""
    return level.end_s if level.end_s is not None and level.ticks else level.arrived.until_s


def _reached_steady(level: LevelFold) -> bool:
    """Whether the steady part is long enough to stand for the level: see docs/metrics.md."""
    begin_s, seen_s = level.warmup.end_s, level.arrived.until_s
    if begin_s is None or seen_s is None or seen_s - begin_s < MIN_STEADY_S:
        return False
    return level.steady.ended >= max(1, level.warmup.requests)


def _in_flight(level: LevelFold) -> int:
    if level.load.mode == "closed":
        return level.load.concurrency
    end_s = _until_s(level)
    return round(level.arrived.in_flight(level.start_s, end_s)) if end_s is not None else 0
