"""What all plots of a page have in common. They have no colours of their own ground: the page gives those by theme."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import plotly.graph_objects as go

from results.page.evenly import evenly
from results.run import LevelRun
from session.plain import plain

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#8C8C8C", "#B0A000")
"""Okabe & Ito's colours, "Color Universal Design", 2008: told apart with any colour vision."""
GREY = "#8C8C8C"
DASHES = ("solid", "dash", "dot", "dashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "hexagon")
TICKS = 12
"""Loads that an axis names; more would run into each other."""


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot with its place on the page."""

    id: str
    title: str
    figure: go.Figure
    note: str = ""
    wide: bool = False


def blank(x: str, y: str, *, log_x: bool = False, log_y: bool = False) -> go.Figure:
    """Return a figure without lines."""
    figure = go.Figure()
    figure.update_layout(
        margin={"l": 64, "r": 16, "t": 12, "b": 48}, height=360, hovermode="closest", showlegend=True,
        legend={"orientation": "h", "y": -0.2}, modebar={"bgcolor": "rgba(0,0,0,0)", "color": GREY},
        xaxis={"title": {"text": x}, "type": "log" if log_x else "linear"},
        yaxis={"title": {"text": y}, "type": "log" if log_y else "linear", "rangemode": "tozero"},
    )  # fmt: skip
    return figure


def name_ticks(figure: go.Figure, values: Sequence[float]) -> None:
    """Name the loads that were measured on the axis, a few at most."""
    ticks = evenly(sorted(set(values)), TICKS)
    figure.update_xaxes(tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks])


def bound(figure: go.Figure, bound_ms: float, *, vertical: bool = False) -> None:
    """Draw a dotted line at a bound of the SLO, with its name; ``vertical`` is for a logarithmic axis."""
    line = {"dash": "dot", "width": 2, "color": PALETTE[3]}
    words = {"text": f"SLO {bound_ms:g} ms", "font": {"color": PALETTE[3]}, "showarrow": False}
    if vertical:
        figure.add_vline(x=bound_ms, line=line)
        # Plotly places shapes on a logarithmic axis by value, and words by the value's logarithm.
        figure.add_annotation(x=math.log10(bound_ms), y=0.04, yref="paper", xanchor="left", **words)
    else:
        figure.add_hline(y=bound_ms, line=line)
        figure.add_annotation(y=bound_ms, x=0, xref="paper", xanchor="left", yanchor="bottom", **words)


def amount_words(level: LevelRun) -> str:
    """Return what was asked of a level, short: ``64``, ``8/s``, ``×2``."""
    view = level.view
    before, after = {"open": ("", "/s"), "trace": ("×", "")}.get(view.mode, ("", ""))
    return f"{before}{view.amount:g}{after}"


def safe(text: str) -> str:
    """Return text that Plotly, which knows a little HTML, shows as it is."""
    return escape(plain(text))


def colour(at: int) -> str:
    """Return the colour of the recording, level or kind with this number."""
    return PALETTE[at % len(PALETTE)]


def dash(at: int) -> str:
    """Return the dash of a line, another one each time the colours begin anew."""
    return DASHES[at // len(PALETTE) % len(DASHES)]


def symbol(at: int) -> str:
    """Return the mark of a recording."""
    return SYMBOLS[at % len(SYMBOLS)]
