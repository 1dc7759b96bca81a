"""A comparison as rows of text: what the terminal's table, Markdown and the screen are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from results.compare.comparison import Comparison
from results.compare.difference import Difference, difference
from results.compare.estimate import Estimate
from results.compare.match import Matched
from results.compare.metrics import METRICS, Metric

SHOWN = ("output_tok_s", "ttft_p50", "ttft_p99", "tpot_p50", "tpot_p99")
LEGEND = "Δ against the first, with its 95 % interval; ~ could be chance, ? no interval"


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure, and how it differs from the base's."""

    value: str
    change: str = ""
    mood: str = ""
    """``better``, ``worse`` or empty: significant, and for whom."""


@dataclass(frozen=True, slots=True)
class Row:
    """One side at one level."""

    level: str
    """Empty in the rows after a level's first."""
    side: str
    cells: tuple[Cell, ...]
    verdict: str


def headings(found: Comparison, *, everything: bool = False) -> tuple[str, ...]:
    """Return the titles of the cells, with their units."""
    return tuple(f"{metric.title} {metric.unit}".strip() for metric in _metrics(found, everything=everything))


def rows(found: Comparison, *, everything: bool = False) -> Iterator[Row]:
    """Return the rows, level by level, the base first; ``everything``: with all figures there are."""
    metrics = _metrics(found, everything=everything)
    lengths = {(one.key.prompt_tokens, one.key.output_len) for one in found.matched}
    for one in found.matched:
        base = [one.points[0].estimate(metric) for metric in metrics]
        for point in one.points:
            first = point is one.points[0]
            cells = tuple(
                Cell(_value(theirs, metric)) if first else _cell(metric, point.estimate(metric), theirs)
                for metric, theirs in zip(metrics, base, strict=True)
            )
            yield Row(_level(one, lengths=len(lengths) > 1) if first else "", point.side.name, cells,
                      point.verdict or "–")  # fmt: skip


def _metrics(found: Comparison, *, everything: bool) -> list[Metric]:
    """Return what is shown: per GPU too where the sides have different numbers of them, and what rules are about."""
    gpus = {level.view.efficiency.gpus for one in found.matched for point in one.points for level in point.levels
            if level.view.efficiency is not None}  # fmt: skip
    names = [*SHOWN]
    if len(gpus) > 1:
        names.insert(1, "output_tok_s_per_gpu")
    if any(level.view.goodput for one in found.matched for point in one.points for level in point.levels):
        names.append("goodput")
    if everything:
        names.extend(name for name in METRICS if name not in names)
    names.extend(rule.metric.name for rule in found.rules if rule.metric.name not in names)
    return [METRICS[name] for name in names]


def _level(one: Matched, *, lengths: bool) -> str:
    key = one.key
    return f"{key.words}, {key.prompt_tokens} + {key.output_len}" if lengths else key.words


def _cell(metric: Metric, mine: Estimate, base: Estimate) -> Cell:
    found = difference(base, mine)
    return Cell(_value(mine, metric), change_words(found), _mood(found, metric))


def _value(mine: Estimate, metric: Metric) -> str:
    if mine.value is None:
        return "–"
    shown = mine.value * metric.scale
    return f"{shown:,.0f}" if abs(shown) >= 1000 else f"{shown:.4g}"


def change_words(found: Difference) -> str:
    """Return ``+15.0±0.4 %``, with ``~`` where it could be chance and ``?`` where nobody knows."""
    if found.change is None:
        return ""
    if found.low is None or found.high is None:
        return f"{100 * found.change:+.1f} % ?"
    around = 50 * (found.high - found.low)
    return f"{'' if found.significant else '~'}{100 * found.change:+.1f}±{around:.{1 if around < 10 else 0}f} %"


def _mood(found: Difference, metric: Metric) -> str:
    if not found.significant or found.change is None:
        return ""
    return "better" if (found.change > 0) == metric.more_is_better else "worse"
