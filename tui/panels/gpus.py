"""The GPUs: a row each, or what they have in common where there is no room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from session.view import GpuView
from tui.draw.bars import gauge
from tui.draw.clean import clean
from tui.draw.fmt import DASH, gb_s, gib, pct, whole
from tui.lines import Block, Line, lpad, pad, say, width_of
from tui.panels.gpusum import gpu_summary
from tui.panels.text import age_note, missing, stale
from tui.panels.throttle import throttle_reasons, throttled_shares
from tui.scene import Scene

_Text = Callable[[GpuView], str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, width, text, and the role of its bar where it has one. Low ranks stay."""

    head: str
    width: int
    text: _Text
    rank: int
    role: str | None = None
    level: Callable[[GpuView], float | None] | None = None
    left: bool = False


def gpus(scene: Scene, width: int, height: int) -> Block:
    """Return the table of GPUs, why there is none, or a summary."""
    views = scene.snapshot.gpus
    title = say("GPUs" if len(views) > 1 else "GPU", "title")
    if not views:
        return Block(missing(scene.snapshot.sources.get("gpus"), "the GPUs", width, height), title)
    oldest = _oldest(views)
    if height < len(views) + 1:
        return Block(gpu_summary(views, width, height), title, age_note(oldest))
    trouble = _trouble(scene, views)
    corner = trouble if trouble and width_of(trouble) <= width - 10 else age_note(oldest)
    columns, size = _chosen(width, views)
    rows = [_row(view, columns, size) for view in views]
    return Block((_head(columns, size), *rows), title, corner)


def _trouble(scene: Scene, views: Sequence[GpuView]) -> Line:
    """Say what is wrong with a source that delivers, or which counters it lacks."""
    source = scene.snapshot.sources.get("gpus")
    if source is not None and source.ok and source.reason:
        return say(clean(source.reason), "warn")
    why = next((view.info.counters_missing for view in views if view.info.counters_missing), None)
    return say(f"no counters: {clean(why)}", "warn") if why and not stale(_oldest(views)) else ()


def _oldest(views: Sequence[GpuView]) -> float | None:
    return max(views, key=lambda view: view.age_s or 0.0).age_s


def _columns(views: Sequence[GpuView]) -> tuple[Column, ...]:
    longest = max(len(_name(gpu.info.name)) for gpu in views)
    hosts = {gpu.info.host for gpu in views}
    host = Column("host", max(4, min(12, max(len(clean(name or "")) for name in hosts))), _host, 5, left=True)
    hbm = Column("HBM °C", 6, lambda gpu: whole(gpu.reading.hbm_temp_c), 8)
    return (
        Column("#", 2, lambda gpu: str(gpu.info.index), 0),
        *([host] if len(hosts) > 1 else []),
        Column("name", max(4, min(16, longest)), lambda gpu: _name(gpu.info.name), 6, left=True),
        Column("busy%", 5, lambda gpu: pct(gpu.reading.util_pct), 2),
        Column("SM%", 4, lambda gpu: pct(gpu.reading.sm_pct), 3),
        Column("DRAM%", 5, lambda gpu: pct(gpu.reading.dram_pct), 0, "memory", lambda gpu: gpu.reading.dram_pct),
        Column("tensor%", 7, lambda gpu: pct(gpu.reading.tensor_pct), 0, "compute", lambda gpu: gpu.reading.tensor_pct),
        Column("power W", 9, _power, 1),
        Column("mem GiB", 9, _memory, 3),
        Column("SM MHz", 6, lambda gpu: whole(gpu.reading.sm_clock_mhz).replace(",", ""), 4),
        Column("°C", 3, lambda gpu: whole(gpu.reading.temp_c), 4),
        *([hbm] if any(gpu.reading.hbm_temp_c is not None for gpu in views) else []),
        Column("NVLink GB/s", 11, lambda gpu: gb_s(_nvlink(gpu)), 5),
        Column("throttled by", 12, _throttle, 7, left=True),
    )


def _chosen(width: int, views: Sequence[GpuView]) -> tuple[tuple[Column, ...], int]:
    """Return the columns that fit, and how long their bars are; one GPU has no peers to talk to."""
    columns = [column for column in _columns(views) if len(views) > 1 or not column.head.startswith("NVLink")]
    while len(columns) > 3 and _taken(columns) > width:
        columns.remove(max(columns, key=lambda column: column.rank))
    bars = sum(column.role is not None for column in columns)
    spare = (width - _taken(columns)) // max(1, bars) - 1
    return tuple(columns), min(spare, 24) if spare >= 4 else 0


def _taken(columns: list[Column]) -> int:
    return sum(column.width + 2 for column in columns) - 2


def _head(columns: tuple[Column, ...], size: int) -> Line:
    cells = [_pad(column, column.head) + " " * (size + 1 if column.role and size else 0) for column in columns]
    return (("  ".join(cells), "dim"),)


def _row(gpu: GpuView, columns: tuple[Column, ...], size: int) -> Line:
    if gpu.reading.missing is not None:
        return ((_pad(columns[0], str(gpu.info.index)), "dim"), (f"  {clean(gpu.reading.missing)}", "warn"))
    dull = stale(gpu.age_s)
    spans: list[tuple[str, str]] = []
    for column in columns:
        gap = "  " if spans else ""
        spans.append((gap + _pad(column, column.text(gpu)), _role(column, gpu, dull)))
        if column.level and column.role and size:
            level = column.level(gpu)
            spans.append((" ", "text"))
            spans.extend(gauge(None if level is None else level / 100, size, "dim" if dull else column.role))
    return tuple(spans)


def _pad(column: Column, text: str) -> str:
    return pad(text, column.width) if column.left else lpad(text, column.width)


def _role(column: Column, gpu: GpuView, dull: bool) -> str:
    if dull:
        return "dim"
    if column.head == "throttled by":
        held = throttled_shares(gpu.reading.throttled_pct) or throttle_reasons(gpu.reading.throttle)
        return "warn" if held else "dim"
    if column.role:
        return column.role
    return "dim" if column.head in ("#", "name", "busy%") else "text"


def _name(name: str) -> str:
    """Drop the words that every GPU has."""
    words = [word for word in clean(name).split() if word not in ("NVIDIA", "Tesla", "GeForce")]
    return " ".join(words) or DASH


def _power(gpu: GpuView) -> str:
    limit = gpu.reading.power_limit_w or gpu.info.power_limit_w
    return f"{whole(gpu.reading.power_w)}/{whole(limit)}".replace(",", "")


def _memory(gpu: GpuView) -> str:
    return f"{gib(gpu.reading.memory_used_bytes)}/{gib(gpu.info.memory_total_bytes)}"


def _nvlink(gpu: GpuView) -> float | None:
    """Return what goes both ways together."""
    parts = [rate for rate in (gpu.reading.nvlink_tx_bytes_s, gpu.reading.nvlink_rx_bytes_s) if rate is not None]
    return sum(parts) if parts else None


def _throttle(gpu: GpuView) -> str:
    """Name what holds the clocks down, with its share of the last second where that is known."""
    if shares := throttled_shares(gpu.reading.throttled_pct):
        return shares
    reasons = throttle_reasons(gpu.reading.throttle)
    return DASH if reasons is None else reasons or "none"


def _host(gpu: GpuView) -> str:
    return clean(gpu.info.host or DASH)
