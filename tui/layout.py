"""Where panels go: rows that are kept by importance and grown to fill their room. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tui.draw.frame import Frame

MIN_WIDTH, MIN_HEIGHT = 60, 16
_WIDE, _TALL = 120, 30
"""Cells, and lines of the body, from which panels stand side by side in boxes."""
CHARTS = ("time", "level", "roofline")
"""In the order in which a key goes through them; the last takes the place of the one before."""
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


def is_wide(width: int) -> bool:
    """Whether panels stand side by side."""
    return width >= _WIDE


def frame_for(width: int, height: int) -> Frame:
    """Return how panels are set off in a body of this size: boxes where there is room for them."""
    return Frame.BOX if is_wide(width) and height >= _TALL else Frame.RULE


def one(panel: str, least: int, want: int, most: int, rank: int, weight: int = 0) -> Row:
    """Return a row of one panel."""
    return Row((Cell(panel),), least, want, most, rank, weight)


def stack(rows: tuple[Row, ...], width: int, height: int) -> tuple[Place, ...]:
    """Return the places of rows over each other, the least important left out where there is no room."""
    frame = frame_for(width, height)
    kept = _kept(rows, height, frame)
    return tuple(_places(kept, _heights(kept, height, frame), width, frame))


def _taken(row: Row, frame: Frame) -> int:
    """Return the lines that a row's frame takes."""
    return 0 if row.plain or frame is Frame.NONE else 2 if frame is Frame.BOX else 1


def _kept(rows: tuple[Row, ...], height: int, frame: Frame) -> tuple[Row, ...]:
    """Drop the least important rows until the rest fits; extras never squeeze what the others want."""
    kept = list(rows)
    while kept:
        worst = max(kept, key=lambda row: row.rank)
        extras = worst.rank >= _EXTRA
        need = sum((row.want if extras and row.rank < _EXTRA else row.least) + _taken(row, frame) for row in kept)
        if need <= height:
            break
        kept.remove(worst)
    return tuple(kept)


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
