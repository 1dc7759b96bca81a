"""The columns of the table of levels, and the levels in the order of one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from session.view import LevelView, Stats
from tui.draw.clean import clean
from tui.draw.fmt import DASH, clock, kilo, ms, pct, sig3, whole
from tui.panels.text import trust_mark
from tui.scene import Look

Value = Callable[[LevelView], float | None]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it is sorted by, and how it is written."""

    name: str
    """By which it is sorted and called."""
    group: str
    """Written above the heading; columns of one group stand together."""
    head: str
    width: int
    value: Value
    text: Callable[[float | None], str]
    rank: int
    """The highest goes first where it gets narrow."""
    role: str = "text"


def _at(of: Callable[[LevelView], Stats], point: str) -> Value:
    return lambda level: getattr(of(level), point)


def _latency(name: str, of: Callable[[LevelView], Stats], points: Sequence[tuple[str, int]]) -> tuple[Column, ...]:
    return tuple(
        Column(
            f"{name} {point}", f"{name} ms", point, 6, _at(of, point), ms, rank, "value" if point == "p50" else "text"
        )
        for point, rank in points
    )


def _error(level: LevelView) -> float | None:
    return level.trust.output_error if level.trust else None


def _error_text(error: float | None) -> str:
    return DASH if error is None else f"{error * 100:.1f}" if error < 0.1 else f"{error * 100:.0f}"


def _good(level: LevelView) -> float | None:
    share = level.goodput.share if level.goodput else None
    return None if share is None else share * 100


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


COLUMNS: tuple[Column, ...] = (
    Column("time", "", "time", 6, lambda level: level.duration_s, lambda s: DASH if s is None else clock(s), 12, "dim"),
    Column("tok/s", "", "tok/s", 6, lambda level: level.rates.output_tok_s, kilo, 0, "tok_s"),
    Column("±%", "", "±%", 4, _error, _error_text, 5, "dim"),
    Column("req/s", "", "req/s", 5, lambda level: level.rates.requests_s, kilo, 10),
    *_latency("TTFT", lambda level: level.latencies.ttft, (("p50", 2), ("p90", 16), ("p99", 4))),
    *_latency("TPOT", lambda level: level.latencies.tpot, (("p50", 0), ("p90", 17), ("p99", 6))),
    *_latency("ITL", lambda level: level.latencies.itl, (("p50", 18), ("p99", 11))),
    *_latency("E2E", lambda level: level.latencies.e2e, (("p50", 13), ("p90", 19), ("p99", 14))),
    Column("goodput", "good", "%", 4, _good, pct, 3),
    Column("errors", "", "err", 4, lambda level: float(sum(level.errors.values())), whole, 1),
    Column("DRAM", "DRAM", "%", 4, lambda v: _mean([gpu.reading.dram_pct for gpu in v.gpus]), pct, 15, "memory"),
    Column("tensor", "tens.", "%", 5, lambda v: _mean([gpu.reading.tensor_pct for gpu in v.gpus]), pct, 15, "compute"),
    Column("power", "power", "W", 5, lambda v: v.efficiency.power_w if v.efficiency else None, whole, 9),
    Column("tok/J", "", "tok/J", 5, lambda v: v.efficiency.tokens_per_joule if v.efficiency else None, sig3, 8),
)
LOAD = Column("load", "", "load", 7, lambda level: level.amount, sig3, 0)
"""Always there; its text depends on the mode of the level."""
SORTABLE = (LOAD.name, *(column.name for column in COLUMNS))


def load_text(level: LevelView) -> str:
    """Return a level's load with its mark, and whether it still runs: ``~▶ 128``, ``8/s``, ``×2``."""
    amount = {"open": f"{level.amount:g}/s", "trace": f"×{level.amount:g}"}.get(level.mode, f"{level.amount:g}")
    return f"{trust_mark(level)}{'▶' if level.open else ''}{amount}"


def verdict_text(level: LevelView) -> str:
    """Return what limited a level's step, in words."""
    return clean(level.verdict.step or "cannot tell")


def ordered(levels: Sequence[LevelView], look: Look) -> list[LevelView]:
    """Return the levels by the column that the user chose; as they came without one. The unknown is always last."""
    column = next((one for one in (LOAD, *COLUMNS) if one.name == look.sort), None)
    if column is None:
        return list(reversed(levels)) if look.descending else list(levels)
    known = [level for level in levels if column.value(level) is not None]
    known.sort(key=lambda level: column.value(level) or 0.0, reverse=look.descending)
    return [*known, *(level for level in levels if column.value(level) is None)]
