"""Asks for a note."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Label

from tui.draw.clean import clean
from tui.screens.dialog import Dialog


class NoteDialog(Dialog[str]):
    """One line of text; Enter keeps it, Esc does not."""

    def compose(self) -> ComposeResult:
        """A box with an input."""
        with Vertical(classes="box") as box:
            box.border_title = "Note"
            yield Label("for the recording; Enter keeps it, Esc does not", markup=False)
            field = Input(max_length=400, id="text")
            field.cursor_blink = False
            yield field

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the text, or nothing where there is none."""
        self.dismiss(clean(event.value).strip() or None)
