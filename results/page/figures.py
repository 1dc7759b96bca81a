"""The plots of a page, as Plotly figures without colours of their own ground: the page gives those by theme."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

import plotly.graph_objects as go

from results.page.source import Source
from results.run import LevelRun
from session.roofline import roofline
from session.view import Stats

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#8C8C8C", "#B0A000")
"""Okabe & Ito's colours, "Color Universal Design", 2008: told apart with any colour vision."""
DASHES = ("solid", "dash", "dot", "dashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "hexagon")


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot with its place on the page."""

    id: str
    title: str
    figure: go.Figure
    note: str = ""


def overall(sources: Sequence[Source]) -> Iterator[Plot]:
    """Yield what is drawn against load, every recording in one plot."""
    axis = _axis_title(sources)
    yield Plot("throughput", "Throughput against load", _against(sources, axis, "output tokens/s", _throughput))
    yield Plot("ttft", "TTFT against load", _latency(sources, axis, "ttft"), "p50 solid, p99 dashed")
    yield Plot("tpot", "TPOT against load", _latency(sources, axis, "tpot"), "p50 solid, p99 dashed")
    yield Plot(
        "pareto",
        "Throughput against what one user sees",
        _pareto(sources),
        "each point a level; up and right is better",
    )
    if any(level.view.efficiency for source in sources for level in source.run.levels):
        yield Plot("per-gpu", "Throughput per GPU", _against(sources, axis, "output tokens/s per GPU", _per_gpu))
        yield Plot("per-joule", "Output tokens per joule", _against(sources, axis, "tokens per joule", _per_joule))


def of_one(source: Source, number: int) -> Iterator[Plot]:
    """Yield what is drawn of one recording alone."""
    found = _roofline(source)
    if found is not None:
        yield Plot(f"roofline-{number}", "Roofline with the levels' trail", found, "per GPU; dashed: the ridge")
    for name in ("ttft", "tpot", "e2e"):
        yield Plot(f"cdf-{name}-{number}", f"{name.upper()}: share of requests below", _cdf(source, name))
    yield Plot(f"timeline-{number}", "Over time", _timeline(source), "dotted lines: changes of load, and notes")


def _axis_title(sources: Sequence[Source]) -> str:
    modes = {level.view.mode for source in sources for level in source.run.levels}
    return {"closed": "requests in flight", "open": "requests/s"}.get(next(iter(modes), ""), "load")


def _figure(x: str, y: str, *, log_x: bool = False, log_y: bool = False) -> go.Figure:
    figure = go.Figure()
    figure.update_layout(
        margin={"l": 64, "r": 16, "t": 12, "b": 48}, height=360, hovermode="closest",
        legend={"orientation": "h", "y": -0.2}, modebar={"bgcolor": "rgba(0,0,0,0)", "color": "#8C8C8C"},
        xaxis={"title": {"text": x}, "type": "log" if log_x else "linear"},
        yaxis={"title": {"text": y}, "type": "log" if log_y else "linear", "rangemode": "tozero"},
    )  # fmt: skip
    return figure


def _log_ticks(figure: go.Figure, values: Sequence[float]) -> None:
    ticks = sorted(set(values))
    figure.update_xaxes(tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks])


def _throughput(level: LevelRun) -> float | None:
    return level.view.rates.output_tok_s


def _per_gpu(level: LevelRun) -> float | None:
    return level.view.efficiency.output_tok_s_per_gpu if level.view.efficiency else None


def _per_joule(level: LevelRun) -> float | None:
    return level.view.efficiency.tokens_per_joule if level.view.efficiency else None


def _against(sources: Sequence[Source], x: str, y: str, pick: Callable[[LevelRun], float | None]) -> go.Figure:
    figure = _figure(x, y, log_x=True)
    for at, source in enumerate(sources):
        levels = [level for level in source.run.levels if level.view.amount > 0]
        figure.add_scatter(
            x=[level.view.amount for level in levels], y=[pick(level) for level in levels], name=safe(source.run.name),
            mode="lines+markers", line={"color": _colour(at)}, marker={"symbol": _symbol(at), "size": 8},
            text=[_verdict(level) for level in levels], error_y=_errors(levels) if pick is _throughput else None,
            hovertemplate="%{x}: %{y:,.4g}<br>%{text}",
        )  # fmt: skip
    _log_ticks(
        figure, [level.view.amount for source in sources for level in source.run.levels if level.view.amount > 0]
    )
    return figure


def _errors(levels: Sequence[LevelRun]) -> dict[str, object]:
    halves = []
    for level in levels:
        interval = level.view.trust.output_ci if level.view.trust else None
        halves.append((interval[1] - interval[0]) / 2 if interval else None)
    return {"type": "data", "array": halves, "thickness": 1}


def _latency(sources: Sequence[Source], x: str, name: str) -> go.Figure:
    figure = _figure(x, f"{name.upper()}, ms", log_x=True)
    for at, source in enumerate(sources):
        levels = [level for level in source.run.levels if level.view.amount > 0]
        for dash, quantile in (("solid", "p50"), ("dash", "p99")):
            figure.add_scatter(
                x=[level.view.amount for level in levels], y=[_ms(_stats(level, name), quantile) for level in levels],
                name=f"{safe(source.run.name)} {quantile}", mode="lines+markers",
                line={"color": _colour(at), "dash": dash}, marker={"symbol": _symbol(at), "size": 7},
                hovertemplate="%{x}: %{y:.4g} ms",
            )  # fmt: skip
    _log_ticks(
        figure, [level.view.amount for source in sources for level in source.run.levels if level.view.amount > 0]
    )
    return figure


def _pareto(sources: Sequence[Source]) -> go.Figure:
    figure = _figure("tokens/s that one user sees (1 / TPOT p50)", "output tokens/s per GPU")
    for at, source in enumerate(sources):
        levels = [level for level in source.run.levels if level.view.latencies.tpot.p50]
        figure.add_scatter(
            x=[1 / (level.view.latencies.tpot.p50 or 1) for level in levels],
            y=[_per_gpu(level) or _throughput(level) for level in levels], name=safe(source.run.name),
            mode="lines+markers+text", text=[f"{level.view.amount:g}" for level in levels], textposition="top right",
            line={"color": _colour(at)}, marker={"symbol": _symbol(at), "size": 8},
            hovertemplate="load %{text}: %{x:.4g} tok/s a user, %{y:,.4g} tok/s a GPU",
        )  # fmt: skip
    return figure


def _roofline(source: Source) -> go.Figure | None:
    found = roofline(source.run.snapshot)
    placed = [one for one in found.levels if one.point is not None and one.level is not None]
    if found.roof is None or not placed:
        return None
    roof = found.roof
    figure = _figure("FLOP per byte of DRAM traffic", "TFLOP/s per GPU", log_x=True, log_y=True)
    reach = [one.point.intensity for one in placed if one.point]
    xs = [min(*reach, roof.ridge) / 3, roof.ridge, max(*reach, roof.ridge) * 3]
    figure.add_scatter(x=xs, y=[roof.at(x) / 1e12 for x in xs], name="roof at the present clock", mode="lines",
                       line={"color": "#8C8C8C", "width": 3}, hoverinfo="skip")  # fmt: skip
    figure.add_scatter(
        x=reach, y=[one.point.flops_s / 1e12 for one in placed if one.point], name="levels", mode="lines+markers+text",
        text=[f"{one.level.amount:g}" for one in placed if one.level], textposition="bottom right",
        line={"color": PALETTE[0], "width": 1}, marker={"size": 9, "color": PALETTE[1]},
        hovertemplate="load %{text}: %{x:.3g} FLOP/byte, %{y:.4g} TFLOP/s",
    )  # fmt: skip
    figure.add_vline(x=roof.ridge, line={"dash": "dash", "width": 1, "color": "#8C8C8C"})
    return figure


def _timeline(source: Source) -> go.Figure:
    line = source.timeline
    figure = _figure("seconds", "output tokens/s")
    x, y = line.tokens.thinned(line.until_s)
    figure.add_scatter(x=x, y=y, name="tokens/s", mode="lines", line={"color": PALETTE[0]}, fill="tozeroy")
    for index in sorted({index for index, _ in line.gpus}):
        for name, axis, dash in (("power_w", "y2", "solid"), ("dram_pct", "y3", "dash"), ("tensor_pct", "y3", "dot")):
            gx, gy = line.gpus[index, name].thinned(line.until_s)
            if gx:
                figure.add_scatter(x=gx, y=gy, name=f"GPU {index} {name.split('_')[0]}", mode="lines", yaxis=axis,
                                   line={"color": _colour(index + 1), "dash": dash, "width": 1})  # fmt: skip
    figure.update_layout(
        height=640, grid={"rows": 3, "columns": 1},
        yaxis={"domain": [0.70, 1]}, yaxis2={"domain": [0.36, 0.64], "title": {"text": "W"}, "rangemode": "tozero"},
        yaxis3={"domain": [0, 0.30], "title": {"text": "% DRAM, tensor"}, "range": [0, 100]}, xaxis={"anchor": "y3"},
    )  # fmt: skip
    for t_s, _ in line.marks[:200]:
        figure.add_shape(
            type="line", x0=t_s, x1=t_s, y0=0, y1=1, yref="paper", line={"dash": "dot", "width": 1, "color": "#8C8C8C"}
        )
    if line.marks:
        figure.add_scatter(
            x=[t for t, _ in line.marks], y=[0 for _ in line.marks], text=[safe(words) for _, words in line.marks],
            mode="markers", name="load, notes", marker={"symbol": "triangle-up", "color": "#8C8C8C"},
            hovertemplate="%{x:.1f} s: %{text}",
        )  # fmt: skip
    return figure


def _cdf(source: Source, name: str) -> go.Figure:
    figure = _figure(f"{name.upper()}, ms", "share of requests", log_x=True)
    for at, level in enumerate(source.run.levels):
        ordered = sorted(level.sample.of(name))
        if not ordered:
            continue
        count = min(len(ordered), 200)
        ranks = [round(k * (len(ordered) - 1) / max(1, count - 1)) for k in range(count)]
        figure.add_scatter(
            x=[ordered[rank] * 1e3 for rank in ranks], y=[(rank + 1) / len(ordered) for rank in ranks],
            name=f"{level.view.amount:g}", mode="lines",
            line={"color": _colour(at), "dash": DASHES[at // len(PALETTE) % len(DASHES)], "shape": "hv"},
            hovertemplate="%{y:.1%} below %{x:.4g} ms",
        )  # fmt: skip
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    return figure


def _stats(level: LevelRun, name: str) -> Stats:
    stats: Stats = getattr(level.view.latencies, name)
    return stats


def _ms(stats: Stats, quantile: str) -> float | None:
    value: float | None = getattr(stats, quantile)
    return None if value is None else value * 1e3


def _verdict(level: LevelRun) -> str:
    return level.view.verdict.step or "cannot tell"


def safe(text: str) -> str:
    """Return text that Plotly, which knows a little HTML, shows as it is."""
    return escape("".join(c if c.isprintable() else " " for c in text))


def _colour(at: int) -> str:
    return PALETTE[at % len(PALETTE)]


def _symbol(at: int) -> str:
    return SYMBOLS[at % len(SYMBOLS)]
