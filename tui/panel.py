"""The one widget: lines that repaint where they changed, so that a still screen sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.diff import changed_span, compact
from tui.lines import EMPTY, Lines

if TYPE_CHECKING:
    from tui.palette import Palette


class Panel(Widget):
    """Shows lines; knows nothing of what they mean."""

    DEFAULT_CSS = "Panel { width: 100%; height: 100%; }"
    ALLOW_SELECT = False

    def __init__(self, palette: Palette, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.palette = palette
        self._lines: Lines = ()

    @property
    def lines(self) -> Lines:
        """What is shown."""
        return self._lines

    def show(self, lines: Lines) -> None:
        """Show lines; only the cells that differ are painted again."""
        before, self._lines = self._lines, tuple(compact(line) for line in lines)
        if len(before) != len(lines):
            self.refresh()
            return
        changed = [
            Region(start, y, end - start, 1)
            for y, (old, new) in enumerate(zip(before, self._lines, strict=True))
            for start, end in (changed_span(old, new),)
            if end > start
        ]
        if changed:
            self.refresh(*changed)

    def recolour(self, palette: Palette) -> None:
        """Draw with another theme."""
        if palette is not self.palette:
            self.palette = palette
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one line in colour."""
        line = self._lines[y] if y < len(self._lines) else EMPTY
        palette = self.palette
        strip = Strip([palette.segment(text, role) for text, role in line])
        return strip.adjust_cell_length(self.size.width, palette.style("text"))
