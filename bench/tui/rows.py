"""What is said of each figure, the most that rooftop may take, and the tables."""

from __future__ import annotations

from collections.abc import Iterable

from bench.tui.measures import Figures

ROWS: dict[str, tuple[str, float | None]] = {
    "busy_kb_s": ("sent at work, kB/s", 5.0),
    "idle_kb_s": ("sent at rest, kB/s", 0.0),
    "start_kb": ("sent until the first full frame, kB", 80.0),
    "busy_cpu_pct": ("CPU at work, % of a core", 6.0),
    "idle_cpu_pct": ("CPU at rest, % of a core", 1.0),
    "frame_p50_ms": ("a frame, p50 of all views, CPU ms", None),
    "frame_p99_ms": ("a frame, p99 of all views, CPU ms", 15.0),
    "beat_max_ms": ("a beat, most, CPU ms", None),
    "memory_mib": ("memory, peak, MiB", 90.0),
    "key_p50_ms": ("key to bytes, p50, ms", None),
    "key_p99_ms": ("key to bytes, p99, ms", 50.0),
    "key_max_ms": ("key to bytes, most, ms", None),
    "key_to_server_max_ms": ("key to another num_requests_running, most of 8, ms", 150.0),
    "key_to_all_max_ms": ("key to all of twice as many running, most of 8, ms", None),
    "first_frame_s": ("command to first full frame of a replay, s", 0.8),
    "first_live_s": ("command to first full frame of a session, s", 0.8),
    "stall_ttft_p99_pct": ("TTFT p99 while the terminal stalls, change in %", 5.0),
    "stall_itl_p99_pct": ("ITL p99 while the terminal stalls, change in %", 5.0),
}
"""Figure, what it is, and the most that rooftop may take."""
SPREADS = {"stall_ttft_p99_pct": "stall_ttft_spread_pct", "stall_itl_p99_pct": "stall_itl_spread_pct"}
"""Of a change, the figure that says how far runs without it differ: beyond the target, nothing can be told."""
SIGNED = frozenset(SPREADS)
"""A change to either side is a change."""
VIEW_ROWS: dict[str, tuple[str, float | None]] = {
    "busy_kb_s": ("at work, kB/s", 5.0),
    "idle_kb_s": ("at rest, kB/s", 0.0),
    "busy_cpu_pct": ("CPU at work, %", 6.0),
    "idle_cpu_pct": ("CPU at rest, %", 1.0),
    "frame_p50_ms": ("frame p50, ms", None),
    "frame_p99_ms": ("frame p99, ms", 15.0),
    "beat_max_ms": ("beat, most, ms", None),
}
"""The same of each view."""


def table(found: dict[str, Figures]) -> str:
    """Return a table with a row a figure and a column a program; what is beyond its target is marked."""
    lines = [_row("", "target", *found), _row("---", "---:", *["---:"] * len(found))]
    for key, (words, most) in ROWS.items():
        cells = [_cell(key, figures, most if name == "rooftop" else None) for name, figures in found.items()]
        lines.append(_row(words, _target(most), *cells))
    return "\n".join(lines)


def view_table(figures: Figures, views: Iterable[str]) -> str:
    """Return a table with a row a view; what is beyond its target is marked."""
    heads = [words + (f" ({_target(most)})" if most is not None else "") for words, most in VIEW_ROWS.values()]
    lines = [_row("view", *heads), _row("---", *["---:"] * len(heads))]
    for view in views:
        own = {key: figures.get(of_view(view, key)) for key in VIEW_ROWS}
        lines.append(_row(view, *(_cell(key, own, most) for key, (_, most) in VIEW_ROWS.items())))
    return "\n".join(lines)


def of_view(view: str, key: str) -> str:
    """Return the name of a view's figure."""
    return f"{view}/{key}"


def _target(most: float | None) -> str:
    return "" if most is None else f"{'' if most == 0 else '< '}{most:g}"


def _cell(key: str, figures: Figures, most: float | None) -> str:
    value, spread = figures.get(key), figures.get(SPREADS.get(key, ""))
    if value is None:
        return "–"
    if most is not None and spread is not None and spread > most:
        return f"cannot tell: {_number(value)}, but runs without it differ by ± {_number(spread)}"
    beyond = most is not None and (abs(value) if key in SIGNED else value) > most
    return f"**{_number(value)}**" if beyond else _number(value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"
