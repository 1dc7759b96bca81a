"""Shows keys and what they do, as they are declared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.desk.keys import DeskKey
from tui.draw.frame import Frame, framed
from tui.lines import Block, Line, pad, say
from tui.palette import Palette
from tui.panel import Panel
from tui.screens.dialog import Dialog

_WIDEST = 72
_KEYS = 12


class KeyHelp(Dialog[None]):
    """A list of keys; it scrolls where the terminal is low."""

    DEFAULT_CSS = "KeyHelp > Panel { max-width: 72; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,q,enter,f1", "close", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
        Binding("pagedown,space", "scroll(10)", show=False),
    ]

    def __init__(
        self, palette: Palette, title: str, keys: Iterable[DeskKey], more: Iterable[tuple[str, str]] = ()
    ) -> None:
        super().__init__()
        self._panel = Panel(palette)
        self._title = title
        pairs = [*((key.show, key.help) for key in keys if key.help), *more]
        self._texts: tuple[Line, ...] = tuple(((pad(show, _KEYS), "key"), (text, "text")) for show, text in pairs)
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
        width = min(_WIDEST, self.size.width)
        height = min(len(self._texts) + 2, self.size.height)
        room = max(0, height - 2)
        self._top = max(0, min(self._top, len(self._texts) - room))
        more = "↑ ↓ scroll, Esc closes" if len(self._texts) > room else "Esc closes"
        block = Block(self._texts[self._top :], say(self._title, "accent"), say(more, "dim"))
        self._panel.styles.height = height
        self._panel.show(framed(block, width, height, Frame.BOX))
