"""What a terminal's cells hold, and the fewest bytes that change them.

A cell is a text of one character (with what combines with it) and a look: attributes, foreground and background as SGR
codes. The second cell of a wide character holds no text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

from tui.diff import narrow

_BRIDGE = 5
"""Cells that did not change are sent again where that takes no more bytes than to move the cursor over them."""


class Look(NamedTuple):
    """How a cell looks, as SGR codes (ECMA-48, 8.3.117)."""

    attributes: tuple[int, ...] = ()
    front: str = ""
    back: str = ""


Cell = tuple[str, Look]
Run = tuple[int, int, Sequence[Cell]]
"""Column, row, and the cells from there."""

PLAIN = Look()
_REMEMBERED = 4096
"""Texts whose cells are kept."""
_OFF = {1: 22, 2: 22, 3: 23, 4: 24, 5: 25, 6: 25, 7: 27, 8: 28, 9: 29}
"""The code that ends an attribute."""
_FEW = 1500
"""Cells of an update that may be sent colour by colour; more go line by line, as a person reads them."""
_SHOWN_ON_BLANKS = {4, 7, 9}
"""Underline, reverse and strike: a blank shows nothing else of its style but the background."""
_ATTRIBUTES = (1, 2, 3, 4, 5, 6, 7, 8, 9)
"""In the order of Rich's bits; the rarer ones beyond are not drawn."""


class Looks:
    """Finds the look of a style; each is worked out once."""

    def __init__(self, colours: ColorSystem) -> None:
        self._colours = colours
        self._known: dict[Style | None, tuple[Look, Look]] = {None: (PLAIN, PLAIN)}
        self._same: dict[Look, Look] = {PLAIN: PLAIN}
        self._cells: dict[tuple[str, Style | None], tuple[Cell, ...]] = {}

    def cells(self, text: str, style: Style | None) -> tuple[Cell, ...]:
        """Return the cells of a text without controls; most texts of a screen come again and again."""
        found = self._cells.get((text, style))
        if found is None:
            if len(self._cells) >= _REMEMBERED:
                self._cells.clear()
            found = self._cells[text, style] = tuple(_cells(text, *self.of(style)))
        return found

    def of(self, style: Style | None) -> tuple[Look, Look]:
        """Return how a character looks in a style, and how a blank does."""
        found = self._known.get(style)
        if found is None:
            found = self._known[style] = self._made(style or Style())
        return found

    def _made(self, style: Style) -> tuple[Look, Look]:
        on = style._attributes & style._set_attributes
        attributes = tuple(code for bit, code in enumerate(_ATTRIBUTES) if on & (1 << bit))
        front, back = self._codes(style, front=True), self._codes(style, front=False)
        lines = tuple(code for code in attributes if code in _SHOWN_ON_BLANKS)
        blank = Look(lines, front if lines else "", back)
        return self._one(Look(attributes, front, back)), self._one(blank)

    def _codes(self, style: Style, *, front: bool) -> str:
        colour = style.color if front else style.bgcolor
        if colour is None or colour.is_default:
            return ""
        return ";".join(colour.downgrade(self._colours).get_ansi_codes(front))

    def _one(self, look: Look) -> Look:
        """Return the one object that stands for all equal looks: most comparisons are then of identity."""
        return self._same.setdefault(look, look)


def cells_of(segments: Iterable[Segment], looks: Looks) -> list[Cell]:
    """Return the cells that a line of segments fills."""
    cells: list[Cell] = []
    for text, style, control in segments:
        if control:
            continue
        if text and cells and not cell_len(text[0]):
            _combine(cells, text[0])
            text = text[1:]
        cells.extend(looks.cells(text, style))
    return cells


def _cells(text: str, look: Look, blank: Look) -> list[Cell]:
    if narrow(text):
        return [(char, blank if char == " " else look) for char in text]
    cells: list[Cell] = []
    for char in text:
        size = cell_len(char)
        if size == 1:
            cells.append((char, blank if char == " " else look))
        elif size == 0 and cells:
            _combine(cells, char)
        elif size:
            cells.extend(((char, look), ("", look)))
    return cells


def _combine(cells: list[Cell], char: str) -> None:
    """Add a mark to the last character, whose second cell is empty where it is wide."""
    at = len(cells) - 1
    while at and not cells[at][0]:
        at -= 1
    before, look = cells[at]
    cells[at] = (before + char, look)


def runs(old: Sequence[Cell | None], new: Sequence[Cell]) -> Iterator[tuple[int, int]]:
    """Give from where to where cells are to be sent; ``None`` in ``old`` is a cell of which nothing is known."""
    at, size = 0, len(new)
    while at < size:
        if old[at] == new[at]:
            at += 1
            continue
        start, end = _widened(new, at)
        at = end
        while at < size:
            if old[at] != new[at]:
                end = at = _widened(new, at)[1]
            elif at - end < _BRIDGE and _same_look(new[end - 1], new[at]):
                at += 1
            else:
                break
        yield start, end
        at = end


def _widened(cells: Sequence[Cell], at: int) -> tuple[int, int]:
    """Return the bounds of the character that a cell belongs to."""
    start = at - 1 if not cells[at][0] and at else at
    end = at + 1
    return start, end + 1 if end < len(cells) and not cells[end][0] else end


def _same_look(before: Cell, cell: Cell) -> bool:
    """Whether a cell can follow without any code, in one byte."""
    text, look = cell
    if not text.isascii() or not text:
        return False
    return look == before[1] or (text == " " and blank_like(before[1], look))


def encoded(found: Sequence[Run]) -> str:
    """Return what puts runs on the terminal: line by line or colour by colour, whichever is less."""
    lines = _written(found)
    if sum(len(cells) for _, _, cells in found) > _FEW:
        return lines
    colours = _written(sorted((piece for run in found for piece in _pieces(run)), key=_ground_first))
    return min(lines, colours, key=len)


def _written(found: Iterable[Run]) -> str:
    pen = Pen()
    for x, y, cells in found:
        pen.write(x, y, cells)
    return pen.done()


def _pieces(run: Run) -> Iterator[Run]:
    """Cut a run where its look changes; blanks go with what is around them."""
    x, y, cells = run
    start, look = 0, cells[0][1]
    for at, (text, here) in enumerate(cells):
        if here is look or (text == " " and blank_like(look, here)):
            continue
        if not (look.attributes or look.front) and all(
            c == " " and blank_like(here, its) for c, its in cells[start:at]
        ):
            look = here
            continue
        yield x + start, y, cells[start:at]
        start, look = at, here
    yield x + start, y, cells[start:]


def _ground_first(run: Run) -> tuple[str, tuple[int, ...], str]:
    """Sort by what costs most to change."""
    _, _, cells = run
    look = next((look for text, look in cells if text != " "), cells[0][1])
    return look.back, look.attributes, look.front


def blank_like(now: Look, look: Look) -> bool:
    """Whether a blank that is written in one look is what a blank in another is."""
    return now.back == look.back and not look.attributes and not _SHOWN_ON_BLANKS.intersection(now.attributes)


class Pen:
    """Writes cells; knows where the cursor is and what the next character would look like."""

    def __init__(self) -> None:
        self._look = PLAIN
        self._row = -1
        self._parts: list[str] = []

    def write(self, x: int, y: int, cells: Sequence[Cell]) -> None:
        """Put cells at a place; it is absolute, for terminals differ in how wide they draw some characters."""
        self._parts.append(f"\x1b[{x + 1}G" if y == self._row else f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
        self._row = y
        for text, look in cells:
            if look is not self._look and not (text == " " and blank_like(self._look, look)):
                self._parts.append(change(self._look, look))
                self._look = look
            self._parts.append(text)

    def done(self) -> str:
        """Return what is to be sent; it leaves the terminal's pen as it found it: plain."""
        if self._look != PLAIN:
            self._parts.append("\x1b[m")
        return "".join(self._parts)


def change(old: Look, new: Look) -> str:
    """Return the codes that lead from one look to another."""
    if old == new:
        return ""
    if new == PLAIN:
        return "\x1b[m"
    codes = [str(code) for code in dict.fromkeys(_OFF[one] for one in old.attributes if one not in new.attributes)]
    kept = () if "22" in codes else old.attributes
    codes += [str(one) for one in new.attributes if one not in kept or one not in old.attributes]
    if new.front != old.front:
        codes.append(new.front or "39")
    if new.back != old.back:
        codes.append(new.back or "49")
    return f"\x1b[{';'.join(codes)}m"
