"""Where one side overtakes another as load or prompts grow."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from results.compare.difference import Difference, difference
from results.compare.match import By, Key, Matched, Side
from results.compare.metrics import METRICS, Metric

PROMPTS = "prompt tokens"
WATCHED = ("output_tok_s", "output_tok_s_per_gpu", "ttft_p50", "tpot_p50")


@dataclass(frozen=True, slots=True)
class Crossing:
    """``better`` is ahead of ``other`` in ``metric`` above ``at`` of ``axis``, and behind below it."""

    metric: str
    better: str
    other: str
    axis: str
    at: float
    between: tuple[float, float]
    """The two levels that it lies between; each differs significantly."""

    @property
    def words(self) -> str:
        """One line."""
        title = METRICS[self.metric].title
        low, high = self.between
        return (
            f"{self.better} beats {self.other} in {title} above about {_short(self.at)} {self.axis} "
            f"(measured at {low:g} and {high:g})"
        )


def crossings(matched: Sequence[Matched], by: By | None = None) -> list[Crossing]:
    """Find all, along load at the same lengths, and along prompt lengths at the same load; with ``by`` along that."""
    found: list[Crossing] = []
    for axis, line in _lines(matched):
        if by is not None and (axis == PROMPTS) != (by == "prompt-length"):
            continue
        for base, other in _pairs(line):
            for name in WATCHED:
                found.extend(_along(axis, line, base, other, METRICS[name]))
    return found


def _lines(matched: Sequence[Matched]) -> Iterator[tuple[str, list[Matched]]]:
    axes = {"closed": "in flight", "open": "requests/s", "trace": "times the trace's speed"}
    by_load: dict[tuple[str, int, int], list[Matched]] = {}
    by_prompt: dict[tuple[str, float, int], list[Matched]] = {}
    for one in matched:
        key = one.key
        by_load.setdefault((key.mode, key.prompt_tokens, key.output_len), []).append(one)
        by_prompt.setdefault((key.mode, key.amount, key.output_len), []).append(one)
    yield from ((axes.get(mode, mode), line) for (mode, _, _), line in by_load.items() if len(line) > 1)
    yield from ((PROMPTS, line) for line in by_prompt.values() if len(line) > 1)


def _pairs(line: Sequence[Matched]) -> list[tuple[Side, Side]]:
    first = line[0].points
    return [(first[0].side, point.side) for point in first[1:]]


def _along(axis: str, line: Sequence[Matched], base: Side, other: Side, metric: Metric) -> Iterator[Crossing]:
    told = [(x, d) for one in line if (d := _difference(one, base, other, metric)) is not None
            and d.significant and (x := _x(axis, one.key)) > 0]  # fmt: skip
    for (x0, d0), (x1, d1) in pairwise(sorted(told, key=lambda pair: pair[0])):
        assert d0.change is not None
        assert d1.change is not None
        if (d0.change > 0) == (d1.change > 0):
            continue
        ahead = (d1.change > 0) == metric.more_is_better
        better, behind = (other, base) if ahead else (base, other)
        yield Crossing(metric.name, better.name, behind.name, axis, _between(x0, d0.change, x1, d1.change), (x0, x1))


def _difference(one: Matched, base: Side, other: Side, metric: Metric) -> Difference | None:
    points = {point.side.name: point for point in one.points}
    if base.name not in points or other.name not in points:
        return None
    return difference(points[base.name].estimate(metric), points[other.name].estimate(metric))


def _x(axis: str, key: Key) -> float:
    return float(key.prompt_tokens) if axis == PROMPTS else key.amount


def _between(x0: float, change0: float, x1: float, change1: float) -> float:
    """Return where the ratio is 1, on a straight line of its logarithm over that of ``x``."""
    y0, y1 = math.log1p(change0), math.log1p(change1)
    part = y0 / (y0 - y1)
    return math.exp(math.log(x0) + part * (math.log(x1) - math.log(x0)))


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
