"""What is drawn over time: tokens, power, what the GPUs do, and what failed."""

from __future__ import annotations

import plotly.graph_objects as go

from results.page.plot import GREY, PALETTE, blank, colour, safe
from results.page.source import Source
from results.page.timeline import POINTS, Timeline, range_of

EACH = 2
"""GPUs that have lines of their own; of more the mean is drawn, and the range as a band."""
ROWS = (("power_w", "y2", "power", "solid"), ("dram_pct", "y3", "DRAM", "dash"), ("tensor_pct", "y3", "tensor", "dot"))
MARKS = 200


def timeline(source: Source) -> go.Figure:
    """Return tokens/s over what the GPUs did, where there are any."""
    line = source.timeline
    figure = blank("seconds", "output tokens/s")
    x, y = line.tokens.thinned(line.until_s)
    figure.add_scatter(x=x, y=y, name="tokens/s", mode="lines", line={"color": PALETTE[0]}, fill="tozeroy")
    if line.read:
        _add_gpus(figure, line)
    _add_marks(figure, line)
    return figure


def errors_over_time(source: Source) -> go.Figure:
    """Return failed requests by kind, stacked; those of a stretch of time together where it is long."""
    line = source.timeline
    width_s = max(1.0, line.until_s / (POINTS / 5))
    figure = blank("seconds", f"failed in {width_s:.3g} s")
    for at, (kind, seconds) in enumerate(line.errors.items()):
        cells: dict[int, int] = {}
        for second, count in seconds.items():
            cells[int(second / width_s)] = cells.get(int(second / width_s), 0) + count
        figure.add_bar(x=[(cell + 0.5) * width_s for cell in cells], y=list(cells.values()), name=safe(kind),
                       width=width_s, marker={"color": colour(at + 1)}, hovertemplate="%{x:.0f} s: %{y}")  # fmt: skip
    figure.update_layout(barmode="stack", height=280, xaxis={"range": [0, max(1.0, line.until_s)]})
    return figure


def _add_gpus(figure: go.Figure, line: Timeline) -> None:
    indices = sorted({index for index, _ in line.gpus})
    for at, (name, axis, words, style) in enumerate(ROWS):
        columns = {index: line.gpus[index, name].thinned(line.until_s) for index in indices}
        known = {index: column for index, column in columns.items() if column[0]}
        if len(known) <= EACH:
            for index, (x, y) in known.items():
                figure.add_scatter(x=x, y=y, name=f"GPU {index} {words}", mode="lines", yaxis=axis,
                                   line={"color": colour(index + 1), "dash": style, "width": 1})  # fmt: skip
        else:
            _add_range(figure, [*known.values()], axis, f"{words}, {len(known)} GPUs", colour(at + 1))
    figure.update_layout(
        height=640, yaxis={"domain": [0.70, 1]}, xaxis={"anchor": "y3"},
        yaxis2={"domain": [0.36, 0.64], "title": {"text": "W"}, "rangemode": "tozero"},
        yaxis3={"domain": [0, 0.30], "title": {"text": "% DRAM, tensor"}, "range": [0, 100]},
    )  # fmt: skip


def _add_range(
    figure: go.Figure, columns: list[tuple[list[float], list[float | None]]], axis: str, name: str, shade: str
) -> None:
    """Draw the mean of the GPUs, and their lowest and highest as the edges of a band."""
    x, low, mean, high = range_of(columns)
    faint = {"color": shade, "width": 0}
    group = {"legendgroup": name, "yaxis": axis, "mode": "lines", "x": x}
    figure.add_scatter(y=low, line=faint, showlegend=False, hoverinfo="skip", **group)
    figure.add_scatter(y=high, line=faint, showlegend=False, hoverinfo="skip", fill="tonexty", opacity=0.5, **group)
    figure.add_scatter(y=mean, name=f"{name}: mean and range", line={"color": shade, "width": 1.5}, **group)


def _add_marks(figure: go.Figure, line: Timeline) -> None:
    style = {"type": "line", "y0": 0, "y1": 1, "yref": "paper", "line": {"dash": "dot", "width": 1, "color": GREY}}
    figure.update_layout(shapes=[{**style, "x0": t_s, "x1": t_s} for t_s, _ in line.marks[:MARKS]])
    if line.marks:
        shown = line.marks[: 10 * MARKS]
        figure.add_scatter(
            x=[t for t, _ in shown], y=[0 for _ in shown], text=[safe(words) for _, words in shown],
            mode="markers", name="load, notes", marker={"symbol": "triangle-up", "color": GREY},
            hovertemplate="%{x:.1f} s: %{text}",
        )  # fmt: skip
