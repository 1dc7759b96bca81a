"""A Textual app that sends a terminal only the cells that differ from what it shows already.

Textual sends each run of colour that a repaint touches, with its colours spelt out and reset after it. Over a thin line
that is most of what a screen costs; here what the terminal shows is remembered, and a digit that changed is one move of
the cursor and one byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Generic

from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from textual import events
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App, ReturnType
from textual.screen import Screen

from tui.terminal_cells import Cell, Looks, Run, cells_of, encoded, runs

_Piece = tuple[int, int, Iterable[Segment]]
"""Column, row, and what is to be there."""


class Ready(CompositorUpdate):
    """An update that is bytes already."""

    def __init__(self, text: str) -> None:
        self._text = text

    def render_segments(self, console: Console) -> str:
        """Return the bytes as text."""
        del console
        return self._text


class Shown:
    """What the terminal shows, as far as it is known."""

    def __init__(self) -> None:
        self._size = (0, 0)
        self._rows: list[list[Cell | None]] = []
        self._looks: Looks | None = None

    def forget(self) -> None:
        """Take nothing for granted: whatever comes next is sent in full."""
        self._size = (0, 0)

    def changed(self, update: CompositorUpdate, size: tuple[int, int], colours: ColorSystem) -> str | None:
        """Return what to send so that the terminal shows an update; ``None`` for one of an unknown kind."""
        found = pieces(update)
        if found is None:
            self.forget()
            return None
        if size != self._size:
            self._size = size
            self._rows = [[None] * size[0] for _ in range(size[1])]
        if self._looks is None:
            self._looks = Looks(colours)
        sent: list[Run] = []
        for x, y, segments in found:
            if y < len(self._rows):
                sent.extend(self._put(x, y, cells_of(segments, self._looks)))
        return encoded(sent) if sent else ""

    def _put(self, x: int, y: int, cells: list[Cell]) -> list[Run]:
        """Remember cells; return those that the terminal does not show yet."""
        row = self._rows[y]
        cells = cells[: len(row) - x]
        old = row[x : x + len(cells)]
        if old == cells:
            return []
        row[x : x + len(cells)] = cells
        return [(x + start, y, cells[start:end]) for start, end in runs(old, cells)]


def pieces(update: CompositorUpdate) -> Iterator[_Piece] | None:
    """Return the parts of an update of Textual's, from the top left to the bottom right."""
    if isinstance(update, LayoutUpdate):
        return _whole(update)
    return _parts(update) if isinstance(update, ChopsUpdate) else None


def _whole(update: LayoutUpdate) -> Iterator[_Piece]:
    for y, strips in enumerate(update.strips, update.region.y):
        yield update.region.x, y, [segment for strip in strips for segment in strip]


def _parts(update: ChopsUpdate) -> Iterator[_Piece]:
    for y, left, right in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x <= right and end > left:
                yield x, y, strip.crop(0, min(end, right) - x)


class ThinApp(App[ReturnType], Generic[ReturnType]):
    """An app whose terminal gets differences."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = Shown()

    def on_mount(self) -> None:
        """Know when the terminal was somebody else's for a while."""
        self.app_resume_signal.subscribe(self, lambda _: self._shown.forget())

    def on_resize(self, event: events.Resize) -> None:
        """Take a terminal of another size to show anything at all."""
        del event
        self._shown.forget()

    def action_redraw(self) -> None:
        """Send the whole screen, whatever was written over it."""
        self._shown.forget()
        self.refresh(layout=True)

    def _display(self, screen: Screen[object], renderable: Any) -> None:
        """Replace a repaint by what it changes; one that changes nothing sends nothing."""
        if isinstance(renderable, CompositorUpdate) and self._sends():
            colours = self.console._color_system or ColorSystem.TRUECOLOR
            text = self._shown.changed(renderable, (self.size.width, self.size.height), colours)
            if text is not None:
                renderable = Ready(text) if text else None
        super()._display(screen, renderable)

    def _sends(self) -> bool:
        """Whether Textual would send an update now; what it drops must not be remembered."""
        driver = self._driver
        if driver is None or driver.is_headless or driver.is_inline:
            return False
        return self._running and not (self._closed or self._batch_count)
