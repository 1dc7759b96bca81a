"""Where panels go: rows that are kept by importance and grown to fill the screen. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tui.draw.frame import Frame

MIN_WIDTH, MIN_HEIGHT = 60, 16
_WIDE, _TALL = 120, 34
CHARTS = ("time", "level", "roofline")
"""In the order in which a key goes through them; the last takes the place of the one before."""
_BELOW = 2
"""Lines below the progress line: the message and the keys."""
_EXTRA = 5
"""Rows of this rank and above are there only when the others have what they want."""


class Place(NamedTuple):
    """A panel's place on the screen."""

    panel: str
    x: int
    y: int
    width: int
    height: int
    frame: Frame


@dataclass(frozen=True, slots=True)
class Cell:
    """A panel in a row, or two over each other."""

    panel: str
    share: float = 1.0
    """Of the row's width."""
    under: str | None = None
    """A second panel below it in the same column."""
    upper: int = 0
    """Lines of content of the upper one, where there are two."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of panels. Lower ranks stay longer, and get what they want first."""

    cells: tuple[Cell, ...]
    least: int
    """Lines of content without which it is not shown."""
    want: int
    """Lines that show all it has to say."""
    most: int
    rank: int
    weight: int = 0
    """How much it takes of the height that is left when all have what they want."""
    plain: bool = False
    """Without a frame."""


def arrange(width: int, height: int, gpus: int, chart: str = "time") -> tuple[Place, ...]:
    """Return the places of all panels that the screen has room for."""
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return (Place("small", 0, 0, max(0, width), max(0, height), Frame.NONE),)
    wide = width >= _WIDE
    full = wide and height >= _TALL
    rows = _wide_rows(width, gpus, chart, full=full) if wide else _narrow_rows(gpus, chart)
    frame = Frame.BOX if full else Frame.RULE
    kept = _kept(rows, height, frame)
    return tuple(_places(kept, _heights(kept, height, frame), width, frame))


def arrange_wound(width: int, height: int, gpus: int, chart: str = "time") -> tuple[Place, ...]:
    """The same with a progress line over the last two, where the rest can spare its row."""
    if width < MIN_WIDTH or height <= MIN_HEIGHT:
        return arrange(width, height, gpus, chart)
    places = arrange(width, height - 1, gpus, chart)
    at = height - 1 - _BELOW
    return (
        *(place._replace(y=place.y + 1) if place.y >= at else place for place in places),
        Place("progress", 0, at, width, 1, Frame.NONE),
    )


def _line(panel: str) -> Row:
    return Row((Cell(panel),), 1, 1, 1, 0, plain=True)


def _one(panel: str, least: int, want: int, most: int, rank: int, weight: int = 0) -> Row:
    return Row((Cell(panel),), least, want, most, rank, weight)


def _narrow_rows(gpus: int, chart: str) -> tuple[Row, ...]:
    second = _second(chart)
    other = second if chart == "time" else "time"
    charts = {chart: _one(chart, 4, 7, 30, 2, 3), other: _one(other, 6, 8, 24, 7, 3)}
    return (
        _line("header"),
        Row((Cell("tiles"),), 3, 3, 3, 0, plain=True),
        _one("verdict", 2, 4, 8, 1, 1),
        charts["time"],
        charts[second],
        _one("latency", 5, 6, 6, 5),
        _one("levels", 4, 6, 12, 6, 1),
        _one("gpus", 1, max(1, min(gpus, 4)) + 1, max(2, gpus + 1), 3, 2),
        _one("server", 1, 1, 2, 4, 1),
        _one("log", 2, 3, 6, 8, 1),
        _line("message"),
        _line("footer"),
    )


def _second(chart: str) -> str:
    """Return the chart that stands beside, or below, the one over time."""
    return chart if chart == "roofline" else "level"


def _wide_rows(width: int, gpus: int, chart: str, *, full: bool) -> tuple[Row, ...]:
    left = 0.58 if width < 200 else 0.5
    evidence = 6 if gpus > 4 else 9
    return (
        _line("header"),
        Row((Cell("tiles"),), 3, 3, 3, 0, plain=not full),
        Row((Cell("verdict", left), Cell("latency", 1 - left)), 3, evidence, 10, 1),
        Row((Cell("time", 0.5), Cell(_second(chart), 0.5)), 5, 8, 60, 2, 4),
        Row((Cell("levels", 0.62), Cell("server", 0.38, "log", 3)), 6, 6, 24, 4, 2),
        _one("gpus", 1, max(2, gpus + 1), max(2, gpus + 1), 3),
        _line("message"),
        _line("footer"),
    )


def _taken(row: Row, frame: Frame) -> int:
    """Return the lines that a row's frame takes."""
    return 0 if row.plain or frame is Frame.NONE else 2 if frame is Frame.BOX else 1


def _kept(rows: tuple[Row, ...], height: int, frame: Frame) -> tuple[Row, ...]:
    """Drop the least important rows until the rest fits; extras never squeeze what the others want."""
    kept = list(rows)
    while True:
        worst = max(kept, key=lambda row: row.rank)
        extras = worst.rank >= _EXTRA
        need = sum((row.want if extras and row.rank < _EXTRA else row.least) + _taken(row, frame) for row in kept)
        if need <= height:
            return tuple(kept)
        kept.remove(worst)


def _heights(rows: tuple[Row, ...], height: int, frame: Frame) -> list[int]:
    """Give every row its least, then what it wants by rank, then the rest by weight."""
    sizes = [row.least for row in rows]
    spare = height - sum(row.least + _taken(row, frame) for row in rows)
    for i in sorted(range(len(rows)), key=lambda i: rows[i].rank):
        more = min(spare, rows[i].want - sizes[i])
        sizes[i] += more
        spare -= more
    for _ in range(spare):
        growing = [i for i, row in enumerate(rows) if row.weight and sizes[i] < row.most]
        if not growing:
            break
        hungry = min(growing, key=lambda i: (sizes[i] - rows[i].want + 1) / rows[i].weight)
        sizes[hungry] += 1
    return [size + _taken(row, frame) for size, row in zip(sizes, rows, strict=True)]


def _places(rows: tuple[Row, ...], heights: list[int], width: int, frame: Frame) -> list[Place]:
    places: list[Place] = []
    y = 0
    for row, high in zip(rows, heights, strict=True):
        kind = Frame.NONE if row.plain else frame
        x = 0
        for cell in row.cells:
            last = cell is row.cells[-1]
            wide = width - x if last else round(width * cell.share)
            places.extend(_column(cell, x, y, wide - (0 if last or kind is Frame.BOX else 1), high, kind))
            x += wide
        y += high
    return places


def _column(cell: Cell, x: int, y: int, width: int, height: int, frame: Frame) -> list[Place]:
    """Place one panel, or two over each other where there is room for both."""
    if cell.under is None:
        return [Place(cell.panel, x, y, width, height, frame)]
    edge = 2 if frame is Frame.BOX else 1
    upper = cell.upper + edge
    if height - upper <= edge:
        return [Place(cell.panel, x, y, width, height, frame)]
    return [
        Place(cell.panel, x, y, width, upper, frame),
        Place(cell.under, x, y + upper, width, height - upper, frame),
    ]
