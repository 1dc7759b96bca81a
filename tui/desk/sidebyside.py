"""A comparison as lines: a pure function of the table and of how far it is scrolled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from rich.cells import cell_len

from results.compare.rows import Cell, Row
from tui.desk.ports import Compared
from tui.draw.clean import clean
from tui.lines import Line, Lines, fit, lpad, pad, say
from tui.panels.text import wrap

LIMITED = "limited by"
MARKS = {"better": ("✓", "good"), "worse": ("✗", "bad")}
"""What stands before a difference that is no chance, and its colour."""
LEGEND = "Δ against the first, with its 95 % interval; ✓ better, ✗ worse, ~ could be chance, ? no interval"
_GAP = 2
_MOST_WRAPPED = 6
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Scroll:
    """How far the table is moved."""

    top: int = 0
    """Lines above the screen."""
    left: int = 0
    """Columns left of the screen."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths in cells."""

    level: int
    names: Mapping[str, str]
    """Of the recordings, as they are shown in the table."""
    side: int
    verdict: int
    figures: tuple[tuple[int, int], ...]
    """Of each value and of its difference."""

    @property
    def widths(self) -> tuple[int, ...]:
        """Of the columns that are scrolled, without the gaps between them."""
        return (self.verdict, *(value + (1 + change if change else 0) for value, change in self.figures))


def columns_of(found: Compared, width: int) -> Columns:
    """Return how wide each column has to be; names give way where the screen is narrow."""
    most = max(8, min(_LONGEST_NAME, width // 5))
    names = short_names(found.names, most)
    return Columns(
        level=max([len("level"), *(cell_len(row.level) for row in found.rows)]),
        names=names,
        side=min(most, max(map(cell_len, names.values()), default=0)),
        verdict=max([len(LIMITED), *(cell_len(clean(row.verdict)) for row in found.rows)]),
        figures=tuple(_figure(title, [row.cells[n] for row in found.rows]) for n, title in enumerate(found.headings)),
    )


def short_names(names: Sequence[str], width: int) -> dict[str, str]:
    """Return what names are called in a column: where one is too long, without what all begin with."""
    shown = [clean(name) for name in names]
    alike = takewhile(lambda chars: len(set(chars)) == 1, zip(*shown, strict=False))
    common = [chars[0] for chars in alike]
    cut = max((at + 1 for at, char in enumerate(common) if not char.isalnum()), default=0)
    if max(map(cell_len, shown), default=0) > width and cut > 1 and len(shown) > 1:
        shown = [f"…{name[cut:]}" for name in shown]
    return dict(zip(names, shown, strict=True))


def _figure(title: str, cells: Sequence[Cell]) -> tuple[int, int]:
    change = max((2 + len(_change(cell)) for cell in cells if cell.change), default=0)
    value = max((len(cell.value) for cell in cells), default=1)
    return max(value, len(title) - (1 + change if change else 0)), change


def farthest(columns: Columns, width: int) -> int:
    """Return the first column that is shown when the last one is."""
    room = width - _frozen(columns)
    at = len(columns.widths)
    while at > 1 and (room := room - columns.widths[at - 1] - _GAP) >= 0:
        at -= 1
    return min(at, len(columns.widths) - 1)


def shown(columns: Columns, left: int, width: int) -> int:
    """Return the first column that a screen has no whole room for."""
    room = width - _frozen(columns)
    at = left
    while at < len(columns.widths) and (room := room - columns.widths[at] - _GAP) >= 0:
        at += 1
    return at


def _frozen(columns: Columns) -> int:
    return columns.level + _GAP + columns.side


def heading(found: Compared, columns: Columns, left: int, width: int) -> Line:
    """Return the line of column names."""
    cells = [((pad(LIMITED, columns.verdict), "title"),)]
    for title, (value, change) in zip(found.headings, columns.figures, strict=True):
        cells.append(((pad(lpad(title, value), value + (1 + change if change else 0)), "title"),))
    return _line(("level", "title"), ("", "title"), cells, columns, left, width)


def row_line(row: Row, columns: Columns, left: int, width: int) -> Line:
    """Return one recording at one level."""
    cells: list[Line] = [((pad(clean(row.verdict), columns.verdict), "text"),)]
    for cell, (value, change) in zip(row.cells, columns.figures, strict=True):
        cells.append(_cell(cell, value, change))
    return _line(
        (row.level, "value"),
        (columns.names.get(row.side, clean(row.side)), "accent" if row.level else "text"),
        cells,
        columns,
        left,
        width,
    )


def _cell(cell: Cell, value: int, change: int) -> Line:
    spans = [(lpad(cell.value, value), "value")]
    if change:
        mark, role = MARKS.get(cell.mood, (" ", "dim"))
        text = f" {mark} {_change(cell)}" if cell.change else ""
        spans.append((pad(text, change + 1), role))
    return tuple(spans)


def _change(cell: Cell) -> str:
    """Return the difference, with room before ± for how it is written in ASCII."""
    return cell.change.replace("±", " ±")


def _line(
    level: tuple[str, str], side: tuple[str, str], cells: Sequence[Line], columns: Columns, left: int, width: int
) -> Line:
    name = fit(say(*side), columns.side)
    spans = [(pad(level[0], columns.level) + " " * _GAP, level[1]), *name]
    for n, cell in enumerate(cells[left:], left):
        first = "‹" if left and n == left else " "
        spans += [(first.rjust(_GAP), "dim"), *cell]
    return fit(tuple(spans), width)


def remarks(found: Compared, width: int) -> Lines:
    """Return what stands below the table: crossings, the legend, what is not compared, what was run."""
    lines: list[Line] = []
    if not found.rows:
        lines += _wrapped("no level of the first is in another: levels match by load and by lengths", "warn", width)
    lines += [()] if found.crossings else []
    for text in found.crossings:
        lines += _wrapped(text, "accent", width)
    lines += [(), *_wrapped(LEGEND, "dim", width)] if found.rows else []
    lines += [()]
    for name, facts in found.facts:
        lines += _wrapped(f"{name}: {facts}", "text", width)
    lines += [()] if found.alone else []
    for text in found.alone:
        lines += _wrapped(f"not compared: {text}", "dim", width)
    return tuple(fit(line, width) for line in lines)


def _wrapped(text: str, role: str, width: int) -> Iterator[Line]:
    return (say(line, role) for line in wrap(clean(text), width, _MOST_WRAPPED))
