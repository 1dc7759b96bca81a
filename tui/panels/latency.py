"""The latency table: percentiles of the last seconds and of the level."""

from __future__ import annotations

from session.view import Latencies, Stats
from tui.draw.fmt import ms, whole
from tui.lines import Block, Line, Lines, join, pad, say, width_of
from tui.panels.text import table_row
from tui.scene import Scene

_COLUMNS = ("p50", "p90", "p95", "p99")
_WIDTHS = (6, 6, 6, 6)
_PART = sum(_WIDTHS) + 3
_NAMES = ("TTFT", "TPOT", "ITL", "E2E")
_PAIR = 4 + 2 + _PART + 3 + _PART


def latency(scene: Scene, width: int, height: int) -> Block:
    """Return the table; where it is narrow, of the last seconds alone, or of both below each other."""
    level = scene.snapshot.level
    recent = _part("last 10 s", scene.snapshot.window)
    whole_level = _part("this level", level.latencies if level else Latencies())
    if width >= _PAIR:
        labels = _labels()
        rows = tuple(join(row, "   ") for row in zip(_tight(labels, recent), whole_level, strict=True))
        return _block(rows, height, "last 10 s │ this level")
    alone = tuple(_tight(_labels(), recent))
    if height < 2 * len(alone):
        return _block(alone, height, "last 10 s")
    return _block((*alone, *_tight(_labels(), whole_level)), height, "")


def _block(rows: Lines, height: int, what: str) -> Block:
    """Say what the columns are in a line of its own, or in the title where there is no room."""
    title = (("Latency", "title"), (" ms", "dim"))
    if height >= len(rows):
        return Block(rows, title)
    return Block(rows[1:], title, say(what, "dim"))


def _labels() -> list[Line]:
    return [say(" " * 4), say(" " * 4), *(say(pad(name, 4), "text") for name in _NAMES)]


def _tight(labels: list[Line], part: list[Line]) -> list[Line]:
    return [(*label, ("  ", "text"), *row) for label, row in zip(labels, part, strict=True)]


def _part(name: str, latencies: Latencies) -> list[Line]:
    """Return two lines of heading and four rows, all of one width."""
    count = latencies.e2e.count
    heading = join([say(name, "text"), say(f"{whole(count)} requests" if count else "", "dim")])
    head = table_row([(column, "dim") for column in _COLUMNS], _WIDTHS, gap=1)
    rows = [_row(stats) for stats in (latencies.ttft, latencies.tpot, latencies.itl, latencies.e2e)]
    spare = " " * max(0, _PART - width_of(heading))
    return [(*heading, (spare, "text")) if spare else heading, head, *rows]


def _row(stats: Stats) -> Line:
    values = (stats.p50, stats.p90, stats.p95, stats.p99)
    roles = ("value", "text", "text", "value")
    return table_row([(ms(value), role) for value, role in zip(values, roles, strict=True)], _WIDTHS, gap=1)
