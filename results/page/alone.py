"""What is drawn of one recording alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

import plotly.graph_objects as go

from results.page.evenly import evenly
from results.page.over_time import errors_over_time, timeline
from results.page.plot import GREY, PALETTE, Plot, amount_words, blank, bound, colour, dash
from results.page.source import Source
from results.run import LevelRun
from results.samples import steady_from
from session.gaps import value_of
from session.roofline import roofline

MOST_LEVELS = 12
"""Levels whose distributions are drawn."""


def of_one(source: Source, number: int) -> Iterator[Plot]:
    """Yield the plots."""
    found = _roofline(source)
    if found is not None:
        yield Plot(f"roofline-{number}", "Roofline with the levels' trail", found, "per GPU; dashed: the ridge")
    levels = evenly(sorted(source.run.levels, key=lambda level: level.view.amount), MOST_LEVELS)
    note = f"{MOST_LEVELS} of {len(source.run.levels):,} levels" if len(source.run.levels) > MOST_LEVELS else ""
    for name in ("ttft", "tpot", "e2e"):
        figure = _shares(source, name, "share of requests", [(one, _of_requests(one, name)) for one in levels])
        yield Plot(f"cdf-{name}-{number}", f"{name.upper()}: share of requests below", figure, note)
    if any(level.requests.gaps for level in levels):
        figure = _shares(source, "itl", "share of gaps", [(one, _of_gaps(one)) for one in levels])
        yield Plot(f"cdf-itl-{number}", "ITL: share of gaps between tokens below", figure,
                   "; ".join(filter(None, (note, "known within 1 %"))))  # fmt: skip
    yield Plot(f"timeline-{number}", "Over time", timeline(source), "dotted lines: changes of load, and notes", True)
    if source.timeline.errors:
        yield Plot(f"errors-{number}", "Requests that failed, over time", errors_over_time(source), wide=True)


def _roofline(source: Source) -> go.Figure | None:
    found = roofline(source.run.snapshot)
    placed = evenly([one for one in found.levels if one.point is not None and one.level is not None], 400)
    if found.roof is None or not placed:
        return None
    roof = found.roof
    figure = blank("FLOP per byte of DRAM traffic", "TFLOP/s per GPU", log_x=True, log_y=True)
    reach = [one.point.intensity for one in placed if one.point]
    xs = [min(*reach, roof.ridge) / 3, roof.ridge, max(*reach, roof.ridge) * 3]
    figure.add_scatter(x=xs, y=[roof.at(x) / 1e12 for x in xs], name="roof at the present clock", mode="lines",
                       line={"color": GREY, "width": 3}, hoverinfo="skip")  # fmt: skip
    figure.add_scatter(
        x=reach, y=[one.point.flops_s / 1e12 for one in placed if one.point], name="levels",
        mode="lines+markers+text" if len(placed) <= 2 * MOST_LEVELS else "lines+markers",
        text=[f"{one.level.amount:g}" for one in placed if one.level], textposition="bottom right",
        line={"color": PALETTE[0], "width": 1}, marker={"size": 9, "color": PALETTE[1]},
        hovertemplate="load %{text}: %{x:.3g} FLOP/byte, %{y:.4g} TFLOP/s",
    )  # fmt: skip
    figure.add_vline(x=roof.ridge, line={"dash": "dash", "width": 1, "color": GREY})
    return figure


Curve = tuple[Sequence[float], Sequence[float]]
"""Values in ms, and the share of all that is not above each."""


def _shares(source: Source, name: str, y: str, curves: Sequence[tuple[LevelRun, Curve]]) -> go.Figure:
    figure = blank(f"{name.upper()}, ms", y, log_x=True)
    for at, (level, (values, shares)) in enumerate(curves):
        if values:
            figure.add_scatter(
                x=[values[0], *values], y=[0.0, *shares], name=amount_words(level), mode="lines",
                line={"color": colour(at), "dash": dash(at), "shape": "hv"},
                hovertemplate="%{y:.1%} below %{x:.4g} ms",
            )  # fmt: skip
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    if (bound_s := source.run.header.slo.get(name)) is not None:
        bound(figure, bound_s * 1e3, vertical=True)
    return figure


def _of_requests(level: LevelRun, name: str) -> Curve:
    ordered = sorted(level.sample.of(name))
    ranks = evenly(range(len(ordered)), 200)
    return [ordered[rank] * 1e3 for rank in ranks], [(rank + 1) / len(ordered) for rank in ranks]


def _of_gaps(level: LevelRun) -> Curve:
    counts = sorted(level.requests.gaps_since(level.view.started_s + steady_from(level.view)).items())
    total = sum(count for _, count in counts)
    shares = [seen / total for seen in accumulate(count for _, count in counts)] if total else []
    return [value_of(bucket) * 1e3 for bucket, _ in counts], shares
