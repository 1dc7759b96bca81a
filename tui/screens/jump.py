"""Asks where to go to in a recording."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Label

from tui.draw.fmt import clock
from tui.jump import EXAMPLES, MOST_CHARS, read_time
from tui.screens.dialog import Dialog


class JumpDialog(Dialog[float]):
    """One time, checked while it is typed."""

    DEFAULT_CSS = "JumpDialog .box > #wrong.fine { color: $rooftop-dim; }"

    def __init__(self, position_s: float, duration_s: float) -> None:
        super().__init__()
        self._position_s = position_s
        self._duration_s = duration_s

    def compose(self) -> ComposeResult:
        """A box with an input and a line for what is wrong, or for what it means."""
        with Vertical(classes="box") as box:
            box.border_title = f"Go to a time, at {clock(self._position_s)} of {clock(self._duration_s)}"
            yield Label(EXAMPLES, markup=False)
            field = Input(max_length=MOST_CHARS, id="time")
            field.cursor_blink = False
            yield field
            yield Label("", id="wrong", markup=False)
            yield Label("Enter goes there, Esc stays", markup=False)

    def on_input_changed(self) -> None:
        """Say at once what is wrong, and what is meant where it is right."""
        found = self._found()
        label = self.query_one("#wrong", Label)
        label.update(found if isinstance(found, str) else f"→ {clock(found)}")
        label.set_class(not isinstance(found, str), "fine")

    def on_input_submitted(self) -> None:
        """Go there where it is a time; an empty field stays."""
        found = self._found()
        if not isinstance(found, str):
            self.dismiss(found)
        elif not self.query_one("#time", Input).value.strip():
            self.dismiss(None)
        else:
            self.on_input_changed()

    def _found(self) -> float | str:
        return read_time(self.query_one("#time", Input).value, self._position_s, self._duration_s)
