"""The compare screen: recordings beside each other, read and reckoned beside the screen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.cells import cell_len
from textual.app import ComposeResult

from tui.desk.keys import DeskKeys
from tui.desk.ports import Compared, Comparing, Stopped, Works
from tui.desk.screen import DeskScreen
from tui.desk.sidebyside import LEGEND, Scroll, columns_of, farthest, heading, remarks, row_line, short_names, shown
from tui.draw.clean import clean
from tui.lines import EMPTY, Line, Lines, ends, fit, join, say
from tui.palette import Palette
from tui.panel import Panel
from tui.panels.text import wrap

_SHOW_S = 0.2
"""A line of progress is shown at most so often."""
_WHEEL = 3


class Table(Panel):
    """The table, for the mouse."""

    def on_mouse_scroll_down(self) -> None:
        """Go down."""
        assert isinstance(self.screen, CompareScreen)
        self.screen.scroll(_WHEEL)

    def on_mouse_scroll_up(self) -> None:
        """Go up."""
        assert isinstance(self.screen, CompareScreen)
        self.screen.scroll(-_WHEEL)


class CompareScreen(DeskScreen):
    """A table; Esc leads back to the list."""

    CSS = """
    CompareScreen #head { height: 1; }
    CompareScreen #table { height: 1fr; }
    """
    NAME = "recordings beside each other"

    def __init__(self, works: Works, paths: Sequence[Path], palette: Palette, keys: DeskKeys) -> None:
        super().__init__(palette, keys)
        self._works = works
        self._paths = tuple(paths)
        self._stop = threading.Event()
        self._read: Comparing | None = None
        self._found: Compared | None = None
        self._failed: str | None = None
        self._base, self._everything = 0, False
        self._at = Scroll()
        self._told_s = 0.0
        self._head, self._table = Panel(palette, id="head"), Table(palette, id="table")

    def compose(self) -> ComposeResult:
        """A title, the names of columns, the table, a message, the keys."""
        yield self._title
        yield self._head
        yield self._table
        yield self._message
        yield self._bar

    def on_mount(self) -> None:
        """Begin to read."""
        self._begin(f"reading {len(self._paths)} recordings …")

    def on_unmount(self) -> None:
        """Stop reading."""
        self._stop.set()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self.draw)

    @property
    def found(self) -> Compared | None:
        """What is shown; ``None`` before everything was read."""
        return self._found

    @property
    def at(self) -> Scroll:
        """How far the table is moved."""
        return self._at

    # Beside the screen

    def _begin(self, text: str) -> None:
        """Begin to reckon; what was begun before ends."""
        self._stop.set()
        stop = self._stop = threading.Event()
        base, everything = self._base, self._everything
        self._beside.run("compare", lambda: self._reckon(base, stop, everything=everything), self._take)
        self.say(text, "dim")

    def _reckon(self, base: int, stop: threading.Event, *, everything: bool) -> Compared | str | None:
        """Read what has not been read, and hold it against the base; a text says what went wrong."""

        def watch(text: str) -> None:
            if stop.is_set():
                raise Stopped
            if time.monotonic() - self._told_s >= _SHOW_S:
                self._told_s = time.monotonic()
                self._beside.tell(lambda: self._progress(text))

        try:
            if self._read is None:
                self._read = self._works.read(self._paths, watch)
            return self._read.table(base, everything=everything, watch=watch)
        except Stopped:
            return None
        except ValueError as error:
            return str(error)

    def _progress(self, text: str) -> None:
        if self._beside.runs("compare"):
            self.say(text, "dim")

    def _take(self, result: Compared | str | None) -> None:
        if isinstance(result, str):
            self._failed = result
        elif result is not None:
            self._found, self._failed = result, None
        self.say("")

    # What is shown

    def draw(self) -> None:
        """Draw what changed."""
        width, height = self.size.width, self._table.size.height
        found = self._found
        names = self._names(found, width // 2) if found else f"{len(self._paths)} recordings"
        title = join([say("rooftop", "accent"), say("compare"), say(names, "value")])
        self._title.show((ends(title, join([say(" "), self._corner()], " "), width),))
        self._message.show((self._said,))
        if found is None or not width:
            self._head.show((EMPTY,))
            self._table.show(self._waiting(width, height))
        else:
            self._draw_table(found, width, height)
        self._bar.offer(key for key in self.keys if self.offered(key.id))

    @staticmethod
    def _names(found: Compared, width: int) -> str:
        """Return the names, the base first, without what all begin with where there is no room for that."""
        whole = " | ".join(map(clean, found.names))
        return whole if cell_len(whole) <= width else " | ".join(short_names(found.names, 0).values())

    def _waiting(self, width: int, height: int) -> Lines:
        lines: list[Line] = []
        if self._failed is not None and width:
            lines = [say(line, "bad") for line in wrap(f"✗ {clean(self._failed)}", width, 4)]
            lines.append(say(self.keys.fill("{leave} leads back to the list"), "dim"))
        return tuple(fit(line, width) for line in lines) + (fit(EMPTY, width),) * (height - len(lines))

    def _draw_table(self, found: Compared, width: int, height: int) -> None:
        columns = columns_of(found, width)
        below = remarks(found, width)
        top = max(0, min(self._at.top, len(found.rows) + len(below) - height))
        self._at = Scroll(top, min(self._at.left, farthest(columns, width)))
        left = self._at.left
        self._head.show((heading(found, columns, left, width) if found.rows else EMPTY,))
        rows = tuple(row_line(row, columns, left, width) for row in found.rows[top : top + height])
        rows += below[max(0, top - len(found.rows)) :][: height - len(rows)]
        self._table.show(rows + (fit(EMPTY, width),) * (height - len(rows)))

    def _corner(self) -> Line:
        """Say what lies outside the screen."""
        if self._found is None or not self._found.rows:
            return EMPTY
        columns = columns_of(self._found, self.size.width)
        beyond = len(columns.widths) - shown(columns, self._at.left, self.size.width)
        levels = sum(bool(row.level) for row in self._found.rows)
        return join([
            say(f"{self.keys.first('right')} {beyond} more column{'' if beyond == 1 else 's'}" if beyond else "",
                "warn"),
            say(f"{levels} level{'' if levels == 1 else 's'}", "dim"),
        ])  # fmt: skip

    def offered(self, name: str) -> bool:
        """Return whether a key does something here."""
        return self._found is not None or name in ("theme", "help", "leave")

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """What the help says besides the keys."""
        return tuple(
            (mark, text) for part in LEGEND.partition("; ")[2].split(", ") for mark, _, text in (part.partition(" "),)
        )

    # What keys do

    def act(self, name: str) -> None:
        """Do what a key is declared to do."""
        page = max(1, self._table.size.height - 1)
        acts: dict[str, Callable[[], object]] = {
            "down": lambda: self.scroll(1), "up": lambda: self.scroll(-1),
            "right": lambda: self.scroll(0, 1), "left": lambda: self.scroll(0, -1),
            "page_down": lambda: self.scroll(page), "page_up": lambda: self.scroll(-page),
            "first": lambda: self.scroll(-self._at.top, -self._at.left), "last": lambda: self.scroll(1_000_000),
            "base": self._next_base, "all": self._all, "theme": self.desk.next_theme, "help": self.show_help,
            "leave": self._leave,
        }  # fmt: skip
        acts[name]()

    def scroll(self, rows: int, columns: int = 0) -> None:
        """Move the table."""
        self._at = Scroll(max(0, self._at.top + rows), max(0, self._at.left + columns))
        self.draw()

    def _next_base(self) -> None:
        self._base = (self._base + 1) % len(self._paths)
        self._begin("reckoning …")

    def _all(self) -> None:
        self._everything = not self._everything
        self._begin("reckoning …")

    def _leave(self) -> None:
        self._stop.set()
        self.app.pop_screen()
