"""Shows the help."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult

from tui.draw.frame import Frame, framed
from tui.helptext import help_lines
from tui.keys import Keymap
from tui.lines import Block, say
from tui.palette import Palette
from tui.panel import Panel
from tui.screens.dialog import Dialog

_WIDEST = 100
_FAR = 10_000


class HelpDialog(Dialog[None]):
    """The keys and how to read the screen; it scrolls where the terminal is low."""

    DEFAULT_CSS = "HelpDialog > Panel { max-width: 100; }"

    def __init__(self, palette: Palette, keymap: Keymap, *, replay: bool) -> None:
        super().__init__()
        self._panel = Panel(palette)
        self._keymap = keymap
        self._replay = replay
        self._top = 0

    def compose(self) -> ComposeResult:
        """One panel."""
        yield self._panel

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._draw()

    def on_key(self, event: events.Key) -> None:
        """Scroll by the keys of lists; the keys that open the help and that quit close it, as Esc does."""
        scrolls = {"row_up": -1, "choose_up": -1, "row_down": 1, "choose_down": 1, "page_up": -10, "page_down": 10,
                   "first_row": -_FAR, "last_row": _FAR}  # fmt: skip
        by = next((by for name, by in scrolls.items() if event.key in self._keymap.keys_of(name)), 0)
        if by:
            self._scroll(by)
        elif any(event.key in self._keymap.keys_of(name) for name in ("help", "quit", "enter")):
            event.stop()
            self.dismiss(None)

    def on_mouse_scroll_up(self) -> None:
        """Move the text."""
        self._scroll(-3)

    def on_mouse_scroll_down(self) -> None:
        """Move the text."""
        self._scroll(3)

    def _scroll(self, by: int) -> None:
        self._top += by
        self._draw()

    def _draw(self) -> None:
        """Leave the header of the board free: its banners stay in sight."""
        width = min(_WIDEST, self.size.width)
        lines = help_lines(max(0, width - 4), self._keymap, replay=self._replay)
        height = min(len(lines) + 2, max(0, self.size.height - 2))
        room = max(0, height - 2)
        self._top = max(0, min(self._top, len(lines) - room))
        keys = " ".join(self._keymap.first(name) for name in ("choose_up", "choose_down", "page_down"))
        more = f"{keys} scroll, Esc closes" if len(lines) > room else "Esc closes"
        block = Block(lines[self._top :], say("rooftop: help", "accent"), say(more, "dim"))
        self._panel.styles.height = height
        self._panel.show(framed(block, width, height, Frame.BOX))
