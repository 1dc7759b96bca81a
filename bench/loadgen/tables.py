"""The table of the measurements and what stands beneath it, in Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

Figures = dict[str, float | None]
COLUMNS = {
    "cpu_s_per_million": "CPU-s per million chunks",
    "chunks_per_s": "chunks/s",
    "ttft_p50_ms": "TTFT error p50, ms",
    "ttft_p99_ms": "TTFT error p99, ms",
    "itl_p99_ms": "ITL error p99, ms",
    "tpot_p99_ms": "TPOT error p99, ms",
    "memory_mib": "memory, MiB",
    "first_request_s": "first request after, s",
}
MORE_IS_BETTER = {"chunks_per_s"}


def medians(runs: Sequence[Figures]) -> Figures:
    """Return the median of each figure over the runs that have it."""
    had = {key: [value for run in runs if (value := run.get(key)) is not None] for key in COLUMNS}
    return {key: statistics.median(values) if values else None for key, values in had.items()}


def table(rows: dict[str, Figures]) -> str:
    """Return a table with a row a client."""
    lines = [_row("client", *COLUMNS.values()), _row("---", *["---:"] * len(COLUMNS))]
    lines += [_row(name, *(number(figures.get(key)) for key in COLUMNS)) for name, figures in rows.items()]
    return "\n".join(lines)


def ratios(rows: dict[str, Figures], ours: str) -> str:
    """Return a table of the others' figures over ours: how many times as much each costs or errs."""
    mine = rows.get(ours)
    others = {name: figures for name, figures in rows.items() if name != ours}
    if mine is None or not others:
        return ""
    lines = [_row(f"over {ours}", *COLUMNS.values()), _row("---", *["---:"] * len(COLUMNS))]
    for name, figures in others.items():
        lines.append(_row(name, *(_times(figures.get(key), mine.get(key)) for key in COLUMNS)))
    return "\n".join(lines)


def _times(other: float | None, mine: float | None) -> str:
    return "–" if other is None or not mine else f"{number(other / mine)}×"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def number(value: float | None) -> str:
    """Return a number to three digits, or a dash."""
    if value is None:
        return "–"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"
