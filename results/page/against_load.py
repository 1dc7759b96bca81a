"""What is drawn against load, every recording in one plot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from results.page.evenly import evenly
from results.page.plot import Plot, amount_words, blank, bound, colour, name_ticks, safe, symbol
from results.page.source import Source
from results.run import LevelRun
from session.roofline_report import roofline_report
from session.view import Stats

MOST_POINTS = 400
"""Of a line; a plot is a few times as many pixels wide."""
MOST_LINES = 24
AXES = {"closed": "requests in flight", "open": "requests/s", "trace": "times the trace's speed"}
FORESEEN = "dotted: foreseen by the roofline"

Pick = Callable[[LevelRun], float | None]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Levels of one recording that asked for the same kind of load and the same lengths."""

    name: str
    at: int
    """Number of the recording."""
    mode: str
    levels: tuple[LevelRun, ...]


def overall(sources: Sequence[Source]) -> Iterator[Plot]:
    """Yield the plots."""
    lines = lines_of(sources)
    axis = axis_title(lines)
    foreseen = [_foreseen(source) for source in sources]
    some = FORESEEN if any(foreseen) else ""
    throughput = _against(lines, axis, "output tokens/s", _throughput)
    _add_foreseen(throughput, sources, foreseen, "output_tok_s")
    yield Plot("throughput", "Throughput against load", throughput, _note(sources, some))
    yield Plot("ttft", "TTFT against load", _latency(sources, lines, axis, "ttft"), "p50 solid, p99 dashed")
    tpot = _latency(sources, lines, axis, "tpot")
    _add_foreseen(tpot, sources, foreseen, "tpot_ms")
    yield Plot("tpot", "TPOT against load", tpot, "; ".join(filter(None, ("p50 solid, p99 dashed", some))))
    yield Plot("pareto", "Throughput against what one user sees", _pareto(lines),
               "each point a level; up and right is better")  # fmt: skip
    levels = [level for source in sources for level in source.run.levels]
    if any(level.view.efficiency for level in levels):
        yield Plot("per-gpu", "Throughput per GPU", _against(lines, axis, "output tokens/s per GPU", _per_gpu))
    if any(_per_joule(level) is not None for level in levels):
        yield Plot("per-joule", "Output tokens per joule", _against(lines, axis, "tokens per joule", _per_joule))


def lines_of(sources: Sequence[Source]) -> list[Line]:
    """Return what is one line each: levels of other lengths or another kind of load are not joined."""
    found: list[Line] = []
    for at, source in enumerate(sources):
        kinds: dict[tuple[str, int, int], list[LevelRun]] = {}
        for level in source.run.levels:
            if level.view.amount > 0:
                kinds.setdefault((level.view.mode, level.view.prompt_tokens, level.view.output_len), []).append(level)
        for (mode, prompt, output), levels in kinds.items():
            name = safe(source.run.name) + (f" {prompt} + {output}" if len(kinds) > 1 else "")
            found.append(Line(name, at, mode, tuple(evenly(levels, MOST_POINTS))))
    return evenly(found, MOST_LINES)


def axis_title(lines: Sequence[Line]) -> str:
    """Return what the load is counted in; all that there are where there are several."""
    return ", or ".join(AXES.get(mode, mode) for mode in dict.fromkeys(line.mode for line in lines)) or "load"


def _note(sources: Sequence[Source], said: str) -> str:
    """Say which levels are not drawn, if any are."""
    most = max((len(source.run.levels) for source in sources), default=0)
    return "; ".join(filter(None, (said, f"{MOST_POINTS} of {most:,} levels a line" if most > MOST_POINTS else "")))


def _throughput(level: LevelRun) -> float | None:
    return level.view.rates.output_tok_s


def _per_gpu(level: LevelRun) -> float | None:
    return level.view.efficiency.output_tok_s_per_gpu if level.view.efficiency else None


def _per_joule(level: LevelRun) -> float | None:
    return level.view.efficiency.tokens_per_joule if level.view.efficiency else None


def _against(lines: Sequence[Line], x: str, y: str, pick: Pick) -> go.Figure:
    figure = blank(x, y, log_x=True)
    for line in lines:
        figure.add_scatter(
            x=[level.view.amount for level in line.levels], y=[pick(level) for level in line.levels], name=line.name,
            mode="lines+markers", line={"color": colour(line.at)}, marker={"symbol": symbol(line.at), "size": 8},
            text=[level.view.verdict.step or "cannot tell" for level in line.levels],
            error_y=_errors(line.levels) if pick is _throughput else None,
            hovertemplate="%{x}: %{y:,.4g}<br>%{text}",
        )  # fmt: skip
    name_ticks(figure, _amounts(lines))
    return figure


def _errors(levels: Sequence[LevelRun]) -> dict[str, object]:
    halves = []
    for level in levels:
        interval = level.view.trust.output_ci if level.view.trust else None
        halves.append((interval[1] - interval[0]) / 2 if interval else None)
    return {"type": "data", "array": halves, "thickness": 1}


def _latency(sources: Sequence[Source], lines: Sequence[Line], x: str, name: str) -> go.Figure:
    figure = blank(x, f"{name.upper()}, ms", log_x=True)
    for line in lines:
        for style, quantile in (("solid", "p50"), ("dash", "p99")):
            figure.add_scatter(
                x=[level.view.amount for level in line.levels],
                y=[_ms(getattr(level.view.latencies, name), quantile) for level in line.levels],
                name=f"{line.name} {quantile}", mode="lines+markers", line={"color": colour(line.at), "dash": style},
                marker={"symbol": symbol(line.at), "size": 7}, hovertemplate="%{x}: %{y:.4g} ms",
            )  # fmt: skip
    for bound_s in sorted({source.run.header.slo[name] for source in sources if name in source.run.header.slo}):
        bound(figure, bound_s * 1e3)
    name_ticks(figure, _amounts(lines))
    return figure


def _pareto(lines: Sequence[Line]) -> go.Figure:
    """Per GPU where that is known of every level, else of the server as a whole: the two are never in one plot."""
    whole = any(_per_gpu(level) is None for line in lines for level in line.levels if _throughput(level) is not None)
    pick, per = (_throughput, "") if whole else (_per_gpu, " per GPU")
    figure = blank("tokens/s that one user sees (1 / TPOT p50)", f"output tokens/s{per}")
    for line in lines:
        told = [(1 / tpot_s, y, amount_words(level)) for level in line.levels
                if (tpot_s := level.view.latencies.tpot.p50)
                and (y := pick(level)) is not None]  # fmt: skip
        figure.add_scatter(
            x=[x for x, _, _ in told], y=[y for _, y, _ in told], text=[words for _, _, words in told], name=line.name,
            mode="lines+markers+text" if len(told) <= MOST_LINES else "markers", textposition="top right",
            line={"color": colour(line.at)}, marker={"symbol": symbol(line.at), "size": 8},
            hovertemplate="load %{text}: %{x:.4g} tok/s a user, %{y:,.4g} tok/s" + per,
        )  # fmt: skip
    return figure


def _foreseen(source: Source) -> list[dict[str, float]]:
    """Return the roofline report's forecast of the levels, lowest first."""
    levels: list[dict[str, float]] = roofline_report(source.run.snapshot)["predicted"]["levels"]
    return evenly(sorted(levels, key=lambda level: level["concurrency"]), MOST_POINTS)


def _add_foreseen(
    figure: go.Figure, sources: Sequence[Source], foreseen: Sequence[list[dict[str, float]]], name: str
) -> None:
    for at, (source, levels) in enumerate(zip(sources, foreseen, strict=True)):
        if levels:
            figure.add_scatter(
                x=[level["concurrency"] for level in levels], y=[level[name] for level in levels],
                name=f"{safe(source.run.name)} foreseen", mode="lines",
                line={"color": colour(at), "dash": "dot", "width": 1}, hovertemplate="%{x}: %{y:,.4g} foreseen",
            )  # fmt: skip


def _amounts(lines: Sequence[Line]) -> list[float]:
    return [level.view.amount for line in lines for level in line.levels]


def _ms(stats: Stats, quantile: str) -> float | None:
    value: float | None = getattr(stats, quantile)
    return None if value is None else value * 1e3
