"""Shows the help."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.draw.frame import Frame, framed
from tui.helptext import help_lines
from tui.keys import Keymap
from tui.lines import Block, say
from tui.palette import Palette
from tui.panel import Panel
from tui.screens.dialog import Dialog

_WIDEST = 100


class HelpDialog(Dialog[None]):
    """The keys and how to read the screen; it scrolls where the terminal is low."""

    DEFAULT_CSS = "HelpDialog > Panel { max-width: 100; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,q,enter", "close", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
        Binding("pagedown,space", "scroll(10)", show=False),
    ]

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

    def action_scroll(self, by: int) -> None:
        """Move the text."""
        self._top += by
        self._draw()

    def _draw(self) -> None:
        """Leave the header of the board free: its banners stay in sight."""
        width = min(_WIDEST, self.size.width)
        lines = help_lines(max(0, width - 4), self._keymap, replay=self._replay)
        height = min(len(lines) + 2, max(0, self.size.height - 2))
        room = max(0, height - 2)
        self._top = max(0, min(self._top, len(lines) - room))
        more = "↑ ↓ scroll, Esc closes" if len(lines) > room else "Esc closes"
        block = Block(lines[self._top :], say("rooftop: help", "accent"), say(more, "dim"))
        self._panel.styles.height = height
        self._panel.show(framed(block, width, height, Frame.BOX))
