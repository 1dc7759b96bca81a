"""The levels of a session as a table for people."""

from __future__ import annotations

import sys
from collections.abc import Callable

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rooftop.remarks import asked, client_bound
from rooftop.verdict_lines import verdict_lines
from session.efficiency import cost_per_million
from session.judging import in_use
from session.lost import lost_lines
from session.slo import SHARE, slo_of
from session.view import MARKS, LevelView, Snapshot, Trust, mark_of

LEGEND = {
    "unsteady": "not steady",
    "unknown": "too short to tell whether it was steady",
    "short": "too short for a steady part",
}
Cell = Callable[[LevelView], str]
COLUMNS: tuple[tuple[str, int, Cell], ...] = (
    ("conc", 0, lambda level: _marked(level) if level.mode == "closed" else "–"),
    ("rate/s", 0, lambda level: "–" if level.rate_s is None else _marked(level)),
    ("speed", 0, lambda level: "–" if level.speed is None else _marked(level)),
    ("tok/s", 0, lambda level: _number(level.rates.output_tok_s, 0)),
    ("±", 90, lambda level: _error(level.trust)),
    ("req/s", 115, lambda level: _number(level.rates.requests_s, 2)),
    ("TTFT p50", 0, lambda level: _ms(level.latencies.ttft.p50)),
    ("p99", 0, lambda level: _ms(level.latencies.ttft.p99)),
    ("TPOT p50", 0, lambda level: _ms(level.latencies.tpot.p50)),
    ("p99", 0, lambda level: _ms(level.latencies.tpot.p99)),
    ("good", 0, lambda level: _percent(level.goodput.share if level.goodput else None, 100)),
    ("E2E p50", 125, lambda level: _ms(level.latencies.e2e.p50)),
    ("requests", 135, lambda level: str(level.requests)),
    ("warm-up", 155, lambda level: f"{level.trust.warmup_s:.1f} s" if level.trust else "–"),
    ("errors", 0, lambda level: str(sum(n for kind, n in level.errors.items() if kind != "cancelled"))),
    ("DRAM", 105, lambda level: _percent(level.gpus[0].reading.dram_pct if level.gpus else None)),
    ("tensor", 105, lambda level: _percent(level.gpus[0].reading.tensor_pct if level.gpus else None)),
    ("power", 145, lambda level: _power(level)),
    ("tok/s/GPU", 185, lambda level: _number(level.efficiency.output_tok_s_per_gpu if level.efficiency else None, 0)),
    ("tok/J", 170, lambda level: _number(level.efficiency.tokens_per_joule if level.efficiency else None, 2)),
    ("limited by", 0, lambda level: level.verdict.step or "cannot tell"),
)
"""Heading, the width of terminal from which it is shown, and the cell; times in ms, GPU figures of the first GPU."""
PLAIN_WIDTH = 185
RUNNING = "the session is still running: this is what it has recorded so far"
COST_WIDTH = 9


def print_report(snapshot: Snapshot, *, running: bool = False, share: float = SHARE) -> None:
    """Print the levels table of a session, and what should be known about it.

    ``running``: it is still being recorded; ``share``: of its requests that a level has to have good, 0 to 1.
    """
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False, markup=False, emoji=False)
    console.print(Text(title(snapshot)))
    if snapshot.levels:
        console.print(levels_table(snapshot, console.width))
    else:
        console.print("no level held load for long enough to say something")
    for line in remarks(snapshot, running=running, share=share):
        console.print(Text(line))


def title(snapshot: Snapshot) -> str:
    """Return one line that says what was measured."""
    asked_lengths = snapshot.prompt_tokens or snapshot.output_len  # a log of GPUs has none
    parts = [
        "SIMULATED" if snapshot.simulated else "",
        plain(snapshot.header.target),
        f"measured by {plain(snapshot.header.origin)}" if snapshot.header.origin else "",
        plain(snapshot.model or "model unknown"),
        f"vLLM {plain(snapshot.server_version)}" if snapshot.server_version else "",
        gpus(snapshot),
        f"trace {plain(snapshot.trace.name)}: {snapshot.trace.requests} requests" if snapshot.trace else "",
        f"prompt {snapshot.prompt_tokens}, output {snapshot.output_len} tokens" if asked_lengths else "",
        "latencies in ms",
    ]
    return " · ".join(p for p in parts if p)


def gpus(snapshot: Snapshot) -> str:
    """Return the GPUs in words, e.g. ``4 x NVIDIA H200``."""
    names = [plain(gpu.info.name) for gpu in snapshot.gpus]
    if not names:
        return "no GPU seen"
    return names[0] if len(names) == 1 else f"{len(names)} x {names[0]}"


def levels_table(snapshot: Snapshot, width: int) -> Table:
    """Return the table, one row a level, with the columns for which there is room; times in milliseconds."""
    absent = _absent(snapshot)
    gpu_hour = snapshot.header.gpu_hour
    room = width - (COST_WIDTH if gpu_hour is not None else 0)
    shown = [column for column in COLUMNS if column[1] <= room and column[0] not in absent]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for name, _, _ in shown:
        table.add_column(name, justify="left" if name == "limited by" else "right", no_wrap=name != "limited by")
    if gpu_hour is not None:
        table.add_column("cost/M", justify="right", no_wrap=True)
    for level in snapshot.levels:
        cells = [cell(level) for _, _, cell in shown]
        if gpu_hour is not None:
            cells.append(_number(cost_per_million(level.efficiency, gpu_hour), 3))
        table.add_row(*map(Text, cells))
    return table


def _absent(snapshot: Snapshot) -> set[str]:
    """Return the columns that would tell nothing."""
    columns = {"closed": "conc", "open": "rate/s", "trace": "speed"}
    absent = {column for mode, column in columns.items() if mode not in {level.mode for level in snapshot.levels}}
    return absent | (set() if snapshot.header.slo else {"good"})


def remarks(snapshot: Snapshot, *, running: bool = False, share: float = SHARE) -> list[str]:
    """Return what should be known besides the table."""
    lines = legend(snapshot)
    lines.extend(plain(line) for line in verdict_lines(snapshot))
    if (slo := slo_of(snapshot, share)) is not None:
        lines.extend(slo.lines)
    if snapshot.header.client != "native" and snapshot.header.origin is None:
        lines.append(f"sent by --client {plain(snapshot.header.client)}: times are its event loop's, not the kernel's")
    if (line := client_bound(snapshot)) is not None:
        lines.append(line)
    if snapshot.errors:
        kinds = ", ".join(f"{plain(kind)} {count}" for kind, count in sorted(snapshot.errors.items()))
        lines.append(
            f"errors: {kinds}" + (f"; the last: {plain(snapshot.last_error.text)}" if snapshot.last_error else "")
        )
    if snapshot.setup and snapshot.setup.sources:
        lines.append(f"arithmetic ({plain(snapshot.setup.sources)})")
    if snapshot.setup and snapshot.setup.shape_missing:
        lines.append(f"no shape of the model: {plain(snapshot.setup.shape_missing)}")
    source = snapshot.sources.get("gpus")
    if not snapshot.gpus and source and source.reason:
        lines.append(plain(source.reason))
    if any(
        level.latencies.tpot.p50 is None and level.latencies.tpot.mean is None and level.requests
        for level in snapshot.levels
    ):
        lines.append("– under TPOT: no request started and ended within the level; hold it longer")
    if snapshot.ended is None:
        lines.append(RUNNING if running else "the recording was cut off; this is what it holds")
    if snapshot.unread:
        lines.append(f"{snapshot.unread} lines of the recording could not be read")
    return lines + [plain(line) for line in lost_lines(snapshot.lost)]


def legend(snapshot: Snapshot) -> list[str]:
    """Return what the marks and the ± in the table stand for, with each marked level's reason."""
    lines = []
    for kind, words in LEGEND.items():
        marked = [level for level in snapshot.levels if mark_of(level.trust) == kind]
        if marked:
            said = "; ".join(f"at {asked(level)} {_reason(level.trust)}" for level in marked)
            lines.append(f"{MARKS[kind]} {words}: {said}")
    if any(level.trust and level.trust.output_ci for level in snapshot.levels):
        lines.append("± 95 % confidence interval of tok/s; rates and latencies leave each level's warm-up out")
    return lines


def _marked(level: LevelView) -> str:
    mark = mark_of(level.trust)
    amount = f"{'×' if level.mode == 'trace' else ''}{level.amount:g}"
    return f"{MARKS[mark]} {amount}" if mark else amount


def _reason(trust: Trust | None) -> str:
    """Return a level's reason without what the legend says already."""
    return trust.reason.rpartition("; ")[2] if trust else ""


def _error(trust: Trust | None) -> str:
    error = trust.output_error if trust else None
    return "–" if error is None else f"{error:.1%}".replace("%", " %")


def plain(text: str) -> str:
    """Return text of others without control characters."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _power(level: LevelView) -> str:
    used = [gpu for gpu in level.gpus if in_use(gpu.reading, gpu.info)] or level.gpus
    watts = [gpu.reading.power_w for gpu in used if gpu.reading.power_w is not None]
    return f"{sum(watts):.0f} W" if watts else "–"


def _ms(value_s: float | None) -> str:
    if value_s is None:
        return "–"
    value = value_s * 1e3
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def _percent(value: float | None, scale: float = 1) -> str:
    return "–" if value is None else f"{value * scale:.0f} %"
