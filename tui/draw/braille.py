"""A canvas of braille dots, two by four a cell, for a few series that lie over each other."""

from __future__ import annotations

from collections.abc import Sequence

from tui.lines import Line, Lines

_CHARS = " " + "".join(chr(0x2800 + dots) for dots in range(1, 256))
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


class Canvas:
    """Dots by series; the series drawn last colours a cell that several share. Text lies on top."""

    def __init__(self, width: int, height: int) -> None:
        self.width = max(0, width)
        self.height = max(0, height)
        self._dots = [[0] * self.width for _ in range(self.height)]
        self._roles = [["text"] * self.width for _ in range(self.height)]
        self._text: dict[tuple[int, int], tuple[str, str]] = {}

    def dot(self, x: int, y: int, role: str) -> None:
        """Set the dot ``x`` from the left and ``y`` from the top, in dots."""
        column, row = x // 2, y // 4
        if 0 <= column < self.width and 0 <= row < self.height and x >= 0 and y >= 0:
            self._dots[row][column] |= _DOTS[x % 2][y % 4]
            self._roles[row][column] = role

    def line(self, start: tuple[int, int], end: tuple[int, int], role: str) -> None:
        """Draw a straight line between two dots."""
        (x0, y0), (x1, y1) = start, end
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for step in range(steps + 1):
            self.dot(round(x0 + (x1 - x0) * step / steps), round(y0 + (y1 - y0) * step / steps), role)

    def path(self, points: Sequence[tuple[int, float | None]], role: str) -> None:
        """Join points of x in dots and y as a fraction of the height; ``None`` leaves a gap."""
        last: tuple[int, int] | None = None
        for x, fraction in points:
            if fraction is None:
                last = None
                continue
            here = (x, self.level(fraction))
            self.line(last or here, here, role)
            last = here

    def level(self, fraction: float) -> int:
        """Return the dot row of a fraction of the height, 0 at the bottom."""
        top = self.height * 4 - 1
        return round(top * (1 - min(1.0, max(0.0, fraction))))

    def put(self, x: int, y: int, text: str, role: str) -> None:
        """Write text of narrow characters over the dots, in cells."""
        for at, char in enumerate(text, start=x):
            if 0 <= at < self.width and 0 <= y < self.height:
                self._text[at, y] = (char, role)

    def free(self, x: int, y: int) -> bool:
        """Whether a cell is still empty."""
        return (x, y) not in self._text and not self._dots[y][x]

    def lines(self) -> Lines:
        """Return what was drawn."""
        texts: list[dict[int, tuple[str, str]]] = [{} for _ in range(self.height)]
        for (x, y), written in self._text.items():
            texts[y][x] = written
        return tuple(self._row(y, text) for y, text in enumerate(texts))

    def rows(self) -> list[str]:
        """Return the dots alone, without roles."""
        return ["".join([_CHARS[dots] for dots in row]) for row in self._dots]

    def _row(self, y: int, text: dict[int, tuple[str, str]]) -> Line:
        if not text and not any(self._dots[y]):
            return ((" " * self.width, "text"),) if self.width else ()
        cells = [
            (_CHARS[dots], role if dots else "text") for dots, role in zip(self._dots[y], self._roles[y], strict=True)
        ]
        for x, written in text.items():
            cells[x] = written
        spans: list[tuple[str, str]] = []
        begin, held = 0, cells[0][1]
        for x, (char, role) in enumerate(cells):
            if role != held and (char != " " or "/" in held):
                spans.append(("".join([one for one, _ in cells[begin:x]]), held))
                begin, held = x, role
        spans.append(("".join([one for one, _ in cells[begin:]]), held))
        return tuple(spans)
